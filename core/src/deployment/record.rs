//! The record of a deployment: the deployment itself, its attributes side by side as in document
//! 001.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{
    ArtifactInfo, Attempts, Deployment, EcsRollout, HealthCheckResult, HealthCheckStatus,
    Migrations, ProgressParts, Status,
};
use crate::record::Record;
use crate::{
    Actor, Approval, BranchName, CommitSha, DeploymentId, DeploymentUuid, EntityId,
    EnvironmentName, HealthCheckUrl, PublicUrl, RegionName, Timestamp, Version, Violations,
    WorkflowRunId,
};

/// The record of a deployment is the deployment.
pub type DeploymentRecord = Deployment;

impl Record for Deployment {
    const KIND: &'static str = "deployment";
}

macro_rules! flat {
    ($($(#[$meta:meta])* $name:ident: $type:ty,)+) => {
        #[derive(Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Flat { $($(#[$meta])* $name: $type,)+ }
    };
}

flat! {
    deployment_id: DeploymentId,
    uuid: DeploymentUuid,
    version: Version,
    environment: EnvironmentName,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    region: Option<RegionName>,
    commit_sha: CommitSha,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous_version: Option<Version>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous_commit: Option<CommitSha>,
    will_move_env_tag: bool,
    requested_at: Timestamp,
    triggered_by: Actor,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    approval: Option<Approval>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    workflow_run_id: Option<WorkflowRunId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    application_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pipeline_id: Option<EntityId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    infrastructure_id: Option<EntityId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    git_branch: Option<BranchName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    health_check_url: Option<HealthCheckUrl>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    public_url: Option<PublicUrl>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    frontend_artifact: Option<ArtifactInfo>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    backend_artifact: Option<ArtifactInfo>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    migrations: Option<Migrations>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rollout: Option<EcsRollout>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    health_check_status: Option<HealthCheckStatus>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    health_check_response_time_ms: Option<u64>,
    git_operations_attempts: Attempts,
    status: Status,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    queue_position: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    estimated_wait_seconds: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    started_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    completed_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rolled_back_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rolled_back_to: Option<Version>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
}

impl From<Deployment> for Flat {
    fn from(it: Deployment) -> Self {
        let progress = ProgressParts::from(&it.progress);
        Self {
            deployment_id: it.id,
            uuid: it.uuid,
            version: it.version,
            environment: it.environment,
            region: it.region,
            commit_sha: it.commit_sha,
            previous_version: it.previous_version,
            previous_commit: it.previous_commit,
            will_move_env_tag: it.will_move_env_tag,
            requested_at: it.requested_at,
            triggered_by: it.triggered_by,
            approval: it.approval,
            workflow_run_id: it.workflow_run_id,
            application_name: it.application_name,
            pipeline_id: it.pipeline_id,
            infrastructure_id: it.infrastructure_id,
            git_branch: it.git_branch,
            health_check_url: it.health_check_url,
            public_url: it.public_url,
            frontend_artifact: it.frontend_artifact,
            backend_artifact: it.backend_artifact,
            migrations: it.migrations,
            rollout: it.rollout,
            health_check_status: it.health_check.map(HealthCheckResult::status),
            health_check_response_time_ms: it
                .health_check
                .and_then(HealthCheckResult::response_time_ms),
            git_operations_attempts: it.attempts,
            status: progress.status,
            queue_position: progress.queue_position,
            estimated_wait_seconds: progress.estimated_wait_seconds,
            started_at: progress.started_at,
            completed_at: progress.completed_at,
            rolled_back_at: progress.rolled_back_at,
            rolled_back_to: progress.rolled_back_to,
            error_message: progress.error_message,
        }
    }
}

impl TryFrom<Flat> for Deployment {
    type Error = Violations;
    fn try_from(flat: Flat) -> Result<Self, Violations> {
        let progress = ProgressParts {
            status: flat.status,
            queue_position: flat.queue_position,
            estimated_wait_seconds: flat.estimated_wait_seconds,
            started_at: flat.started_at,
            completed_at: flat.completed_at,
            rolled_back_at: flat.rolled_back_at,
            rolled_back_to: flat.rolled_back_to,
            error_message: flat.error_message,
        };
        let time = flat.health_check_response_time_ms;
        let health_check = flat.health_check_status.map(|word| HealthCheckResult::new(word, time));
        Ok(Self {
            id: flat.deployment_id,
            uuid: flat.uuid,
            version: flat.version,
            environment: flat.environment,
            region: flat.region,
            commit_sha: flat.commit_sha,
            previous_version: flat.previous_version,
            previous_commit: flat.previous_commit,
            will_move_env_tag: flat.will_move_env_tag,
            requested_at: flat.requested_at,
            triggered_by: flat.triggered_by,
            approval: flat.approval,
            workflow_run_id: flat.workflow_run_id,
            application_name: flat.application_name,
            pipeline_id: flat.pipeline_id,
            infrastructure_id: flat.infrastructure_id,
            git_branch: flat.git_branch,
            health_check_url: flat.health_check_url,
            public_url: flat.public_url,
            frontend_artifact: flat.frontend_artifact,
            backend_artifact: flat.backend_artifact,
            migrations: flat.migrations,
            rollout: flat.rollout,
            health_check: health_check.transpose()?,
            attempts: flat.git_operations_attempts,
            progress: progress.check()?,
        })
    }
}

impl Serialize for Deployment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Flat::from(self.clone()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Deployment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(Flat::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
