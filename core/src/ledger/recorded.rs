//! One record and its next writing: read, compared, staged. For nouns that are one record each.

use super::{Entry, Ledger, LedgerError, RefStore, Slot, Staged};
use crate::audit::AuditRecord;
use crate::base::actor::Author;
use crate::git::{RefUpdate, Signature};
use crate::record::Record;

/// A record as the ledger has it now, or the place for it.
#[derive(Debug, Clone)]
pub(crate) struct Recorded<T> {
    slot: Slot<T>,
    entry: Option<Entry<T>>,
    is_own: bool,
}

impl<T: Record> Recorded<T> {
    /// Reads what lies in a slot.
    pub(crate) async fn read<S: RefStore>(
        ledger: &Ledger<S>,
        slot: Slot<T>,
    ) -> Result<Self, LedgerError> {
        let entry = ledger.read(&slot).await?;
        let is_own = entry.as_ref().is_some_and(|entry| ledger.store().wrote(entry.object));
        Ok(Self { slot, entry, is_own })
    }

    /// The record, where there is one.
    pub(crate) fn record(&self) -> Option<&T> {
        self.entry.as_ref().map(|entry| &entry.record)
    }

    /// Whether this clone wrote it: perhaps a process that was killed before it could say so.
    pub(crate) const fn is_own(&self) -> bool {
        self.is_own
    }

    /// The next writing, unless what is there says the same, with the record of an override if one is
    /// used.
    pub(crate) fn stage<S: RefStore>(
        &self,
        ledger: &Ledger<S>,
        next: &T,
        says_the_same: impl FnOnce(&T) -> bool,
        author: &Author,
        message: &str,
        audit: Option<&AuditRecord>,
    ) -> Result<Staged, LedgerError> {
        if self.record().is_some_and(says_the_same) {
            if self.is_own {
                ledger.store().note_written(&[]);
            }
            return Ok(Staged::nothing());
        }
        let by = Signature::from(author);
        let expected = self.entry.as_ref().map(|entry| entry.object);
        let update = ledger.stage(&self.slot, expected, next, &by, message)?;
        Staged::new(vec![update]).audited(ledger, audit, &by)
    }

    /// The removal of the record; nothing where there is none.
    pub(crate) fn stage_removal(&self) -> Result<Staged, LedgerError> {
        let Some(entry) = &self.entry else { return Ok(Staged::nothing()) };
        Ok(Staged::new(vec![RefUpdate::delete(self.slot.ref_name()?, entry.object)]))
    }
}
