//! Deployments: what is deployed where, by whom, and how far it has come.
//!
//! How far it has come is one value ([`Progress`]) that holds exactly the times and texts that go
//! with the status, so that a queued deployment without a place or a finished one without an end
//! cannot be made. Who may deploy what is decided in [`crate::deployment::rules`].

mod artifact;
pub mod completion;
pub mod deployer;
pub mod dialect;
pub mod ecs;
pub mod engine;
#[cfg(test)]
mod laws;
mod progress;
mod record;
mod rollout;
pub mod rules;
mod status;

use crate::approval::Approval;
use crate::base::actor::Actor;
use crate::base::id::{DeploymentId, DeploymentUuid, EntityId, WorkflowRunId};
use crate::base::name::{EnvironmentName, RegionName};
use crate::base::revision::{BranchName, CommitSha};
use crate::base::rule::RuleId;
use crate::base::timestamp::Timestamp;
use crate::base::url::{HealthCheckUrl, PublicUrl};
use crate::base::violation::{Violation, Violations};
use crate::version::Version;

pub use artifact::{
    ArtifactInfo, Attempts, HealthCheckResult, HealthCheckStatus, MigrationStatus, Migrations,
};
pub use progress::{Progress, ProgressParts};
pub use record::DeploymentRecord;
pub use rollout::EcsRollout;
pub use status::Status;

/// One deployment of a version to an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// The ID that people see.
    pub id: DeploymentId,
    /// The ID for systems that want a UUID.
    pub uuid: DeploymentUuid,
    /// What is deployed.
    pub version: Version,
    /// Where to.
    pub environment: EnvironmentName,
    /// To which region of it, where only one is meant.
    pub region: Option<RegionName>,
    /// The commit of the version.
    pub commit_sha: CommitSha,
    /// What the environment ran before, where that is known.
    pub previous_version: Option<Version>,
    /// The commit that the environment tag stood on before.
    pub previous_commit: Option<CommitSha>,
    /// Whether success moves the environment tag.
    pub will_move_env_tag: bool,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Who asked for it.
    pub triggered_by: Actor,
    /// Who agreed to it.
    pub approval: Option<Approval>,
    /// The run of the workflow that asked for it.
    pub workflow_run_id: Option<WorkflowRunId>,
    /// What is deployed, by name.
    pub application_name: Option<String>,
    /// The run on record that it belongs to.
    pub pipeline_id: Option<EntityId>,
    /// The infrastructure on record that it runs on.
    pub infrastructure_id: Option<EntityId>,
    /// The branch it was made from.
    pub git_branch: Option<BranchName>,
    /// Where it is asked whether it is well.
    pub health_check_url: Option<HealthCheckUrl>,
    /// Where the public finds it.
    pub public_url: Option<PublicUrl>,
    /// The built front end.
    pub frontend_artifact: Option<ArtifactInfo>,
    /// The built back end.
    pub backend_artifact: Option<ArtifactInfo>,
    /// What became of the migrations of the database.
    pub migrations: Option<Migrations>,
    /// What was done to an ECS service.
    pub rollout: Option<EcsRollout>,
    /// What the health check found.
    pub health_check: Option<HealthCheckResult>,
    /// How often git operations were attempted.
    pub attempts: Attempts,
    /// How far it has come.
    pub progress: Progress,
}

impl Deployment {
    /// The status.
    #[must_use]
    pub const fn status(&self) -> Status {
        self.progress.status()
    }

    /// Seconds from its start to its end, once it ended.
    #[must_use]
    pub fn duration_seconds(&self) -> Option<u64> {
        let (started, completed) = (self.progress.started_at()?, self.progress.completed_at()?);
        u64::try_from(completed.seconds_since(started)).ok()
    }

    /// The same deployment, begun at this time.
    ///
    /// # Errors
    /// DEP010 unless it is queued.
    pub fn start(self, at: Timestamp) -> Result<Self, Violations> {
        self.change(Status::InProgress, |_| Progress::InProgress { started_at: at })
    }

    /// The same deployment, succeeded at this time.
    ///
    /// # Errors
    /// DEP010 unless it is in progress.
    pub fn succeed(self, at: Timestamp) -> Result<Self, Violations> {
        self.change(Status::Succeeded, |before| {
            let started_at = before.started_at().unwrap_or(at);
            Progress::Succeeded { started_at, completed_at: at.max(started_at) }
        })
    }

    /// The same deployment, failed at this time. `rolled_back_to` is what the environment was put
    /// back to (BUS002), where that is certain.
    ///
    /// # Errors
    /// DEP010 unless it is in progress.
    pub fn fail(
        self,
        at: Timestamp,
        error_message: &str,
        rolled_back_to: Option<Version>,
    ) -> Result<Self, Violations> {
        self.change(Status::Failed, |before| {
            let started_at = before.started_at().unwrap_or(at);
            Progress::Failed {
                started_at,
                completed_at: at.max(started_at),
                error_message: error_message.to_owned(),
                rolled_back_to,
            }
        })
    }

    /// The same deployment, cancelled at this time. `rolled_back_to` is what the environment was put
    /// back to, where that is certain; one that only waited changed nothing.
    ///
    /// # Errors
    /// DEP010 unless it is queued or in progress.
    pub fn cancel(
        self,
        at: Timestamp,
        reason: Option<&str>,
        rolled_back_to: Option<Version>,
    ) -> Result<Self, Violations> {
        let rolled_back_to = rolled_back_to.filter(|_| self.status() == Status::InProgress);
        self.change(Status::Cancelled, |before| {
            let started_at = before.started_at();
            Progress::Cancelled {
                started_at,
                completed_at: started_at.map_or(at, |started| at.max(started)),
                reason: reason.map(str::to_owned),
                rolled_back_to,
            }
        })
    }

    /// The same deployment, taken back at this time in favour of another version.
    ///
    /// # Errors
    /// DEP010 unless it succeeded.
    pub fn roll_back(self, at: Timestamp, to: Option<Version>) -> Result<Self, Violations> {
        self.change(Status::RolledBack, |before| {
            let started_at = before.started_at().unwrap_or(at);
            let completed_at = before.completed_at().unwrap_or(at);
            Progress::RolledBack {
                started_at,
                completed_at,
                rolled_back_at: at.max(completed_at),
                rolled_back_to: to,
            }
        })
    }

    fn change(
        mut self,
        to: Status,
        make: impl FnOnce(&Progress) -> Progress,
    ) -> Result<Self, Violations> {
        self.status().check_change(to)?;
        self.progress = make(&self.progress);
        Ok(self)
    }

    /// Checks that this can be the beginning of a deployment.
    ///
    /// # Errors
    /// DEP002 unless it is queued or in progress.
    pub fn check_beginning(&self) -> Result<(), Violations> {
        if self.status().can_begin() {
            return Ok(());
        }
        Err(Violation::new(
            RuleId::DEP002,
            format!("a new deployment that is `{}`", self.status()),
            "one that is `queued` or `in_progress`",
            "Begin the deployment, and let its status follow.",
        )
        .under("status")
        .into())
    }
}

#[cfg(test)]
pub(crate) mod tests;
