//! Keeping an environment that was taken: the lease is renewed while something is done, and looked
//! after when in doubt.

use std::future::Future;
use std::ops::RangeInclusive;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, MissedTickBehavior};

use super::claim::who_holds;
use super::handover::Neighbours;
use super::interruption::Interruption;
use super::write::Answered;
use super::{Deployer, Held, RACES};
use crate::deployment::engine::{Event, Holder};
use crate::ledger::{LedgerError, RefStore};

/// The shortest lease, in seconds. The clock counts whole seconds, so a lease of one could run out
/// as soon as it was taken.
const SHORTEST: u64 = 2;

/// The longest lease, in seconds: a day. Nobody waits longer for a dead holder.
const LONGEST: u64 = 86_400;

/// The leases that a deployment may have.
pub const LEASES: RangeInclusive<Duration> =
    Duration::from_secs(SHORTEST)..=Duration::from_secs(LONGEST);

impl<S: RefStore> Deployer<'_, S> {
    /// Waits for work while renewing the lease. An interruption drops the work, where there may be
    /// one; so does the loss of the environment.
    pub(super) async fn while_held<T>(
        &self,
        held: &mut Held,
        work: impl Future<Output = T>,
        stop: Option<&mut Interruption<'_>>,
    ) -> Result<T, Event> {
        let over = Notify::new();
        let mut working = std::pin::pin!(finished(work, stop, &over));
        let mut keeping = std::pin::pin!(self.keep(held, &over));
        // Which of several things that are ready comes first is not left to chance: the same events
        // give the same deployment.
        tokio::select! {
            biased;
            // A renewal on its way is awaited: the next transaction needs to know where the queue
            // stands.
            done = &mut working => match keeping.await {
                Some(lost) => Err(lost),
                None => done,
            },
            lost = &mut keeping => match lost {
                Some(lost) => Err(lost),
                None => working.await,
            },
        }
    }

    /// Renews the lease again and again until the work is over; an event where the environment
    /// was lost meanwhile.
    async fn keep(&self, held: &mut Held, over: &Notify) -> Option<Event> {
        let mut due = tokio::time::interval(self.renewal_interval());
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        due.tick().await;
        loop {
            tokio::select! {
                biased;
                () = over.notified() => return None,
                _ = due.tick() => {}
            }
            if let Some(lost) = self.renew(held).await {
                return Some(lost);
            }
        }
    }

    /// Renews the lease; an event where the environment is no longer ours.
    ///
    /// A remote that cannot be reached just now is no reason to stop: the lease still runs.
    pub(super) async fn renew(&self, held: &mut Held) -> Option<Event> {
        let neighbours = self.handover.to(&held.queue.scope());
        for _ in 0..RACES {
            let writing = neighbours.writing().await;
            held.catch_up(&neighbours);
            let (id, now) = (&held.deployment.id, (self.clock)());
            let begun = Instant::now();
            let queue = held.queue.clone().renew(id, now).ok()?;
            // Within one second there is nothing to renew, and nobody would see it.
            if queue == held.queue {
                return None;
            }
            let message = format!("{id} goes on");
            let update = self.stage_queue(&queue, held.queue_object, &message).ok()?;
            let object = update.new;
            let by = (&*neighbours, writing);
            match self.write_queue(by, &queue, (update, Vec::new()), &mut held.attempts).await {
                Answered::Done => {
                    (held.queue, held.queue_object) = (queue, object);
                    held.grant.renew(begun, self.lease_time());
                    return None;
                }
                Answered::Lost(_) => match self.current_holder(held).await {
                    Ok(None) => {}
                    Ok(Some(holder)) => return Some(Event::LeaseLost { holder }),
                    Err(_) => return None,
                },
                Answered::Refused(_) | Answered::Away(_) | Answered::Unknown(_) => return None,
            }
        }
        None
    }

    /// Who holds the environment in our place, if anybody, after the queue was not as we left it; nothing
    /// where it is ours.
    ///
    /// It may still be ours: others enter the waiting list, and a renewal whose answer got lost
    /// may have arrived. Then what is there is what we go on from.
    pub(super) async fn current_holder(
        &self,
        held: &mut Held,
    ) -> Result<Option<Option<Holder>>, LedgerError> {
        let found = self.read_queue(&self.handover.to(&held.queue.scope())).await?;
        let holder = match found {
            None => None,
            Some(entry) => match &entry.record.current {
                Some(claim) if claim.deployment_id == held.deployment.id => {
                    (held.queue, held.queue_object) = (entry.record, Some(entry.object));
                    return Ok(None);
                }
                _ => entry.record.holding().map(who_holds),
            },
        };
        held.grant.revoke(Instant::now());
        Ok(Some(holder))
    }

    /// The lease as records have it.
    pub(super) fn lease_seconds(&self) -> i64 {
        i64::try_from(self.whole_seconds()).unwrap_or(i64::MAX)
    }

    /// The lease by one's own clock.
    pub(super) fn lease_time(&self) -> Duration {
        Duration::from_secs(self.whole_seconds())
    }

    /// Twice within each lease there is time to renew it.
    pub(super) fn renewal_interval(&self) -> Duration {
        self.lease_time() / 3
    }

    fn whole_seconds(&self) -> u64 {
        let begun = u64::from(self.lease.subsec_nanos() > 0);
        self.lease.as_secs().saturating_add(begun).clamp(SHORTEST, LONGEST)
    }
}

impl Held {
    /// Goes on from what a neighbour made of the queue, as long as the environment is ours by that.
    pub(super) fn catch_up(&mut self, neighbours: &Neighbours) {
        let Some((object, queue)) = neighbours.newest() else { return };
        let holder = queue.current.as_ref().map(|claim| &claim.deployment_id);
        if holder == Some(&self.deployment.id) {
            (self.queue, self.queue_object) = (queue, Some(object));
        }
    }
}

async fn finished<T>(
    work: impl Future<Output = T>,
    stop: Option<&mut Interruption<'_>>,
    over: &Notify,
) -> Result<T, Event> {
    let stopped = async {
        match stop {
            Some(stop) => stop.wait().await,
            None => std::future::pending().await,
        }
    };
    let done = tokio::select! {
        biased;
        result = work => Ok(result),
        by = stopped => Err(Event::Stop { by }),
    };
    over.notify_one();
    done
}
