//! The target of a case: ECS, with the lease in the hands of the case, and a note of every answer.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pipeline_aws::Connection;
use pipeline_aws::ecs::{EcsSettings, EcsTarget};
use pipeline_core::deployment::EcsRollout;
use pipeline_core::rollout::{Grant, Order, Permit, Restored, Rolled, Target};
use tokio::time::Instant;

use crate::case::{Around, Case, NEW};
use crate::clock::{Clock, Still};

/// How long a case is patient where it must not be for long: many times as long as a deployment takes
/// to which nothing happens.
const SHORT: Duration = Duration::from_secs(120);

/// What the target said, and what it remembered of the rollout.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heard {
    pub(crate) rolled: Option<Rolled>,
    pub(crate) restored: Option<Restored>,
    pub(crate) rollout: Option<EcsRollout>,
}

/// The target of a case.
pub(crate) struct Spy {
    ecs: EcsTarget,
    around: Around,
    lease: Arc<Lease>,
    permit: Permit,
    clock: Clock,
    /// While a health check is on its way.
    still: Mutex<Option<Still>>,
    heard: Mutex<Heard>,
}

/// The lease of a case, in the hands of the case.
pub(crate) struct Lease {
    grant: Grant,
    began: Instant,
}

impl Lease {
    /// A lease longer than any case.
    pub(crate) fn new() -> (Self, Permit) {
        let began = Instant::now();
        let (grant, permit) = Grant::new(began, Duration::from_secs(24 * 60 * 60));
        (Self { grant, began }, permit)
    }

    /// It is lost.
    pub(crate) fn lose(&self) {
        self.grant.revoke(self.began);
    }
}

impl Spy {
    /// A target at this address.
    pub(crate) fn new(
        case: &Case,
        url: &str,
        clock: &Clock,
        (lease, permit): (Arc<Lease>, Permit),
    ) -> Self {
        let mut settings = EcsSettings::new("main", "web", "app", NEW);
        settings.poll_interval = Duration::from_secs(1);
        (settings.timeout, settings.call_timeout) =
            if case.is_short { (SHORT, SHORT / 3) } else { (SHORT * 30, SHORT) };
        (case.settings)(&mut settings);
        let connection = Connection::local(url).through(|client| clock.waits_for(client));
        Self {
            ecs: EcsTarget::new(Arc::new(connection), settings),
            around: case.around,
            lease,
            permit,
            clock: clock.clone(),
            still: Mutex::default(),
            heard: Mutex::default(),
        }
    }

    /// A health check begins or is over; while it is on its way, the clock stands still.
    fn checks_health(&self, begins: bool) {
        let mut still = self.still.lock().unwrap_or_else(PoisonError::into_inner);
        // What held the clock before sets it going, so it goes first.
        *still = None;
        *still = begins.then(|| self.clock.stop());
    }

    /// What was said so far.
    pub(crate) fn heard(&self) -> Heard {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, change: impl FnOnce(&mut Heard)) {
        change(&mut self.heard.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Target for Spy {
    type Trace = EcsRollout;

    fn place(&self) -> Option<EcsRollout> {
        self.ecs.place()
    }

    async fn roll_out(
        &self,
        order: &Order,
        _: &Permit,
        rollout: &mut Option<EcsRollout>,
    ) -> Rolled {
        let rolled = self.ecs.roll_out(order, &self.permit, rollout).await;
        self.note(|heard| {
            heard.rolled = Some(rolled.clone());
            heard.rollout.clone_from(rollout);
        });
        self.checks_health(rolled == Rolled::Out && self.around.checks_health());
        rolled
    }

    async fn confirm(&self, order: &Order, rollout: &Option<EcsRollout>) -> Rolled {
        self.checks_health(false);
        let rolled = self.ecs.confirm(order, rollout).await;
        self.note(|heard| heard.rolled = Some(rolled.clone()));
        rolled
    }

    async fn restore(
        &self,
        order: &Order,
        _: &Permit,
        rollout: &mut Option<EcsRollout>,
    ) -> Restored {
        self.checks_health(false);
        if self.around == Around::UnhealthyAndLost {
            self.lease.lose();
        }
        let restored = self.ecs.restore(order, &self.permit, rollout).await;
        self.note(|heard| {
            heard.restored = Some(restored.clone());
            heard.rollout.clone_from(rollout);
        });
        restored
    }
}
