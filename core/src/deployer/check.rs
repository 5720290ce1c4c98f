//! The health check, and the lease that is renewed beside it.

use tokio::sync::Notify;
use tokio::time::MissedTickBehavior;

use super::interruption::Interruption;
use super::{Deployer, Held, Run};
use crate::engine::deploy::{Event, Health};
use crate::health::HealthCheck;
use crate::ledger::RefStore;

impl<S: RefStore> Deployer<'_, S> {
    /// Waits for the health check while renewing the lease. Returning drops the check.
    pub(super) async fn check_health(&self, run: &mut Run<'_>) -> Event {
        let (Some(check), Some(held)) = (&run.request.health_check, &mut run.held) else {
            let reason = "there is nothing to check".to_owned();
            return Event::HealthChecked(Health::Failed { reason });
        };
        let over = Notify::new();
        let mut checking = std::pin::pin!(checked(check, &mut run.stop, &over));
        let mut keeping = std::pin::pin!(self.keep(held, &over));
        tokio::select! {
            // A renewal on its way is awaited: the end needs to know where the queue stands.
            event = &mut checking => keeping.await.unwrap_or(event),
            lost = &mut keeping => match lost {
                Some(lost) => lost,
                None => checking.await,
            },
        }
    }

    /// Renews the lease again and again until the check is over; an event where the environment
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
}

async fn checked(check: &HealthCheck, stop: &mut Interruption<'_>, over: &Notify) -> Event {
    let event = tokio::select! {
        health = check.run() => Event::HealthChecked(health),
        reason = stop.wait() => Event::Stop { reason },
    };
    over.notify_one();
    event
}
