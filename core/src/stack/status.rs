//! What the status of a stack means.

use std::fmt;

/// The status of a stack, in CloudFormation's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackStatus(String);

/// How the last operation of a stack ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StackOutcome {
    /// The stack is as it should be.
    Succeeded,
    /// It is as it was before, or neither.
    Failed,
    /// The operation goes on.
    InProgress,
    /// The word is not known here.
    Unknown,
}

impl StackStatus {
    /// A status by its word.
    #[must_use]
    pub fn new(word: &str) -> Self {
        Self(word.to_owned())
    }

    /// The word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it means. A rollback that is complete is a failed operation.
    #[must_use]
    pub fn outcome(&self) -> StackOutcome {
        match self.0.as_str() {
            // The old resources are still being removed, but nothing can fail any more.
            "CREATE_COMPLETE"
            | "UPDATE_COMPLETE"
            | "IMPORT_COMPLETE"
            | "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS" => StackOutcome::Succeeded,
            // What was deleted is not deployed, however well that went.
            "DELETE_COMPLETE"
            | "ROLLBACK_COMPLETE"
            | "UPDATE_ROLLBACK_COMPLETE"
            | "IMPORT_ROLLBACK_COMPLETE"
            | "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS" => StackOutcome::Failed,
            word if word.ends_with("_FAILED") => StackOutcome::Failed,
            word if word.ends_with("_IN_PROGRESS") => StackOutcome::InProgress,
            _ => StackOutcome::Unknown,
        }
    }
}

impl fmt::Display for StackStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
