//! Keeping an environment that was taken: the lease is renewed, and looked after when in doubt.

use std::time::Duration;

use super::{Answered, Deployer, Held, RACES};
use crate::engine::deploy::Event;
use crate::git::{ObjectId, RefUpdate};
use crate::ledger::{LedgerError, RefStore};
use crate::record::QueueRecord;

/// The shortest lease, in seconds. The clock counts whole seconds, so a lease of one could run out
/// as soon as it was taken.
const SHORTEST: u64 = 2;

impl<S: RefStore> Deployer<'_, S> {
    /// Renews the lease; an event where the environment is no longer ours.
    ///
    /// A remote that cannot be reached just now is no reason to stop: the lease still runs.
    pub(super) async fn renew(&self, held: &mut Held) -> Option<Event> {
        for _ in 0..RACES {
            let (id, now) = (&held.deployment.id, (self.clock)());
            let queue = held.queue.clone().renew(id, now, self.lease_seconds()).ok()?;
            let message = format!("{id} goes on");
            let update = self.stage_queue(&queue, held.queue_object, &message).ok()?;
            let object = update.new;
            match self.write(vec![update]).await {
                Answered::Done => {
                    (held.queue, held.queue_object) = (queue, object);
                    return None;
                }
                Answered::Lost(_) => match self.usurper(held).await {
                    Ok(None) => {}
                    Ok(Some(holder)) => return Some(Event::LeaseLost { holder }),
                    Err(_) => return None,
                },
                Answered::Refused(_) | Answered::Unknown(_) => return None,
            }
        }
        None
    }

    /// Who holds the environment in our place, after the queue was not as we left it.
    ///
    /// It may still be ours: others enter the waiting list, and a renewal whose answer got lost
    /// may have arrived. Then what is there is what we go on from.
    pub(super) async fn usurper(&self, held: &mut Held) -> Result<Option<String>, LedgerError> {
        self.ledger.store().refresh();
        let slot = self.ledger.queue(&held.deployment.environment);
        let Some(entry) = self.ledger.read(&slot).await? else {
            return Ok(Some("nobody".to_owned()));
        };
        Ok(match &entry.record.current {
            Some(claim) if claim.deployment_id == held.deployment.id => {
                (held.queue, held.queue_object) = (entry.record, Some(entry.object));
                None
            }
            Some(claim) => Some(format!("`{}` of {}", claim.deployment_id, claim.holder)),
            None => Some("nobody".to_owned()),
        })
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

    /// The lease as records have it.
    pub(super) fn lease_seconds(&self) -> i64 {
        i64::try_from(self.whole_seconds()).unwrap_or(i64::MAX)
    }

    /// Twice within each lease there is time to renew it.
    pub(super) fn renewal_interval(&self) -> Duration {
        Duration::from_secs(self.whole_seconds()) / 3
    }

    fn whole_seconds(&self) -> u64 {
        let begun = u64::from(self.lease.subsec_nanos() > 0);
        self.lease.as_secs().saturating_add(begun).max(SHORTEST)
    }
}
