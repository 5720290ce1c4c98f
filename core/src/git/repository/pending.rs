//! A transaction that waits for its answer, and what the refs say of its fate.

use tokio::sync::oneshot;

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
        (Self { change, seen, attempts: Attempts::FIRST, answer }, answered)
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
