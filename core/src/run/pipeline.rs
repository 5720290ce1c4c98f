//! A pipeline: its name, and what the first run that used the name said of it.
//!
//! What its runs did is in [`record`](super::record).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::RunId;
use crate::base::foreign::hidden_fault;
use crate::base::revision::{BranchName, CommitSha, ref_fault};
use crate::base::rule::RuleId;
use crate::base::violation::{FieldPath, Findings, Violation, Violations, quoted};
use crate::record::Record;
use crate::{Actor, Timestamp};

/// The longest name, in bytes.
const LONGEST: usize = 100;

checked_text! {
    /// The name of a pipeline, such as `production-deploy`: one part of a git ref.
    pub struct PipelineName checked by check_name
}

impl PipelineName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn check_name(name: &str) -> Result<(), Violation> {
    let fault = match name {
        _ if name.len() > LONGEST => Some(format!("it is longer than {LONGEST} bytes")),
        _ if name.contains('/') => Some("it contains a slash".to_owned()),
        _ => ref_fault(name).or_else(|| hidden_fault(name)),
    };
    let Some(fault) = fault else { return Ok(()) };
    let expected = format!("a name that can be one part of a git ref, but {fault}");
    let next = "Write a name such as `production-deploy`.";
    Err(Violation::new(RuleId::RUN001, quoted(name), expected, next))
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

/// The commit that a run builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunCommit(pub CommitSha);

impl FromStr for RunCommit {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        text.parse().map(Self).map_err(|fault: Violations| fault.as_rule(RuleId::RUN002))
    }
}

impl fmt::Display for RunCommit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
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
        let Some((name, run_id)) = text.rsplit_once('/') else {
            let expected = "the name of a pipeline, `/` and the ID of its run";
            let next = "Write an ID such as `production-deploy/run-20251020-143045-k8m3q2`.";
            return Err(Violation::new(RuleId::RUN020, quoted(text), expected, next).into());
        };
        let mut findings = Findings::new();
        let name = findings.take(FieldPath::root(), name.parse());
        let run_id = findings.take(FieldPath::root(), run_id.parse());
        match name.zip(run_id) {
            Some((name, run_id)) => Ok(Self { name, run_id }),
            None => Err(findings.fail()),
        }
    }
}

impl fmt::Display for RunKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.name, self.run_id)
    }
}

text_serde!(RunCommit, RunKey);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_without_a_slash_is_told_as_a_whole() {
        let told = "production-deploy".parse::<RunKey>().unwrap_err().to_string();
        assert!(told.contains("found `production-deploy`; expected the name"), "{told}");
        assert!(!told.contains("empty"), "{told}");
    }
}
