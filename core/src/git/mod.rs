//! Git: the one truth, read and changed.
//!
//! Objects and revisions are read with libgit2; whatever crosses to a remote is the system's
//! `git`, so that credentials, SSH and proxies work as in a person's own `git push`. A
//! [`Repository`] shares one [`Snapshot`] of the refs among all who ask, and carries out
//! [`Transaction`]s: with a remote by pushes under leases, without one by git's own ref
//! transaction.
//!
//! Left out: worktrees, the index, merging, signing. Nothing here writes a branch or a tag in a
//! person's clone, or knows what the refs mean.

mod attempt;
mod command;
mod commit;
mod error;
mod fetch;
mod flight;
mod journal;
mod listing;
mod location;
mod neighbour;
mod nonce;
mod object_id;
mod objects;
mod parse;
mod push;
mod record;
mod redact;
mod ref_session;
mod repository;
mod resolve;
mod scratch;
mod settings;
mod snapshot;
mod swap;
mod tag;
pub(crate) mod transaction;
mod tree;

pub use error::{CommitError, GitError};
pub use object_id::{InvalidObjectId, ObjectId};
pub use record::StoredRecord;
pub use repository::Repository;
pub use settings::{DEFAULT_LEDGER_PREFIX, Settings, Sleep};
pub use snapshot::{RefTarget, Snapshot};
pub use tag::{Signature, TagObject};
pub use transaction::{Conflict, Rejection};
pub(crate) use transaction::{RefUpdate, Transaction};
pub use tree::{FileEntry, FileKind, ListEntry};
