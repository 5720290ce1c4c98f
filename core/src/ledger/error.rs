//! What can go wrong with the ledger.

use std::fmt;

use thiserror::Error;

use crate::RefName;
use crate::git::{CommitError, GitError, ObjectId};
use crate::record::RecordError;

/// Why records could not be read or staged.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// Git failed.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A transaction did not happen.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// Records that are there are not what they should be.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Unreadable(Vec<Unreadable>),
    /// A ref stands where git would have to make a folder, or the other way round.
    #[error(
        "git cannot store the record {name} beside the ref {other:?}, because it stores no ref below another"
    )]
    NoRoom {
        /// The ref of the record.
        name: RefName,
        /// The one that is in the way.
        other: String,
    },
    /// Something has a name that no ref can have.
    #[error("the ledger cannot keep {name:?}: it is no valid ref name (TAG013)")]
    InvalidName {
        /// The ref name that it would have.
        name: String,
    },
}

impl LedgerError {
    /// Whether something that was listed could not be had. Mostly it moved on in between: a new
    /// listing shows where.
    #[must_use]
    pub const fn may_have_moved(&self) -> bool {
        self.missing().is_some()
    }

    /// The object that was listed and could not be had.
    #[must_use]
    pub const fn missing(&self) -> Option<ObjectId> {
        match self {
            Self::Git(GitError::MissingObject { id, .. } | GitError::MissingRecord { id, .. }) => {
                Some(*id)
            }
            _ => None,
        }
    }
}

/// A record that cannot be read or written, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The ref.
    pub name: RefName,
    /// What is wrong.
    pub error: RecordError,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.error)
    }
}
