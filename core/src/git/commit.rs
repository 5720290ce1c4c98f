//! Group commit: concurrent transactions travel together, and each caller gets its own answer.
//!
//! While one push is under way, others queue and go together in the next. One task per repository
//! carries them out, so a caller that stops waiting cuts nothing in the middle.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::error::CommitError;
use super::ref_session::RefSession;
use super::repository::{Inner, Repository};
use super::snapshot::RefTarget;
use super::transaction::{RefUpdate, Transaction};

/// More than this in one push gains nothing and makes a refusal costlier.
const MOST: usize = 500;

/// A transaction that waits for its answer.
pub(crate) struct Pending {
    pub(crate) change: Transaction,
    /// Where its refs were when it was made: objects that only another machine has cannot be
    /// followed to their commits later.
    pub(crate) seen: Vec<RefTarget>,
    answer: oneshot::Sender<Result<(), CommitError>>,
}

impl Pending {
    pub(crate) fn answer(self, answer: Result<(), CommitError>) {
        // The caller may have stopped waiting; what happened has happened.
        let _ = self.answer.send(answer);
    }
}

/// The transactions of one repository that wait.
#[derive(Default)]
pub(crate) struct Queue {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Pending>,
    running: bool,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds one; whether the caller has to start the task that carries it out.
    fn add(&self, pending: Pending) -> bool {
        let mut state = self.lock();
        state.waiting.push_back(pending);
        !std::mem::replace(&mut state.running, true)
    }

    fn len(&self) -> usize {
        self.lock().waiting.len()
    }

    /// Takes those that can go together: the first of each ref, in the order of arrival. `None`
    /// ends the task.
    fn take(&self) -> Option<Vec<Pending>> {
        let mut state = self.lock();
        let mut taken = Vec::new();
        let mut left = VecDeque::new();
        let mut names = BTreeSet::new();
        for pending in std::mem::take(&mut state.waiting) {
            let own: Vec<_> = pending.change.updates().iter().map(|u| u.name.clone()).collect();
            let free = taken.len() < MOST && own.iter().all(|name| !names.contains(name));
            // Also those left behind reserve their refs, or a later one would overtake them.
            names.extend(own);
            if free { taken.push(pending) } else { left.push_back(pending) }
        }
        state.waiting = left;
        state.running = !taken.is_empty();
        (!taken.is_empty()).then_some(taken)
    }
}

impl Repository {
    /// Carries out a transaction: all its updates happen, or none.
    ///
    /// Concurrent calls share one push where they can. A call that is dropped does not stop its
    /// transaction.
    ///
    /// # Errors
    /// See [`CommitError`]; a lost race is [`CommitError::Conflict`].
    pub(crate) async fn commit(&self, change: Transaction) -> Result<(), CommitError> {
        let (answer, answered) = oneshot::channel();
        let seen = self.inner.seen(&change);
        if self.inner.commits.add(Pending { change, seen, answer }) {
            tokio::spawn(drive(Arc::clone(&self.inner)));
        }
        answered.await.unwrap_or_else(|_| Err(self.inner.unknown_end()))
    }
}

impl Inner {
    fn unknown_end(&self) -> CommitError {
        CommitError::Transport {
            remote: self.shown.clone(),
            attempts: 1,
            detail: "the push was given up".to_owned(),
            in_doubt: true,
        }
    }

    fn seen(&self, change: &Transaction) -> Vec<RefTarget> {
        let Some(snapshot) = self.board.current() else { return Vec::new() };
        change.updates().iter().filter_map(|update| snapshot.get(update.name.as_str())).collect()
    }

    /// Follows what a transaction changed.
    pub(crate) fn follow(&self, change: &Transaction) {
        let changes: Vec<_> =
            change.updates().iter().map(|update| (update.clone(), self.peeled(update))).collect();
        self.board.follow(&changes);
    }

    fn peeled(&self, update: &RefUpdate) -> Option<super::ObjectId> {
        self.objects.peel(update.new?).ok().flatten()
    }
}

/// What one task at a time carries transactions out with; kept between bursts.
#[derive(Default)]
pub(crate) struct Driver {
    session: Option<RefSession>,
    rhythm: Rhythm,
}

/// Carries out transactions as long as there are any.
async fn drive(inner: Arc<Inner>) {
    let mut driver = inner.driver.lock().await;
    let Driver { session, rhythm } = &mut *driver;
    loop {
        if inner.is_pushed() {
            rhythm.gather(&inner.commits).await;
        }
        let Some(batch) = inner.commits.take() else { break };
        let (start, size) = (Instant::now(), batch.len());
        inner.carry_out(batch, session.get_or_insert_with(|| inner.session())).await;
        rhythm.note(size + inner.commits.len(), start.elapsed());
    }
}

impl Inner {
    fn is_pushed(&self) -> bool {
        self.remote.is_some() && self.plain_neighbour().is_none()
    }

    fn session(&self) -> RefSession {
        let git_dir = match &self.neighbour {
            Some(neighbour) => neighbour.git_dir().to_owned(),
            None => self.git_dir.clone(),
        };
        RefSession::new(Arc::clone(&self.git), git_dir)
    }
}

/// How many callers are at work at once, and how long a push takes: so long is it worth waiting
/// for the rest of them.
struct Rhythm {
    callers: usize,
    took: Duration,
}

impl Default for Rhythm {
    fn default() -> Self {
        Self { callers: 2, took: Duration::ZERO }
    }
}

impl Rhythm {
    fn note(&mut self, callers: usize, took: Duration) {
        self.callers = callers;
        self.took = took;
    }

    /// Waits until as many wait as were at work last time, or for a small part of what a push
    /// takes.
    async fn gather(&self, queue: &Queue) {
        let patience = (self.took / 8).clamp(Duration::from_millis(1), Duration::from_millis(25));
        let end = Instant::now() + patience;
        while queue.len() < self.callers && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}
