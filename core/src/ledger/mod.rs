//! The ledger: records in git refs, each an annotated tag object (who, when, what) over a blob of
//! canonical JSON.
//!
//! Where the records of a noun lie, its room says ([`Record::SHELF`]); only the audit log is known here,
//! because every change may have to write to it.
//!
//! Reading gives a record with the object it was read from; writing is staged against that object
//! and happens in a [`Transaction`](crate::git::Transaction), so that whoever wrote in between is
//! never overwritten. What the records mean is not known here.

mod cache;
#[cfg(test)]
mod contract;
mod error;
#[cfg(any(test, feature = "testing"))]
pub mod memory;
mod recorded;
mod shelf;
mod staged;
pub(crate) mod store;

use std::sync::Arc;

use cache::Cache;
pub use error::{LedgerError, Unreadable};
pub(crate) use recorded::Recorded;
pub use shelf::{Shelf, Slot};
pub use staged::Staged;
pub(crate) use store::RefStore;

use crate::archive::{Expired, Expires, Permission};
use crate::audit::AuditRecord;
use crate::base::limits::LARGEST_FILE;
use crate::git::{ObjectId, RefTarget, RefUpdate, Signature, Snapshot, StoredRecord};
use crate::record::{Record, RecordError};
use crate::tag::releases::Releases;
use crate::{RefName, TagGrammar, Timestamp};

/// Records of one store. Clones share what was read.
#[derive(Debug, Clone)]
pub struct Ledger<S> {
    store: S,
    cache: Arc<Cache>,
    /// The listing to read by, whatever is listed later.
    listing: Option<Arc<Snapshot>>,
}

/// A record as it was read. Only the ledger makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry<T> {
    /// Where it lies.
    pub slot: Slot<T>,
    /// The object it was read from: what the next write expects.
    pub object: ObjectId,
    /// Who wrote it, and when.
    pub written_by: Option<Signature>,
    /// One line that says what happened.
    pub message: String,
    /// The record.
    pub record: T,
}

impl<T: Expires> Entry<T> {
    /// This writing of the record, as something that expires.
    ///
    /// # Errors
    /// When no ref can have this name.
    pub fn expired(&self) -> Result<Expired, LedgerError> {
        Ok(Expired::new(self.slot.ref_name()?, self.object.to_string()))
    }
}

impl<S: RefStore> Ledger<S> {
    /// Works on a store.
    #[must_use]
    pub fn new(store: S) -> Self {
        Self { store, cache: Arc::default(), listing: None }
    }

    /// The store.
    #[must_use]
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// The ledger as it is listed now. The store's own listing may be replaced while several records are
    /// read, and those of two listings need not belong together.
    ///
    /// # Errors
    /// When the refs cannot be listed.
    pub(crate) async fn as_listed(&self) -> Result<Self, LedgerError> {
        Ok(Self { listing: Some(self.snapshot().await?), ..self.clone() })
    }

    /// All overrides.
    #[must_use]
    pub fn audits(&self) -> Shelf<AuditRecord> {
        self.shelf()
    }

    /// A new place for an override of this moment, sorted by time among the others.
    #[must_use]
    pub fn new_audit(&self, at: Timestamp) -> Slot<AuditRecord> {
        let unique = self.store.unique();
        self.audits().slot(&format!("{:012}-{unique}", at.unix_seconds()))
    }

    /// All records of one kind.
    #[must_use]
    pub fn shelf<T: Record>(&self) -> Shelf<T> {
        Shelf::new(format!("{}/{}/", self.store.ledger_prefix(), T::SHELF))
    }

    /// The refs as they are; see [`RefStore::snapshot`].
    ///
    /// # Errors
    /// When they cannot be listed.
    pub async fn snapshot(&self) -> Result<Arc<Snapshot>, LedgerError> {
        match &self.listing {
            Some(listing) => Ok(Arc::clone(listing)),
            None => Ok(self.store.snapshot().await?),
        }
    }

