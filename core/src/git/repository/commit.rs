//! Group commit: concurrent transactions travel together, and each caller gets its own answer.
//!
//! While one push is under way, others queue and go together in the next. One task per repository
//! carries them out, so a caller that stops waiting cuts nothing in the middle.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::fetch::Fetches;
use super::footing::Footing;
use super::interruption::Interruption;
use super::objects::Objects;
use super::pending::{Outcome, Pending, Progress};
use super::pushes::Pushes;
use super::swaps::{Swaps, Way};
use super::transport::Transport;
use super::truth::Truth;
use crate::git::commit_error::CommitError;
use crate::git::obstacle::Obstacle;
use crate::git::transaction::Transaction;

/// More than this in one push gains nothing and makes a refusal costlier.
const MOST: usize = 500;

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

/// The commits of one repository.
pub(crate) struct Commits {
    transport: Arc<Transport>,
    truth: Arc<Truth>,
    queue: Queue,
    driver: tokio::sync::Mutex<Driver>,
}

/// What one task at a time carries transactions out with; kept between bursts.
struct Driver {
    swaps: Swaps,
    pushes: Pushes,
    footing: Footing,
    rhythm: Rhythm,
}

impl Commits {
    pub(crate) fn new(
        transport: Arc<Transport>,
        objects: &Arc<Objects>,
        truth: Arc<Truth>,
        fetches: &Arc<Fetches>,
    ) -> Self {
        let shared = || (Arc::clone(&transport), Arc::clone(objects), Arc::clone(&truth));
        let driver = Driver {
            swaps: Swaps::new(shared()),
            pushes: Pushes::new(shared(), Arc::clone(fetches)),
            footing: Footing::new(Arc::clone(objects), Arc::clone(fetches), Arc::clone(&truth)),
            rhythm: Rhythm::default(),
        };
        let (queue, driver) = (Queue::default(), tokio::sync::Mutex::new(driver));
        Self { transport, truth, queue, driver }
    }

    /// Carries out a transaction: all its updates happen, or none. An interruption ends it as long as none of
    /// it is on its way; from then on its end is awaited.
    pub(crate) async fn commit(
        self: &Arc<Self>,
        change: Transaction,
        interruption: &Interruption,
    ) -> Outcome {
        if interruption.is_set() {
            return Err(CommitError::Interrupted);
        }
        let (pending, mut answered) = Pending::new(change, &self.truth);
        let progress = pending.progress();
        if self.queue.add(pending) {
            let commits = Arc::clone(self);
            tokio::spawn(async move { commits.drive().await });
        }
        let answer = tokio::select! {
            biased;
            answer = &mut answered => answer,
            () = interruption.wait() => {
                if progress.give_up() {
                    return Err(CommitError::Interrupted);
                }
                answered.await
            }
        };
        answer.unwrap_or_else(|_| Err(self.unknown_end()))
    }

    fn unknown_end(&self) -> CommitError {
        CommitError::Transport {
            remote: self.transport.shown().to_owned(),
            obstacle: Obstacle::Away,
            attempts: 1,
            detail: "the push was given up".to_owned(),
            in_doubt: true,
        }
    }

    /// Carries out transactions as long as there are any.
    async fn drive(&self) {
        let mut driver = self.driver.lock().await;
        loop {
            if self.is_pushed() {
                driver.rhythm.gather(&self.queue).await;
            }
            let Some(batch) = self.queue.take() else { break };
            let (start, size) = (Instant::now(), batch.len());
            driver.carry_out(batch).await;
            driver.rhythm.note(size + self.queue.len(), start.elapsed());
        }
    }

    fn is_pushed(&self) -> bool {
        self.transport.remote().is_some() && self.truth.plain_neighbour().is_none()
    }
}

impl Driver {
    /// Carries out transactions that touch different refs, and answers each.
    async fn carry_out(&mut self, batch: Vec<Pending>) {
        let callers: Vec<Progress> = batch.iter().map(Pending::progress).collect();
        let checked = tokio::select! {
            checked = self.footing.check(batch) => checked,
            // What is fetched for them is of use to nobody.
            () = all_give_up(&callers) => return,
        };
        let mut pushed = Vec::new();
        for pending in checked {
            let caller = pending.progress();
            let way = tokio::select! {
                way = self.swaps.way(&pending.change) => way,
                () = caller.given_up() => continue,
            };
            match way {
                Ok(Way::Direct(needs)) if pending.begin() => {
                    self.swaps.carry_out(pending, &needs).await;
                }
                Ok(Way::Direct(_)) => {}
                Ok(Way::Push) => pushed.push(pending),
                Err(error) => pending.answer(Err(error.into())),
            }
        }
        pushed.retain(Pending::begin);
        self.pushes.carry_out(pushed).await;
    }
}

/// Ends when nobody waits any more for what is not on its way.
async fn all_give_up(callers: &[Progress]) {
    for caller in callers {
        caller.given_up().await;
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
