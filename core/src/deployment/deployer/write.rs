//! Transactions, and what became of those whose answer got lost.

use super::Deployer;
use crate::git::{CommitError, Conflict, ObjectId, RefUpdate, Signature, Transaction};
use crate::ledger::{LedgerError, RefStore};
use crate::queue::QueueRecord;

/// What became of a transaction, as far as the order of steps is concerned.
pub(super) enum Answered {
    Done,
    Lost(Vec<Conflict>),
    /// The remote said no.
    Refused(String),
    /// The remote was not to be reached; nothing happened.
    Away(String),
    Unknown(String),
}

/// The queue as it is written together with these.
pub(super) fn beside(queue: QueueRecord, others: &[RefUpdate]) -> QueueRecord {
    let written = |update: &RefUpdate| Some((update.name.clone(), update.new?.to_string()));
    queue.written_beside(others.iter().filter_map(written))
}

impl<S: RefStore> Deployer<'_, S> {
    /// In whose name something is written now.
    pub(super) fn signature(&self) -> Signature {
        let time = (self.clock)();
        Signature { name: self.author.to_owned(), email: self.email.to_owned(), time }
    }

    pub(super) fn stage_queue(
        &self,
        queue: &QueueRecord,
        expected: Option<ObjectId>,
        message: &str,
    ) -> Result<RefUpdate, LedgerError> {
        let slot = self.ledger.queue(&queue.environment);
        self.ledger.stage(&slot, expected, queue, &self.signature(), message)
    }

    pub(super) async fn write(&self, updates: Vec<RefUpdate>) -> Answered {
        let transaction = match Transaction::new(updates) {
            Ok(transaction) => transaction,
            Err(error) => return Answered::Refused(error.to_string()),
        };
        let error = match self.ledger.store().commit(transaction.clone()).await {
            Ok(()) => return Answered::Done,
            Err(CommitError::Conflict { conflicts }) => return Answered::Lost(conflicts),
            Err(error) => error,
        };
        let in_doubt = matches!(error, CommitError::Transport { in_doubt: true, .. });
        if (in_doubt || matches!(error, CommitError::Git(_))) && self.landed(&transaction).await {
            return Answered::Done;
        }
        let told = error.to_string();
        match error {
            CommitError::Transport { in_doubt: true, .. } => Answered::Unknown(told),
            CommitError::Transport { .. } => Answered::Away(told),
            _ => Answered::Refused(told),
        }
    }

    /// Whether a transaction whose answer got lost happened. Its objects are unlike any other, so
    /// one that is there proves it; those that are not may have been replaced since, but none may
    /// be as it was before.
    async fn landed(&self, transaction: &Transaction) -> bool {
        self.ledger.store().refresh();
        let Ok(snapshot) = self.ledger.snapshot().await else { return false };
        let now = |update: &RefUpdate| snapshot.get(update.name.as_str()).map(|found| found.object);
        let updates = transaction.updates();
        updates.iter().any(|update| now(update) == update.new)
            && updates.iter().all(|update| now(update) != update.expected)
    }
}