    /// What the tags mean, read once for each snapshot.
    ///
    /// # Errors
    /// When the refs cannot be listed.
    pub async fn releases(&self, grammar: &TagGrammar) -> Result<Arc<Releases>, LedgerError> {
        Ok(self.releases_of(&self.snapshot().await?, grammar))
    }

    /// What the tags of one listing mean, read once.
    #[must_use]
    pub fn releases_of(&self, snapshot: &Arc<Snapshot>, grammar: &TagGrammar) -> Arc<Releases> {
        self.cache.releases(snapshot, grammar)
    }

    /// Reads the record in a slot; `None`: there is none.
    ///
    /// # Errors
    /// When it cannot be had, or is not a record of this kind.
    pub async fn read<T: Record>(&self, slot: &Slot<T>) -> Result<Option<Entry<T>>, LedgerError> {
        let snapshot = self.snapshot().await?;
        let name = slot.ref_name()?;
        let Some(target) = snapshot.get(name.as_str()) else { return Ok(None) };
        Ok(self.entries(vec![(name, target)]).await?.pop())
    }

    /// Whether git has room for a record in a slot: it stores no ref below another.
    ///
    /// # Errors
    /// [`LedgerError::NoRoom`] names the ref that is in the way.
    pub async fn check_room<T>(&self, slot: &Slot<T>) -> Result<(), LedgerError> {
        let (snapshot, name) = (self.snapshot().await?, slot.ref_name()?);
        match snapshot.in_the_way_of(&name) {
            Some(other) => Err(LedgerError::NoRoom { name, other: other.to_owned() }),
            None => Ok(()),
        }
    }

    /// Whether a slot holds this very record, as far as its bytes tell: nothing is fetched.
    pub(crate) async fn says<T: Record>(
        &self,
        slot: &Slot<T>,
        record: &T,
    ) -> Result<bool, LedgerError> {
        let name = slot.ref_name()?;
        let Some(target) = self.snapshot().await?.get(name.as_str()) else {
            return Ok(false);
        };
        let json = json(&name, record)?;
        Ok(target.target() == self.store.name_of(json.as_bytes())?)
    }

    /// One record's ref as it is now, whatever the snapshot says; `None`: there is none.
    ///
    /// # Errors
    /// When it cannot be listed.
    pub async fn peek<T>(&self, slot: &Slot<T>) -> Result<Option<RefTarget>, LedgerError> {
        Ok(self.store.peek(&slot.ref_name()?).await?)
    }

    /// Reads the record that a slot held when this was its target.
    ///
    /// # Errors
    /// As [`Ledger::read`].
    pub async fn read_at<T: Record>(
        &self,
        slot: &Slot<T>,
        target: RefTarget,
    ) -> Result<Option<Entry<T>>, LedgerError> {
        Ok(self.entries(vec![(slot.ref_name()?, target)]).await?.pop())
    }

    /// Reads the records of a shelf, sorted by name; what is missing on this machine comes at once.
    ///
    /// # Errors
    /// When they cannot be had; [`LedgerError::Unreadable`] names every record that is not of
    /// this kind.
    pub async fn list<T: Record>(&self, shelf: &Shelf<T>) -> Result<Vec<Entry<T>>, LedgerError> {
        let (entries, broken) = self.survey(shelf).await?;
        if broken.is_empty() { Ok(entries) } else { Err(LedgerError::Unreadable(broken)) }
    }

    /// As [`Ledger::list`], with the records that cannot be used beside those that can: a bad one
    /// hides no good one.
    ///
    /// # Errors
    /// When they cannot be had.
    pub async fn survey<T: Record>(
        &self,
        shelf: &Shelf<T>,
    ) -> Result<(Vec<Entry<T>>, Vec<Unreadable>), LedgerError> {
        let refs = self.refs(shelf).await?;
        self.sorted_out(refs).await
    }

    /// The refs of a shelf, sorted by name.
    pub(crate) async fn refs<T>(
        &self,
        shelf: &Shelf<T>,
    ) -> Result<Vec<(RefName, RefTarget)>, LedgerError> {
        let snapshot = self.snapshot().await?;
        snapshot
            .under(shelf.prefix())
            .map(|(name, target)| Ok((shelf.slot(&name).ref_name()?, target)))
            .collect()
    }

