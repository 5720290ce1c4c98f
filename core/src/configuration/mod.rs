//! The configuration file of a pipeline: what is built, and which stacks go to which environment.
//!
//! - [`Configuration`]: a file without a fault
//! - [`read`]: the file, or every problem of it with path, line and column
//! - [`context`]: what a CDK application has to find in `cdk.json`
//! - [`tools`]: which programs the build calls
//! - [`permissions`]: what the credentials of a deployment have to be allowed
//!
//! Nothing is opened or run here.

pub mod context;
pub mod permissions;
mod reader;
#[cfg(test)]
mod tests;
pub mod tools;
mod yaml;

use std::fmt;

use crate::base::violation::Violation;
use crate::environment::{Stacks, TestCommands};
use crate::{AccountId, AwsRegion, KnownRegions};

pub use crate::base::yaml::Position;
pub use reader::EnvironmentLabel;

/// The version of the format.
pub const VERSION: &str = "1.0";

/// A configuration without a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Configuration {
    /// The commands of the build, in order.
    pub build: Vec<String>,
    /// The environments, in the order in which they are deployed to.
    pub environments: Vec<ConfiguredEnvironment>,
}

/// An environment of a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfiguredEnvironment {
    /// Its name.
    pub name: EnvironmentLabel,
    /// Where its stacks are deployed.
    pub region: AwsRegion,
    /// The account that they are deployed to.
    pub account: AccountId,
    /// The stacks, in the order in which they are deployed.
    pub stacks: Stacks,
    /// The commands that test the environment afterwards.
    pub tests: TestCommands,
}

/// Something that is wrong with a file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// What is wrong, with the path of the value.
    pub violation: Violation,
    /// Where it stands; `None` of what stands nowhere.
    pub at: Option<Position>,
}

impl Problem {
    /// A problem that stands nowhere in the file: with what is around it.
    #[must_use]
    pub const fn elsewhere(violation: Violation) -> Self {
        Self { violation, at: None }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Position { line, column }) = self.at {
            write!(f, "line {line}, column {column}: ")?;
        }
        self.violation.fmt(f)
    }
}

/// What was read: the configuration, where nothing is wrong, and all that is wrong or odd.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reading {
    /// The configuration, if it has no error.
    pub configuration: Option<Configuration>,
    /// Errors and warnings, in the order of the file.
    pub problems: Vec<Problem>,
}

/// Reads a configuration file. Regions are those of `known`.
///
/// All problems are told at once, each with its place; only a text that is no YAML has a single one, because
/// nothing can be known of what follows.
#[must_use]
pub fn read(text: &str, known: &KnownRegions) -> Reading {
    reader::read(text, known)
}
