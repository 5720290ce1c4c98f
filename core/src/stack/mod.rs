//! A stack of CloudFormation, and how its last operation ended.
//!
//! - [`StackStatus`]: what a status means; one that nobody knows means nothing
//! - [`StackEvent`]: what happened, and where an operation began
//! - [`TemplateOutputs`]: which outputs show what the template hides
//! - [`Declared`]: the parameters and resources of a template
//! - [`ResourceChange`]: what a change set would do
//! - [`StackReport`]: all of it together, as document 004's result of a deployment
//!
//! Nothing is called here, and no secret gets past the report.

mod changes;
mod declared;
mod event;
mod report;
pub mod rules;
mod source;
mod status;
mod template;

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use crate::base::rule::RuleId;
use crate::base::violation::{Violation, Violations, quoted};

pub use changes::{ResourceAction, ResourceChange, check_declared, check_protected};
pub use declared::{Declared, Parameter};
pub use event::StackEvent;
pub use report::StackReport;
pub use source::TemplateSource;
pub use status::{Readiness, StackOutcome, StackStatus};
pub use template::TemplateOutputs;

/// The name of a stack, or its ARN, by which stacks are found that were deleted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StackName(String);

impl StackName {
    /// The name or ARN.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for StackName {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        let arn = text.starts_with("arn:") && text.contains(":cloudformation:");
        let name = text.split(':').next_back().and_then(|last| last.strip_prefix("stack/"));
        let name = if arn { name.and_then(|path| path.split('/').next()) } else { Some(text) };
        if name.is_some_and(is_name) {
            return Ok(Self(text.to_owned()));
        }
        let expected = "the name of a stack: letters, digits and hyphens, with a letter in front";
        let next = "Take it from `aws cloudformation list-stacks`, or write the ARN of the stack.";
        Err(Violation::new(RuleId::OWN035, quoted(text), expected, next).into())
    }
}

/// The name of a stack that is deployed, which may not be there yet: never an ARN.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OwnStackName(String);

impl OwnStackName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for OwnStackName {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        if is_name(text) {
            return Ok(Self(text.to_owned()));
        }
        let expected = "the name of a stack: letters, digits and hyphens, with a letter in front";
        let next = "Write a name such as `app-staging`.";
        Err(Violation::new(RuleId::OWN035, quoted(text), expected, next).into())
    }
}

impl fmt::Display for OwnStackName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

text_serde!(OwnStackName);

fn is_name(text: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    text.len() <= 128
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(letters)
}

impl fmt::Display for StackName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

text_serde!(StackName);

/// A stack as CloudFormation describes it.
#[derive(Clone, PartialEq, Eq)]
pub struct StackDescription {
    /// Its ARN.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its status.
    pub status: StackStatus,
    /// Why it has that status.
    pub reason: Option<String>,
    /// Key and value of each output, secrets among them.
    pub outputs: Vec<(String, String)>,
    /// The parameters that its template hides (`NoEcho`); `None`: nobody says which.
    pub hidden_parameters: Option<BTreeSet<String>>,
}

/// The outputs may hold secrets, so only their keys are told.
impl fmt::Debug for StackDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<&str> = self.outputs.iter().map(|(key, _)| key.as_str()).collect();
        write!(f, "StackDescription({}, {}, outputs {keys:?})", self.id, self.status)
    }
}

#[cfg(test)]
mod tests;
