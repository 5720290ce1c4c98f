//! A transaction that waits for its answer, and what the refs say of its fate.

use std::sync::Arc;

use tokio::sync::{oneshot, watch};

use super::truth::Truth;
use crate::deployment::Attempts;
use crate::git::commit_error::{CommitError, Conflict};
use crate::git::snapshot::{RefTarget, Snapshot};
use crate::git::transaction::Transaction;

/// What a transaction is answered: how many attempts it took.
pub(crate) type Outcome = Result<Attempts, CommitError>;

/// A transaction that waits for its answer.
pub(crate) struct Pending {
    pub(crate) change: Transaction,
    /// Where its refs were when it was made: objects that only another machine has cannot be
    /// followed to their commits later.
    seen: Vec<RefTarget>,
    /// The most that one push of it took up to now.
    attempts: Attempts,
    answer: oneshot::Sender<Outcome>,
    progress: Progress,
}

/// How far a transaction is, as its caller and who carries it out agree. Clones are the same.
#[derive(Clone)]
pub(crate) struct Progress(Arc<watch::Sender<Stage>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing is written anywhere.
    Waits,
    /// It may be written: what becomes of it has to be awaited.
    OnItsWay,
    /// Its caller wants no more of it.
    GivenUp,
}

impl Progress {
    fn new() -> Self {
        Self(Arc::new(watch::Sender::new(Stage::Waits)))
    }

    /// Gives it up, unless it is on its way; whether it is given up.
    pub(crate) fn give_up(&self) -> bool {
        self.leave_for(Stage::GivenUp)
    }

    fn leave_for(&self, next: Stage) -> bool {
        self.0.send_if_modified(|stage| {
            let waits = *stage == Stage::Waits;
            if waits {
                *stage = next;
            }
            waits
        });
        *self.0.borrow() == next
    }

    /// Ends when it is given up.
    pub(crate) async fn given_up(&self) {
        // The sender is here, so that nothing can fail.
        let _ = self.0.subscribe().wait_for(|stage| *stage == Stage::GivenUp).await;
    }
}

/// Where a transaction stands, by what the refs are now.
enum Standing {
    /// All its refs are where it wanted them.
    Landed,
    /// Some are neither there nor where it expected them.
    Lost(Vec<Conflict>),
    /// It can still happen.
    Open,
}

impl Pending {
    /// A transaction, and where its answer will come.
    pub(crate) fn new(change: Transaction, truth: &Truth) -> (Self, oneshot::Receiver<Outcome>) {
        let (answer, answered) = oneshot::channel();
        let seen = truth.seen(&change);
        let progress = Progress::new();
        (Self { change, seen, attempts: Attempts::FIRST, answer, progress }, answered)
    }

    /// How far it is.
    pub(crate) fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// Whether it may be written from now on: its caller did not give it up.
    pub(crate) fn begin(&self) -> bool {
        self.progress.leave_for(Stage::OnItsWay)
    }

    /// A push of it, alone or with others, is at this attempt.
    pub(crate) fn tried(&mut self, attempts: u32) {
        self.attempts = self.attempts.max(Attempts::of_one(attempts));
    }

    pub(crate) fn answer(self, answer: Outcome) {
        // The caller may have stopped waiting; what happened has happened.
        let _ = self.answer.send(answer);
    }

    /// It happened: all who look at the snapshot see it.
    pub(crate) fn succeed(self, truth: &Truth) {
        truth.follow(&self.change);
        let attempts = self.attempts;
        self.answer(Ok(attempts));
    }

    /// Answers it if the refs show its fate; gives it back where they leave it open.
    pub(crate) fn settle(self, snapshot: &Snapshot, in_doubt: bool, truth: &Truth) -> Option<Self> {
        match self.standing(snapshot, in_doubt, truth) {
            Standing::Landed => self.succeed(truth),
            Standing::Lost(conflicts) => self.answer(Err(CommitError::Conflict { conflicts })),
            Standing::Open => return Some(self),
        }
        None
    }

    /// Where each ref of it stands. Only while it is in doubt whether it arrived may refs that are
    /// where it wants them be its own doing.
    fn standing(&self, snapshot: &Snapshot, in_doubt: bool, truth: &Truth) -> Standing {
        let now = |name: &crate::RefName| snapshot.get(name.as_str());
        let object = |target: Option<RefTarget>| target.map(|target| target.object);
        let updates = self.change.updates();
        if in_doubt && updates.iter().all(|update| object(now(&update.name)) == update.new) {
            return Standing::Landed;
        }
        let lost = updates.iter().filter(|update| object(now(&update.name)) != update.expected);
        let conflicts: Vec<Conflict> = lost
            .map(|update| Conflict {
                name: update.name.clone(),
                expected: update.expected.map(|id| truth.target(id, &self.seen)),
                found: now(&update.name),
            })
            .collect();
        if conflicts.is_empty() { Standing::Open } else { Standing::Lost(conflicts) }
    }
}
