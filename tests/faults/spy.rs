//! The target of a case: ECS, with the lease in the hands of the case, and a note of every answer.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pipeline_acceptance::ecs::Ecs;
use pipeline_aws::Connection;
use pipeline_aws::ecs::{EcsSettings, EcsTarget};
use pipeline_core::deployment::EcsRollout;
use pipeline_core::rollout::{Grant, Order, Permit, Restored, Rolled, Target};
use tokio::time::Instant;

use crate::case::{Around, Case, NEW};

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
    grant: Grant,
    permit: Permit,
    heard: Mutex<Heard>,
}

impl Spy {
    /// A target at this ECS.
    pub(crate) async fn new(case: &Case, ecs: &Ecs, patience: Duration) -> Self {
        let mut settings = EcsSettings::new("main", "web", "app", NEW);
        settings.poll_interval = Duration::from_millis(3);
        (settings.timeout, settings.call_timeout) =
            if case.is_short { (patience, patience / 3) } else { (patience * 30, patience) };
        (case.settings)(&mut settings);
        let nobody = case.around == Around::NobodyListens;
        let url = if nobody { "http://127.0.0.1:9" } else { ecs.url.as_str() };
        let connection = Arc::new(Connection::local(url));
        // What takes long on a busy machine is no part of the case.
        connection.config().await;
        let (grant, permit) = Grant::new(Instant::now(), Duration::from_secs(600));
        let target = EcsTarget::new(connection, settings);
        Self { ecs: target, around: case.around, grant, permit, heard: Mutex::default() }
    }

    /// The lease is lost.
    pub(crate) fn lose(&self) {
        self.grant.revoke(Instant::now());
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
        rolled
    }

    async fn confirm(&self, rollout: &Option<EcsRollout>) -> Rolled {
        let rolled = self.ecs.confirm(rollout).await;
        self.note(|heard| heard.rolled = Some(rolled.clone()));
        rolled
    }

    async fn restore(
        &self,
        order: &Order,
        _: &Permit,
        rollout: &mut Option<EcsRollout>,
    ) -> Restored {
        if self.around == Around::UnhealthyAndLost {
            self.lose();
        }
        let restored = self.ecs.restore(order, &self.permit, rollout).await;
        self.note(|heard| {
            heard.restored = Some(restored.clone());
            heard.rollout.clone_from(rollout);
        });
        restored
    }
}
