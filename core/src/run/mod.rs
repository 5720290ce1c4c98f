//! A run of a pipeline: its ID, its steps, how its tests went, and what is recorded of it.
//!
//! What a run logs while it goes on is in [`run_log`](crate::run_log).

pub mod attempts;
mod dialect;
pub mod junit;
mod pipeline;
mod record;
mod result;
pub mod rules;
mod steps;
mod survey;
pub mod test_execution;

use std::fmt;
use std::str::FromStr;

use crate::Timestamp;
use crate::base::id::stamp;
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, Violations, quoted};

pub use dialect::{Printed, ToldRun};
pub use pipeline::{Pipeline, PipelineName, RunCommit, RunKey, Trigger};
pub use record::{Invocation, PipelineRun, PipelineRunParts, Profile, RunRecord, RunStatus};
pub use result::{BuildResult, Stage, StageStatus, TestResult};
pub use survey::{newest, runs, survey};
pub use test_execution::{TestExecution, TestExecutionParts, TestStatus, TestType};

/// What the ID of a run begins with.
const PREFIX: &str = "run-";

/// How many bytes the ID of a run has.
const LENGTH: usize = "run-YYYYMMDD-HHMMSS-xxxxxx".len();

/// The ID that all entries of a run share, such as `run-20251020-143045-k8m3q2`.
///
/// IDs sort by the time they were made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId([u8; LENGTH]);

impl RunId {
    /// The ID.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // It is ASCII, or it would not have been read.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// When the run began, as the ID says.
    #[must_use]
    pub fn began_at(&self) -> Option<Timestamp> {
        stamp(self.as_str(), PREFIX)
    }

    /// Whether the time in it is no time of a run that has begun by `now`.
    #[must_use]
    pub fn is_beyond(&self, now: Timestamp) -> bool {
        self.began_at().is_none_or(|began| began.is_beyond(now))
    }

    /// The six characters at its end.
    #[must_use]
    pub fn suffix(&self) -> &str {
        self.as_str().get(LENGTH - 6..).unwrap_or_default()
    }
}

impl FromStr for RunId {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        if stamp(text, PREFIX).is_some()
            && let Ok(id) = text.as_bytes().try_into()
        {
            return Ok(Self(id));
        }
        let expected = "`run-YYYYMMDD-HHMMSS-xxxxxx` with a real date and time and six lower-case \
                        letters or digits";
        let next = "Make the ID once, when the run begins, such as `run-20251020-143045-k8m3q2`.";
        Err(Violation::new(RuleId::RUN020, quoted(text), expected, next).into())
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

text_serde!(RunId);

closed_list! {
    /// A step of a run, in the order in which runs take them.
    pub enum StepName breaks LOG007 {
        /// The run begins.
        Init = "init",
        /// The tools that it needs are looked for.
        EnvCheck = "env-check",
        /// Source code is checked.
        Lint = "lint",
        /// Unit tests run.
        TestUnit = "test-unit",
        /// Integration tests run.
        TestIntegration = "test-integration",
        /// Tests of the whole run.
        TestE2e = "test-e2e",
        /// What will be deployed is built.
        Build = "build",
        /// What is left over is removed.
        Cleanup = "cleanup",
        /// The run is over.
        Complete = "complete",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_runs_have_a_real_date_and_time() {
        let id = "run-20251020-143045-k8m3q2";
        let read = id.parse::<RunId>().unwrap();
        assert_eq!((read.to_string().as_str(), read.suffix()), (id, "k8m3q2"));
        assert_eq!(read.began_at().unwrap().to_string(), "2025-10-20T14:30:45Z");
        for bad in
            ["run-20251320-143045-k8m3q2", "run-20251020-143045-K8M3Q2", "run-1", "", "run-ä"]
        {
            assert!(bad.parse::<RunId>().unwrap_err().breaks(RuleId::RUN020), "{bad}");
        }
    }
}
