//! The work itself, while the environment is ours: the target and the health check.

use super::notice::Notice;
use super::{Deployer, Run};
use crate::deployment::engine::{Event, Health, Unhealthy};
use crate::ledger::RefStore;
use crate::rollout::{Failure, Restored, Rolled, Target};

impl<S: RefStore> Deployer<'_, S> {
    /// Brings the version into service.
    pub(super) async fn roll_out<T: Target>(&self, run: &mut Run<'_, T>) -> Event {
        (self.tell)(Notice::RollingOut);
        let (Some(target), Some(held)) = (run.target, &mut run.held) else {
            return Event::RolledOut(Rolled::Untouched { reason: Failure::NoTarget });
        };
        let (order, permit) = (held.order.clone(), held.permit.clone());
        // Boxed, as the calls to a cloud are deep.
        let work = Box::pin(target.roll_out(&order, &permit, &mut run.rollout));
        match self.while_held(held, work, Some(&mut run.stop)).await {
            Ok(rolled) => Event::RolledOut(rolled),
            Err(event) => event,
        }
    }

    /// Waits for the health check.
    pub(super) async fn check_health<T: Target>(&self, run: &mut Run<'_, T>) -> Event {
        (self.tell)(Notice::CheckingHealth);
        let (Some(check), Some(held)) = (&run.request.health_check, &mut run.held) else {
            return Event::HealthChecked(Health::Failed(Unhealthy::NotMade(None)));
        };
        match self.while_held(held, Box::pin(check.run()), Some(&mut run.stop)).await {
            Ok(health) => Event::HealthChecked(health),
            Err(event) => event,
        }
    }

    /// Asks the target whether the version still runs.
    pub(super) async fn confirm<T: Target>(&self, run: &mut Run<'_, T>) -> Event {
        let (Some(target), Some(held)) = (run.target, &mut run.held) else {
            return Event::Confirmed(Rolled::Out);
        };
        let order = held.order.clone();
        let work = Box::pin(target.confirm(&order, &run.rollout));
        match self.while_held(held, work, Some(&mut run.stop)).await {
            Ok(rolled) => Event::Confirmed(rolled),
            Err(event) => event,
        }
    }

    /// Puts back what ran before. The lease is renewed first, so that there is time for it; an
    /// interruption is not heard any more.
    pub(super) async fn restore<T: Target>(&self, run: &mut Run<'_, T>) -> Event {
        (self.tell)(Notice::Restoring);
        let (Some(target), Some(held)) = (run.target, &mut run.held) else {
            return Event::Restored(Restored::Nothing { reason: Failure::NoTarget });
        };
        if let Some(lost) = self.renew(held).await {
            return lost;
        }
        let (order, permit) = (held.order.clone(), held.permit.clone());
        let work = Box::pin(target.restore(&order, &permit, &mut run.rollout));
        match self.while_held(held, work, None).await {
            Ok(restored) => Event::Restored(restored),
            Err(event) => event,
        }
    }
}
