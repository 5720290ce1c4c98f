//! Git: the one truth, read and changed.
//!
//! This folder is the vocabulary: names of objects, refs at one moment, transactions, errors. With
//! the feature `git`, a [`Repository`] speaks it. Objects and revisions are read with libgit2;
//! whatever crosses to a remote is the system's `git`, so that credentials, SSH and proxies work as
//! in a person's own `git push`. A repository shares one [`Snapshot`] of the refs among all who ask,
//! and carries out [`Transaction`]s: with a remote by pushes under leases, without one by git's own
//! ref transaction.
//!
//! Left out: worktrees, the index, merging, signing. Nothing here writes a branch or a tag in a
//! person's clone, or knows what the refs mean.

mod commit_error;
mod error;
mod file;
mod object_id;
mod obstacle;
mod record;
#[cfg(feature = "git")]
pub(crate) mod repository;
mod snapshot;
mod tag;
pub(crate) mod transaction;

pub use crate::base::cause::Cause;
pub use crate::base::published::Published;
pub use commit_error::{CommitError, Conflict, Rejection};
pub use error::{GitError, RevisionFault, UnbornHead};
pub use file::{FileEntry, FileKind, ListEntry, ListedKind};
pub use object_id::{InvalidObjectId, ObjectId};
pub use obstacle::Obstacle;
pub use record::{DEFAULT_LEDGER_PREFIX, StoredRecord};
#[cfg(feature = "git")]
pub use repository::{
    CallEnd, GitCall, Interruption, LocalBranch, NewCommit, Observer, Repository, Settings, Sleep,
};
#[cfg(feature = "git")]
pub(crate) use snapshot::is_below;
pub use snapshot::{RefTarget, Snapshot};
pub use tag::{Signature, TagObject};
pub(crate) use transaction::{RefUpdate, Transaction};
