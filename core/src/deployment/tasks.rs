//! What became of the migrations and the tests of a deployment, as its record has it.

use serde::{Deserialize, Serialize};

use super::MigrationStatus;

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

/// The tests of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestsRun {
    /// How many passed.
    pub passed: u64,
    /// How many did not.
    pub failed: u64,
}
