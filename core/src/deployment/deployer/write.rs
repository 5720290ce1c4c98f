//! Transactions, and what became of those whose answer got lost.

use super::Deployer;
use super::handover::{Neighbours, Writing};
use crate::deployment::{Attempts, Deployment};
use crate::git::{CommitError, Conflict, ObjectId, RefUpdate, Signature, Transaction};
use crate::ledger::{LedgerError, RefStore, Unreadable};
use crate::queue::QueueRecord;
use crate::queue::survey::QueueToEnter;
use crate::record::{Record, RecordError};

/// What became of a transaction, as far as the order of steps is concerned.
pub(super) enum Answered {
    Done,
    Lost(Vec<Conflict>),
    /// The remote said no.
    Refused(LedgerError),
    /// The remote was not to be reached; nothing happened.
    Away(LedgerError),
    Unknown(LedgerError),
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

    /// Prepares to write a deployment that goes on from here: what is not on record `before` begins (DEP002).
    pub(super) fn stage_begin(
        &self,
        before: Option<ObjectId>,
        deployment: &Deployment,
        by: &Signature,
        message: &str,
    ) -> Result<RefUpdate, LedgerError> {
        let slot = self.ledger.deployment(&deployment.environment, &deployment.id);
        if let (None, Err(faults)) = (before, deployment.check_beginning()) {
            let error = RecordError::Broken { kind: Deployment::KIND, faults };
            return Err(LedgerError::Unreadable(vec![Unreadable {
                name: slot.ref_name()?,
                error,
            }]));
        }
        self.ledger.stage(&slot, before, deployment, by, message)
    }

    pub(super) fn stage_queue(
        &self,
        queue: &QueueRecord,
        expected: Option<ObjectId>,
        message: &str,
    ) -> Result<RefUpdate, LedgerError> {
        let slot = self.ledger.queue_of(&queue.scope());
        self.ledger.stage(&slot, expected, queue, &self.signature(), message)
    }

    /// The writing of the environment's own queue that goes with the first one of a sub-project's.
    pub(super) fn stage_split(
        &self,
        queue: &QueueToEnter,
    ) -> Result<Option<RefUpdate>, LedgerError> {
        let Some((before, own)) = &queue.own else { return Ok(None) };
        let message = format!("{} has a queue of its own", queue.record.scope());
        self.stage_queue(own, *before, &message).map(Some)
    }

    /// Writes this queue and what goes with it, and tells the neighbours, before one of them may write.
    /// `attempts` is the most that one push of the deployment took, this one too in the end.
    pub(super) async fn write_queue(
        &self,
        (neighbours, writing): (&Neighbours, Writing<'_>),
        queue: &QueueRecord,
        (update, others): (RefUpdate, Vec<RefUpdate>),
        attempts: &mut Attempts,
    ) -> Answered {
        let (asked, before, new) = (neighbours.ask(), update.expected, update.new);
        let updates = std::iter::once(update).chain(others).collect();
        let transaction = match Transaction::new(updates) {
            Ok(transaction) => transaction,
            Err(error) => return Answered::Refused(error.into()),
        };
        let written = || {
            if let Some(object) = new {
                neighbours.wrote(asked, before, (object, queue));
            }
        };
        neighbours.sends(queue);
        let committed = self.ledger.store().commit(transaction.clone()).await;
        let took = committed.as_ref().map_or_else(CommitError::attempts, |took| *took);
        *attempts = took.max(*attempts);
        let Err(error) = committed else {
            written();
            return Answered::Done;
        };
        // Finding out what happened may take long; a lease has to be renewed meanwhile.
        drop(writing);
        let answered = self.look_into(&transaction, error).await;
        match answered {
            Answered::Done => written(),
            Answered::Unknown(_) => neighbours.doubts(before),
            Answered::Lost(_) | Answered::Refused(_) | Answered::Away(_) => {}
        }
        answered
    }

    /// What became of a transaction that was not simply done.
    async fn look_into(&self, transaction: &Transaction, error: CommitError) -> Answered {
        if let CommitError::Conflict { conflicts } = error {
            return Answered::Lost(conflicts);
        }
        let in_doubt = matches!(error, CommitError::Transport { in_doubt: true, .. });
        if (in_doubt || matches!(error, CommitError::Git(_))) && self.landed(transaction).await {
            return Answered::Done;
        }
        match error {
            CommitError::Transport { in_doubt: true, .. } => Answered::Unknown(error.into()),
            CommitError::Transport { .. } => Answered::Away(error.into()),
            _ => Answered::Refused(error.into()),
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
