//! A pipeline: its name, and what the first run that used the name said of it.
//!
//! What its runs did is in [`record`](super::record).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::RunId;
use crate::base::revision::{BranchName, component_fault};
use crate::base::rule::RuleId;
use crate::base::violation::{FieldPath, Findings, Violation, Violations, quoted};
use crate::record::Record;
use crate::{Actor, Timestamp};

/// The longest name, in bytes: git files it as one part of a ref.
const LONGEST: usize = 100;

/// The name of a pipeline, such as `production-deploy`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PipelineName(String);

impl FromStr for PipelineName {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        let fault = match text {
            _ if text.len() > LONGEST => Some(format!("it is longer than {LONGEST} bytes")),
            _ if text.contains('/') => Some("it contains a slash".to_owned()),
            _ if text == "@" => Some("`@` alone means HEAD".to_owned()),
            _ if text.ends_with('.') => Some("it ends with a dot".to_owned()),
            _ => component_fault(text),
        };
        let Some(fault) = fault else { return Ok(Self(text.to_owned())) };
        let expected = format!("a name that can be one part of a git ref, but {fault}");
        let next = "Write a name such as `production-deploy`.";
        Err(Violation::new(RuleId::RUN001, quoted(text), expected, next).into())
    }
}

impl fmt::Display for PipelineName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

closed_list! {
    /// What starts a run.
    pub enum Trigger breaks RUN006 {
        /// Commits were pushed.
        Push = "push",
        /// A person asked for it.
        Manual = "manual",
        /// The time came.
        Schedule = "schedule",
    }
}

/// Who has a name in this repository: the record of the first run that used it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pipeline {
    /// Its name.
    pub name: PipelineName,
    /// What starts its runs.
    pub trigger: Trigger,
    /// The branch that they build.
    pub branch: BranchName,
    /// When the name was claimed.
    pub claimed_at: Timestamp,
    /// Who claimed it.
    pub claimed_by: Actor,
}

impl Record for Pipeline {
    const KIND: &'static str = "pipeline";
    const SHELF: &'static str = "pipelines";

    fn key(&self) -> Option<String> {
        Some(self.name.to_string())
    }
}

/// One run of one pipeline, as `<name>/<run ID>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunKey {
    /// The pipeline.
    pub name: PipelineName,
    /// The run.
    pub run_id: RunId,
}

impl FromStr for RunKey {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        let (name, run_id) = text.rsplit_once('/').unwrap_or(("", text));
        let mut findings = Findings::new();
        let name = findings.take(FieldPath::root(), name.parse());
        let run_id = findings.take(FieldPath::root(), run_id.parse());
        match (name, run_id) {
            (Some(name), Some(run_id)) => Ok(Self { name, run_id }),
            _ => Err(findings.fail()),
        }
    }
}

impl fmt::Display for RunKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.name, self.run_id)
    }
}

text_serde!(PipelineName, RunKey);
