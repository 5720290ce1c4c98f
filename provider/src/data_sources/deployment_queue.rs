//! `pipeline_deployment_queue`: who holds an environment, and who waits.

use pipeline_core::model::EnvironmentName;
use pipeline_core::record::QueueRecord;
use tfplugin::{Computed, DataContext, DataSource, Diagnostics, Model, Path, Text};

use crate::error;
use crate::pipeline::Pipeline;

/// The queue of an environment: the deployment in progress, and those that wait for it.
#[derive(Debug, Clone, Model)]
pub struct DeploymentQueue {
    /// Name of the environment.
    pub environment: Text<EnvironmentName>,
    /// Deployment in progress; null where there is none.
    pub current_deployment: Computed<Option<CurrentDeployment>>,
    /// Since when the queue is locked, in UTC; null where it is not.
    pub locked_at: Computed<Option<String>>,
    /// Deployments that wait, first come first.
    pub queue: Computed<Vec<QueuedDeployment>>,
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
}

impl DataSource for DeploymentQueue {
    const NAME: &'static str = "pipeline_deployment_queue";
    type Provider = Pipeline;

    async fn read(self, cx: &DataContext<Self>) -> Result<Self, Diagnostics> {
        let session = cx.provider.open().await?;
        let ledger = session.ledger();
        let found = ledger.read(&ledger.queue(&self.environment)).await;
        let found = found.map_err(|error| error::ledger(&error, &Path::root()))?;
        let empty = || QueueRecord::new(self.environment.0.clone());
        let queue = found.map_or_else(empty, |entry| entry.record);
        let now = session.now();
        let current = queue.current.as_ref().map(|claim| CurrentDeployment {
            deployment_id: claim.deployment_id.to_string(),
            holder: claim.holder.to_string(),
            lease_until: claim.lease_until.to_string(),
            is_expired: claim.has_expired(now),
        });
        let locked_at = queue.current.as_ref().map(|claim| claim.locked_at.to_string());
        let waiting: Vec<QueuedDeployment> = (1..)
            .zip(&queue.waiting)
            .map(|(queue_position, waiting)| QueuedDeployment {
                deployment_id: waiting.deployment_id.to_string(),
                holder: waiting.holder.to_string(),
                queue_position,
                queued_at: waiting.queued_at.to_string(),
            })
            .collect();
        Ok(Self {
            current_deployment: current.into(),
            locked_at: locked_at.into(),
            queue: waiting.into(),
            ..self
        })
    }
}
