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

/// What can be done with a stack of some status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// It is made: there is none, or one of which nothing was made yet.
    Create,
    /// It is changed.
    Update,
    /// Somebody changes it just now.
    Busy,
    /// It takes no change before somebody mends it; how, as a sentence.
    Stuck(&'static str),
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

    /// Whether an operation goes on, its cleaning up included.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        self.0.ends_with("_IN_PROGRESS")
    }

    /// What can be done with the stack.
    #[must_use]
    pub fn readiness(&self) -> Readiness {
        match self.0.as_str() {
            "DELETE_COMPLETE" | "REVIEW_IN_PROGRESS" => Readiness::Create,
            "CREATE_COMPLETE"
            | "UPDATE_COMPLETE"
            | "IMPORT_COMPLETE"
            | "UPDATE_ROLLBACK_COMPLETE"
            | "IMPORT_ROLLBACK_COMPLETE" => Readiness::Update,
            "ROLLBACK_COMPLETE" => Readiness::Stuck(
                "Its creation failed, and such a stack takes no change: see its events, then delete it with \
                 `aws cloudformation delete-stack`.",
            ),
            "UPDATE_ROLLBACK_FAILED" => Readiness::Stuck(
                "See its events, mend what they name, then go on with \
                 `aws cloudformation continue-update-rollback`.",
            ),
            word if word.ends_with("_IN_PROGRESS") => Readiness::Busy,
            _ => Readiness::Stuck("See its events, then mend it, or delete it."),
        }
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
