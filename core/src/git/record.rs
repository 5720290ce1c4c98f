//! What a ref of the ledger holds, as git keeps it.

use super::object_id::ObjectId;
use super::tag::Signature;
use crate::RefName;

/// Where refs of the ledger stand unless a setting says otherwise.
pub const DEFAULT_LEDGER_PREFIX: &str = "refs/ledger";

/// What a ref of the ledger holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// The ref.
    pub name: RefName,
    /// The tag object that the ref points at: what a transaction expects.
    pub object: ObjectId,
    /// Who wrote it, and when.
    pub tagger: Option<Signature>,
    /// One line that says what happened.
    pub message: String,
    /// The record itself; empty where the ref holds something else.
    pub bytes: Vec<u8>,
    /// What the ref holds instead of a record.
    pub fault: Option<String>,
}
