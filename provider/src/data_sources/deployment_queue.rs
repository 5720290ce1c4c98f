//! `pipeline_deployment_queue`: who holds an environment, and who waits.

use std::time::Duration;

use pipeline_core::queue::survey::{self, QueueError, QueueSurvey};
use pipeline_core::queue::{QueueRecord, Waiting, estimate};
use pipeline_core::{EnvironmentName, Timestamp};
use tfplugin::{Computed, DataContext, DataSource, Diagnostic, Diagnostics, Model, Path, Text};

use crate::error;
use crate::pipeline::Pipeline;

/// The queue of an environment: the deployment in progress, and those that wait for it. Where each sub-project
/// has a queue of its own (`concurrency = "sub_project"`), `sub_projects` has those.
#[derive(Debug, Clone, Model)]
pub struct DeploymentQueue {
    /// Name of the environment.
    pub environment: Text<EnvironmentName>,
    /// Deployment in progress; null where there is none.
    pub current_deployment: Computed<Option<CurrentDeployment>>,
    /// Since when the queue is locked, in UTC; null where it is not.
    pub locked_at: Computed<Option<String>>,
    /// Lock of `pipeline_environment_lock` that holds the environment for several deployments; null where there is none.
    pub lock: Computed<Option<QueueLock>>,
    /// Deployments that wait, first come first.
    pub queue: Computed<Vec<QueuedDeployment>>,
    /// Queues of sub-projects that have their own; empty where the environment has one queue.
    pub sub_projects: Computed<Vec<SubProjectQueue>>,
}

/// The lock of an environment. It holds the environment also while none of its deployments is in progress.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct QueueLock {
    /// ID of the lock.
    pub lock_id: String,
    /// Who holds it.
    pub holder: String,
    /// Why, in words; null where nothing is said.
    pub reason: Option<String>,
    /// Since when, in UTC.
    pub locked_at: String,
    /// Until when it is held without a further sign of life, in UTC.
    pub lease_until: String,
    /// Whether the lease has run out: others put it aside.
    pub is_expired: bool,
}

/// The queue of a sub-project.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct SubProjectQueue {
    /// Path of the sub-project; empty for the root.
    pub sub_project_path: String,
    /// Deployment in progress; null where there is none.
    pub current_deployment: Option<CurrentDeployment>,
    /// Since when the queue is locked, in UTC; null where it is not.
    pub locked_at: Option<String>,
    /// Deployments that wait, first come first.
    pub queue: Vec<QueuedDeployment>,
}

/// The deployment in progress.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct CurrentDeployment {
    /// ID of the deployment.
    pub deployment_id: String,
    /// Who deploys.
    pub holder: String,
    /// Until when the environment is held without a further sign of life, in UTC.
    pub lease_until: String,
    /// Whether the lease has run out: the next deployment takes over.
    pub is_expired: bool,
}

/// A deployment that waits.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct QueuedDeployment {
    /// ID of the deployment.
    pub deployment_id: String,
    /// Who waits.
    pub holder: String,
    /// Place in the queue, from 1.
    pub queue_position: u64,
    /// Since when it waits, in UTC.
    pub queued_at: String,
    /// For how many more seconds it will probably wait, judged by how long earlier deployments took;
    /// null where they tell nothing.
    pub estimated_wait_time: Option<u64>,
    /// What it waits for besides its turn: `freeze`, `soak`, `approval`. Others go first meanwhile.
    pub waits_for: Vec<String>,
    /// From when it may go on, in UTC; null where that does not depend on time alone, or it waits for nothing but
    /// its turn.
    pub not_before: Option<String>,
}

impl DataSource for DeploymentQueue {
    const NAME: &'static str = "pipeline_deployment_queue";
    type Provider = Pipeline;

    async fn read(self, cx: &DataContext<Self>) -> Result<Self, Diagnostics> {
        let session = cx.provider.open().await?;
        let found = survey::gather(&session.ledger(), &self.environment).await;
        let QueueSurvey { queue, of_sub_projects, durations } =
            found.map_err(|error| refused(&error))?;
        let now = session.now();
        let of_sub_projects = of_sub_projects.iter().map(|queue| SubProjectQueue {
            sub_project_path: queue.sub_project_path.iter().map(ToString::to_string).collect(),
            current_deployment: current(queue, now),
            locked_at: locked_at(queue),
            queue: waiting(queue, &durations, now),
        });
        Ok(Self {
            current_deployment: current(&queue, now).into(),
            locked_at: locked_at(&queue).into(),
            lock: lock(&queue, now).into(),
            queue: waiting(&queue, &durations, now).into(),
            sub_projects: of_sub_projects.collect::<Vec<_>>().into(),
            ..self
        })
    }
}

fn current(queue: &QueueRecord, now: Timestamp) -> Option<CurrentDeployment> {
    queue.current.as_ref().map(|claim| CurrentDeployment {
        deployment_id: claim.deployment_id.to_string(),
        holder: claim.holder.to_string(),
        lease_until: claim.lease_until.to_string(),
        is_expired: claim.has_expired(now),
    })
}

fn locked_at(queue: &QueueRecord) -> Option<String> {
    queue.current.as_ref().map(|claim| claim.locked_at.to_string())
}

fn lock(queue: &QueueRecord, now: Timestamp) -> Option<QueueLock> {
    queue.lock.as_ref().map(|lock| QueueLock {
        lock_id: lock.lock_id.to_string(),
        holder: lock.holder.to_string(),
        reason: lock.reason.clone(),
        locked_at: lock.locked_at.to_string(),
        lease_until: lock.lease_until.to_string(),
        is_expired: lock.lease_until <= now,
    })
}

fn refused(error: &QueueError) -> Diagnostics {
    match error {
        QueueError::Ledger(error) => error::ledger(error, &Path::root()),
        QueueError::Broken(faults) => error::violations_at(faults, DeploymentQueue::ENVIRONMENT),
        other => Diagnostic::error(
            DeploymentQueue::ENVIRONMENT,
            "The queue cannot be read",
            other.to_string(),
        )
        .into(),
    }
}

fn waiting(queue: &QueueRecord, durations: &[Duration], now: Timestamp) -> Vec<QueuedDeployment> {
    let began = queue.current.as_ref().map(|claim| claim.locked_at);
    let one = |(place, waiting): (u32, &Waiting)| QueuedDeployment {
        deployment_id: waiting.deployment_id.to_string(),
        holder: waiting.holder.to_string(),
        queue_position: u64::from(place),
        queued_at: waiting.queued_at.to_string(),
        estimated_wait_time: estimate::estimated_wait(place, durations, began, now)
            .map(|wait| wait.as_secs()),
        waits_for: waiting
            .held_back
            .iter()
            .flat_map(|held| &held.waits_for)
            .map(ToString::to_string)
            .collect(),
        not_before: waiting.held_back.as_ref().and_then(|it| it.until).map(|it| it.to_string()),
    };
    (1..).zip(&queue.waiting).map(one).collect()
}
