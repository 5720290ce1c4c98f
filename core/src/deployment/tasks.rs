//! What became of the migrations and the tests of a deployment, as its record has it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::MigrationStatus;
use crate::run::junit::JunitReport;

/// The migrations of a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MigrationsRun {
    /// All that the deployment has, in order.
    pub names: Vec<String>,
    /// Those that ran and came to a good end, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub applied: Vec<String>,
    /// Those of them that were rolled back, in the order in which that was done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rolled_back: Vec<String>,
    /// What became of them (TSK002); absent while they run, and where nobody can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<MigrationStatus>,
}

impl MigrationsRun {
    /// Of these nothing is known but that they begin; nothing where there are none.
    #[must_use]
    pub fn begun(names: Vec<String>) -> Option<Self> {
        let begun = Self { names, applied: Vec::new(), rolled_back: Vec::new(), status: None };
        (!begun.names.is_empty()).then_some(begun)
    }

    /// The same ones, after these came to a good end; `whole` where none failed and nothing interrupted.
    pub(crate) fn ended(&mut self, applied: Vec<String>, whole: bool) {
        self.applied = applied;
        let status = if whole { MigrationStatus::Success } else { MigrationStatus::Failed };
        self.status = Some(status);
    }

    /// The same ones, after these were rolled back. What failed itself stays failed.
    pub(crate) fn reverted(&mut self, names: Vec<String>) {
        let is_whole = !names.is_empty() && names.len() == self.applied.len();
        self.rolled_back = names;
        if is_whole && self.status == Some(MigrationStatus::Success) {
            self.status = Some(MigrationStatus::RolledBack);
        }
    }

    /// Whether it is unknown how far they came: whoever ran them is gone.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        self.status.is_none()
    }
}

/// The tests of a deployment: the tests that their reports tell of, or else the commands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestsRun {
    /// How many passed.
    pub passed: u64,
    /// How many did not.
    pub failed: u64,
    /// How many did not run.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub skipped: u64,
}

impl TestsRun {
    /// How many ran: those that were skipped did not (RES002).
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.passed.saturating_add(self.failed)
    }

    /// Whether all that ran passed.
    #[must_use]
    pub const fn all_passed(&self) -> bool {
        self.failed == 0
    }

    /// The tests of a report instead of the commands that ran them. A command that failed, of which no report
    /// tells why, has failed all the same.
    #[must_use]
    pub(crate) fn reported(self, report: &JunitReport) -> Self {
        let failed = if report.failed == 0 { self.failed } else { report.failed };
        Self { passed: report.passed, failed, skipped: report.skipped }
    }
}

impl fmt::Display for TestsRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { passed, failed, skipped } = self;
        match failed {
            0 => write!(f, "{passed} passed")?,
            _ => write!(f, "{failed} of {} failed", self.count())?,
        }
        if *skipped > 0 { write!(f, ", {skipped} skipped") } else { Ok(()) }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_failed_without_a_word_has_failed() {
        let commands = TestsRun { passed: 1, failed: 1, skipped: 0 };
        let report = JunitReport { passed: 7, skipped: 2, ..JunitReport::default() };
        let all = commands.reported(&report);
        assert_eq!((all.passed, all.failed, all.skipped, all.count()), (7, 1, 2, 8));
        assert_eq!(all.to_string(), "1 of 8 failed, 2 skipped");
        let told = commands.reported(&JunitReport { failed: 3, ..report });
        assert_eq!((told.failed, told.count()), (3, 10));
    }
}
