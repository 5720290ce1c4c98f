//! A lock over several deployments of one process: opened before them, taken with the claim of the first, kept
//! while none of them is at work, and given back.
//!
//! Opening writes nothing. How a deployment claims under it is in `claim`; what is known of it, in
//! [`crate::queue::local`].

use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use super::handover::Neighbours;
use super::write::Answered;
use super::{Deployer, Handover, RACES};
use crate::base::violation::Violation;
use crate::deployment::Attempts;
use crate::git::ObjectId;
use crate::ledger::{LedgerError, RefStore};
use crate::queue::local::LockState;
use crate::queue::lock::lock_lost;
use crate::queue::{LockId, Locking, QueueRecord, QueueScope};
use crate::{DeploymentId, EnvironmentName};

/// A lock that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Which: another one where this process had opened one of the environment already, and shares that.
    pub lock_id: LockId,
    /// A deployment of this process that came before, and is not under it.
    pub after: Option<DeploymentId>,
}

/// What became of a lock that was closed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Closed {
    /// It was never taken, or others of this process have it open.
    Untouched,
    /// The environment is free of it.
    Released,
    /// It was lost before (BUS003).
    Lost(Violation),
    /// It could not be given back, and ends by itself when its lease has run out.
    Left(LedgerError),
}

impl Handover {
    /// Lets the deployments to an environment that begin from now on go under a lock. Nothing is written: the
    /// claim of the first one takes it.
    #[must_use]
    pub fn open_lock(&self, environment: &EnvironmentName, locking: Locking) -> Opened {
        self.to(&QueueScope::whole(environment.clone())).open_lock(locking)
    }

    /// The lock of an environment that this process closed last, where it has none open.
    #[must_use]
    pub fn closed_lock(&self, environment: &EnvironmentName) -> Option<LockId> {
        self.to(&QueueScope::whole(environment.clone())).closed_lock()
    }
}

