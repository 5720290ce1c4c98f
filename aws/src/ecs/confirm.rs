//! Whether a deployment that was complete still runs, asked once more before success is recorded.

use super::EcsTarget;
use super::follow::{Followed, SHORTAGES, Watched};
use super::judge::Standing;
use super::reason::Reason;
use super::told;
use super::view::Service;
use pipeline_core::deployment::EcsRollout;
use pipeline_core::rollout::{Failure, Rolled};

impl EcsTarget {
    /// Looks again. A service that grows or moves a task is short of tasks for a while, and gets time
    /// for it; one whose tasks crash does not.
    pub(super) async fn look_again(&self, rollout: Option<&EcsRollout>) -> Rolled {
        let Some(watched) = rollout.and_then(|rollout| self.watched(rollout)) else {
            return Rolled::Unknown { reason: Failure::of(Reason::NothingFollowed) };
        };
        let mut patience = self.patience();
        let mut looks = 0;
        loop {
            let seen = self.glance(&watched, &mut patience).await;
            let Followed::Stands(Standing::Coming | Standing::Short, service) = seen else {
                return self.verdict(seen, &watched).await;
            };
            looks += 1;
            if let Some(reason) = self.crash(&watched, &service).await {
                return Rolled::Failed { reason: Failure::of(reason) };
            }
            if looks >= SHORTAGES || patience.is_over() {
                let short = Followed::Stands(Standing::Short, service);
                return self.verdict(short, &watched).await;
            }
            patience.pause().await;
        }
    }

    /// The deployment that a rollout began, as far as it is known.
    pub(super) fn watched(&self, rollout: &EcsRollout) -> Option<Watched> {
        Some(Watched {
            id: rollout.ecs_deployment_id.clone()?,
            revision: rollout.task_definition.clone()?,
            previous: rollout.previous_task_definition.clone(),
            since: self.since(),
        })
    }

    /// What happened, if a task of the deployment ended by itself after the deployment was complete.
    async fn crash(&self, watched: &Watched, service: &Service) -> Option<Reason> {
        let complete = service.completed_at(&watched.id, watched.since).unwrap_or(watched.since);
        let stopped = self.api().await.stopped_tasks(&watched.id).await.unwrap_or_default();
        let crashed = stopped.into_iter().filter(|it| it.has_crashed() && it.stopped_at > complete);
        let told = told::tasks(&crashed.collect::<Vec<_>>())?;
        Some(Reason::Crashed { id: watched.id.clone(), told })
    }
}