    async fn entries<T: Record>(
        &self,
        refs: Vec<(RefName, RefTarget)>,
    ) -> Result<Vec<Entry<T>>, LedgerError> {
        let (entries, broken) = self.sorted_out(refs).await?;
        if broken.is_empty() { Ok(entries) } else { Err(LedgerError::Unreadable(broken)) }
    }

    /// Reads what these refs hold, in their order, with what cannot be used beside it.
    pub(crate) async fn sorted_out<T: Record>(
        &self,
        refs: Vec<(RefName, RefTarget)>,
    ) -> Result<(Vec<Entry<T>>, Vec<Unreadable>), LedgerError> {
        let stored = self.store.read_records(refs).await?;
        let mut entries = Vec::with_capacity(stored.len());
        let mut broken = Vec::new();
        for record in stored {
            match entry(record) {
                Ok(entry) => entries.push(entry),
                Err(reason) => broken.push(reason),
            }
        }
        Ok((entries, broken))
    }

    /// The deletion of a record, where it may be deleted: as long as nobody wrote it anew since.
    ///
    /// # Errors
    /// When the permission does not speak of an object of git.
    pub fn delete(permission: &Permission) -> Result<Staged, LedgerError> {
        let record = permission.record();
        let invalid = |_| LedgerError::InvalidName { name: record.object().to_owned() };
        let object = record.object().parse().map_err(invalid)?;
        Ok(Staged::new(vec![RefUpdate::delete(record.name().clone(), object)]))
    }

    /// Prepares to write a record: the update belongs into a transaction. `expected` is the
    /// object that was read; `None`: the slot is empty.
    ///
    /// # Errors
    /// When the record has no JSON, or more than anybody reads, or its object cannot be made.
    pub(crate) fn stage<T: Record>(
        &self,
        slot: &Slot<T>,
        expected: Option<ObjectId>,
        record: &T,
        by: &Signature,
        message: &str,
    ) -> Result<RefUpdate, LedgerError> {
        let name = slot.ref_name()?;
        let json = json(&name, record)?;
        let object = self.store.write_record(&name, json.as_bytes(), by, message)?;
        Ok(RefUpdate { name, expected, new: Some(object) })
    }
}

/// The JSON of a record, unless it is more than anybody would read.
fn json<T: Record>(name: &RefName, record: &T) -> Result<String, LedgerError> {
    let too_large = |json: &String| json.len() as u64 > LARGEST_FILE;
    let error = match record.to_json() {
        Ok(json) if too_large(&json) => {
            let reason = format!("it has {} bytes; at most {LARGEST_FILE} are read", json.len());
            RecordError::Unwritable { kind: T::KIND, reason }
        }
        Ok(json) => return Ok(json),
        Err(error) => error,
    };
    Err(LedgerError::Unreadable(vec![Unreadable { name: name.clone(), error }]))
}

fn entry<T: Record>(stored: StoredRecord) -> Result<Entry<T>, Unreadable> {
    let StoredRecord { name, object, tagger, message, bytes, fault } = stored;
    let read = match fault {
        None => T::from_json(&bytes),
        Some(reason) => Err(RecordError::NoRecord { kind: T::KIND, reason }),
    };
    let belongs = |record: T| match (record.check_place(&name), record.key()) {
        (Err(faults), _) => Err(RecordError::Broken { kind: T::KIND, faults }),
        (Ok(()), Some(key)) if !name.as_str().ends_with(&format!("/{}/{key}", T::SHELF)) => {
            Err(RecordError::Elsewhere { kind: T::KIND, key })
        }
        _ => Ok(record),
    };
    match read.and_then(belongs) {
        Ok(record) => {
            Ok(Entry { slot: Slot::of(&name), object, written_by: tagger, message, record })
        }
        Err(error) => Err(Unreadable { name, error }),
    }
}

#[cfg(test)]
mod tests;