impl<S: RefStore> Deployer<'_, S> {
    /// Renews the lease of a lock while none of its deployments is at work, until it is closed or lost. As long
    /// as nothing was changed under it, it does nothing.
    pub async fn keep_lock(&self, environment: &EnvironmentName, id: &LockId) {
        let neighbours = self.handover.to(&QueueScope::whole(environment.clone()));
        let mut due = interval(self.renewal_interval());
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            due.tick().await;
            if neighbours.lock_state(id) == Some(LockState::Unsure) {
                // What cannot be seen now is looked at again next time.
                drop(Box::pin(self.read_queue(&neighbours)).await);
            }
            match neighbours.lock_state(id) {
                None | Some(LockState::Lost) => return,
                Some(LockState::Holds) => Box::pin(self.renew_lock(&neighbours, id)).await,
                Some(LockState::Idle | LockState::AtWork | LockState::Unsure) => {}
            }
        }
    }

    async fn renew_lock(&self, neighbours: &Neighbours, id: &LockId) {
        for _ in 0..RACES {
            let writing = neighbours.writing().await;
            let between = |(_, queue): &(ObjectId, QueueRecord)| {
                queue.is_locked_by(id) && queue.current.is_none()
            };
            let Some((object, queue)) = neighbours.newest().filter(between) else { return };
            let Ok(renewed) = queue.clone().renew_lock(id, (self.clock)()) else { return };
            // Within one second there is nothing to renew, and nobody would see it.
            if renewed == queue {
                return;
            }
            let Ok(update) = self.stage_queue(&renewed, Some(object), &format!("{id} goes on"))
            else {
                return;
            };
            let (by, change) = ((neighbours, writing), (update, Vec::new()));
            match self.write_queue(by, &renewed, change, &mut Attempts::FIRST.clone()).await {
                Answered::Lost(_) if self.read_queue(neighbours).await.is_ok() => {}
                _ => return,
            }
        }
    }

    /// Gives a lock back, if it was taken. Deployments of this process that begin from now on go without it.
    ///
    /// A remote that is away is asked again for as long as the lease of the lock may run.
    pub async fn close_lock(&self, environment: &EnvironmentName, id: &LockId) -> Closed {
        let neighbours = self.handover.to(&QueueScope::whole(environment.clone()));
        match neighbours.close_lock(id) {
            None => Closed::Untouched,
            Some(state) => Box::pin(self.give_back(&neighbours, id, state)).await,
        }
    }

    /// Gives back all locks that are still open, for a process that ends: whoever opened them does not close
    /// them any more. What cannot be given back ends when its lease has run out.
    pub async fn abandon_locks(&self) {
        for neighbours in self.handover.all() {
            if let Some((id, state)) = neighbours.abandon_lock() {
                drop(Box::pin(self.give_back(&neighbours, &id, state)).await);
            }
        }
    }

    /// Gives back a lock that was closed, and stood so.
    async fn give_back(&self, neighbours: &Neighbours, id: &LockId, state: LockState) -> Closed {
        let mut found = match state {
            LockState::Idle => return Closed::Untouched,
            LockState::Holds | LockState::AtWork => (state, neighbours.newest()),
            LockState::Unsure | LockState::Lost => match self.queue_now(neighbours).await {
                Ok(queue) => (state, queue),
                Err(error) => return Closed::Left(error),
            },
        };
        let ends = Instant::now() + self.lease_time();
        loop {
            let (state, queue) = found;
            let Some((object, queue)) = queue.as_ref().filter(|(_, it)| it.is_locked_by(id)) else {
                return match state {
                    LockState::Unsure => Closed::Untouched,
                    _ => Closed::Lost(lock_lost(queue.as_ref().map(|(_, it)| it), id)),
                };
            };
            match Box::pin(self.unlock(neighbours, id, *object, queue)).await {
                Answered::Done => return Closed::Released,
                Answered::Lost(_) => {}
                Answered::Refused(error) => return Closed::Left(error),
                Answered::Away(error) | Answered::Unknown(error) => {
                    if ends <= Instant::now() {
                        return Closed::Left(error);
                    }
                    sleep(self.lease_time() / 10).await;
                }
            }
            found = match self.queue_now(neighbours).await {
                Ok(queue) => (state, queue),
                Err(error) if ends <= Instant::now() => return Closed::Left(error),
                // What was known of it does no harm: the ref decides.
                Err(_) => (state, neighbours.newest()),
            };
        }
    }

    /// The queue at the end of a deployment, without the lock under which it began where that was closed
    /// meanwhile.
    pub(super) fn without_closed_lock(&self, queue: QueueRecord) -> QueueRecord {
        let closed = self.handover.to(&queue.scope()).closed_lock();
        let unlocked = closed.and_then(|id| queue.clone().unlock(&id, (self.clock)()).ok());
        unlocked.unwrap_or(queue)
    }

    async fn unlock(
        &self,
        neighbours: &Neighbours,
        id: &LockId,
        object: ObjectId,
        queue: &QueueRecord,
    ) -> Answered {
        let writing = neighbours.writing().await;
        if neighbours.is_overtaken(Some(object)) {
            return Answered::Lost(Vec::new());
        }
        let Ok(free) = queue.clone().unlock(id, (self.clock)()) else {
            return Answered::Lost(Vec::new());
        };
        let update = match self.stage_queue(&free, Some(object), &format!("{id} ends")) {
            Ok(update) => update,
            Err(error) => return Answered::Refused(error),
        };
        let (by, change) = ((neighbours, writing), (update, Vec::new()));
        self.write_queue(by, &free, change, &mut Attempts::FIRST.clone()).await
    }

    async fn queue_now(
        &self,
        neighbours: &Neighbours,
    ) -> Result<Option<(ObjectId, QueueRecord)>, LedgerError> {
        let found = Box::pin(self.read_queue(neighbours)).await?;
        Ok(found.map(|entry| (entry.object, entry.record)))
    }
}
