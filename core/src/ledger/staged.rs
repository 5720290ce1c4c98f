//! What is ready to be committed, and committing it: the only way in which a user of this library
//! writes to a repository.

use super::{Ledger, LedgerError, RefStore, Slot};
use crate::audit::AuditRecord;
#[cfg(feature = "git")]
use crate::git::{Interruption, Repository};
use crate::git::{RefUpdate, Signature, Transaction};

/// A transaction that the rooms of the nouns made from what their rules allow.
///
/// What it holds cannot be seen or changed, only committed.
#[derive(Debug, Clone)]
#[must_use = "nothing happens before it is committed"]
pub struct Staged {
    updates: Vec<RefUpdate>,
}

impl Staged {
    /// Nothing is to be written.
    pub(crate) const fn nothing() -> Self {
        Self { updates: Vec::new() }
    }

    pub(crate) const fn new(updates: Vec<RefUpdate>) -> Self {
        Self { updates }
    }

    /// With the record of an override, if one is used (SCY004).
    pub(crate) fn audited<S: RefStore>(
        mut self,
        ledger: &Ledger<S>,
        record: Option<&AuditRecord>,
        by: &Signature,
    ) -> Result<Self, LedgerError> {
        if let Some(record) = record {
            let slot = ledger.new_audit(record.at);
            self.updates.push(ledger.stage(&slot, None, record, by, &record.action)?);
        }
        Ok(self)
    }

    /// With what it writes to this slot signed by the git of who works here.
    pub(crate) async fn with_signed<T, S: RefStore>(
        mut self,
        ledger: &Ledger<S>,
        slot: &Slot<T>,
    ) -> Result<Self, LedgerError> {
        let name = slot.ref_name()?;
        for update in self.updates.iter_mut().filter(|update| update.name == name) {
            if let Some(new) = update.new {
                update.new = Some(ledger.store().sign_record(&name, new).await?);
            }
        }
        Ok(self)
    }

    /// Both, in one transaction.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.updates.extend(other.updates);
        self
    }

    /// The updates, for a transaction that has more of them.
    pub(crate) fn into_updates(self) -> Vec<RefUpdate> {
        self.updates
    }

    /// Whether only tags change: the ledger has no part in it.
    pub(crate) fn is_of_tags_alone(&self) -> bool {
        self.updates.iter().all(|update| update.name.as_str().starts_with("refs/tags/"))
    }

    /// Whether nothing is to be written.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.updates.is_empty()
    }
}

#[cfg(feature = "git")]
impl Ledger<Repository> {
    /// As [`Ledger::commit`], unless an interruption comes before anything is on its way.
    ///
    /// # Errors
    /// As there, and [`CommitError::Interrupted`](crate::git::CommitError::Interrupted).
    pub async fn commit_unless(
        &self,
        staged: Staged,
        interruption: &Interruption,
    ) -> Result<(), LedgerError> {
        if staged.is_empty() {
            return Ok(());
        }
        self.store.note_written(&staged.updates);
        self.store.commit_unless(Transaction::new(staged.updates)?, interruption).await?;
        Ok(())
    }
}

impl<S: RefStore> Ledger<S> {
    /// Carries out what was staged: whole or not at all.
    ///
    /// # Errors
    /// [`LedgerError::Commit`] when a race is lost, the remote refuses, or cannot be reached.
    pub async fn commit(&self, staged: Staged) -> Result<(), LedgerError> {
        if staged.is_empty() {
            return Ok(());
        }
        self.store.note_written(&staged.updates);
        self.store.commit(Transaction::new(staged.updates)?).await?;
        Ok(())
    }
}
