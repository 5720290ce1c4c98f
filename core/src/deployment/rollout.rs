//! What a deployment did to an ECS service: which revision it put there, and which one ran before.
//!
//! Kept in the deployment's record, so that a later deployment can put a verified revision back. It
//! leaves out how a rollout is made and followed.

use serde::{Deserialize, Serialize};

/// A rollout of one container image on an ECS service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EcsRollout {
    /// The cluster, by name or ARN, as it was asked for.
    pub cluster: String,
    /// The service, by name.
    pub service: String,
    /// The container of the task definition whose image was changed.
    pub container: String,
    /// The image that was deployed.
    pub image: String,
    /// ARN of the revision that was registered for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_definition: Option<String>,
    /// ARN of the revision that the service ran before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_task_definition: Option<String>,
    /// ECS's own ID of the deployment that this rollout is, such as `ecs-svc/1234567890`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ecs_deployment_id: Option<String>,
    /// ARN of the revision that the service was put back to after a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restored_task_definition: Option<String>,
}

impl EcsRollout {
    /// Whether both are of the same container of the same service; a name and the ARN that ends in it
    /// are the same.
    #[must_use]
    pub fn is_same_service(&self, other: &Self) -> bool {
        let last = |text: &str| text.rsplit('/').next().unwrap_or_default().to_owned();
        last(&self.cluster) == last(&other.cluster)
            && last(&self.service) == last(&other.service)
            && self.container == other.container
    }
}
