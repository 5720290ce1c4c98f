//! Deployments: what is deployed where, by whom, and how far it has come.
//!
//! How far it has come is one value ([`Progress`]) that holds exactly the times and texts that go
//! with the status, so that a queued deployment without a place or a finished one without an end
//! cannot be made. Who may deploy what is decided in [`crate::deployment::rules`].

pub mod again;
pub(crate) mod approved;
mod artifact;
pub mod by_hand;
pub mod by_policy;
pub mod completion;
#[cfg(feature = "http")]
pub mod deployer;
pub mod dialect;
pub mod ecs;
pub mod engine;
mod facts;
mod health;
mod history;
#[cfg(test)]
mod laws;
mod progress;
mod record;
mod rollout;
pub mod rules;
mod running;
mod stacks;
mod status;
pub mod survey;
mod tasks;
mod terms;

use serde::{Deserialize, Serialize};

use crate::approval::Approval;
use crate::base::actor::Actor;
use crate::base::id::{DeploymentId, DeploymentUuid, WorkflowRunId};
use crate::base::name::{EnvironmentName, RegionName};
use crate::base::revision::CommitSha;
use crate::base::rule::RuleId;
use crate::base::timestamp::Timestamp;
use crate::base::url::{HealthCheckUrl, PublicUrl};
use crate::base::violation::{Violation, Violations};
use crate::infrastructure::InfrastructureId;
use crate::run::RunKey;
use crate::version::Version;

pub use artifact::{
    ArtifactInfo, Attempts, HealthCheckResult, HealthCheckStatus, MigrationStatus, Migrations,
};
pub use history::History;
pub use progress::{Progress, ProgressParts};
pub use record::DeploymentRecord;
pub use rollout::{CommandRollout, EcsRollout, Rollout};
pub use running::{Origin, Running, Scope, TagPlace, what_runs};
pub use stacks::{StackChange, StackRollout, StacksRollout};
pub use status::Status;
pub use tasks::{MigrationsRun, TestsRun};
pub use terms::HealthTerms;

/// One deployment of a version to an environment: what was asked for, what was found out, and how far
/// it has come.
///
/// Its record has these attributes side by side. A field that a later release adds is optional, and an
/// earlier release passes over it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    /// The ID that people see.
    #[serde(rename = "deployment_id")]
    pub id: DeploymentId,
    /// The ID for systems that want a UUID.
    pub uuid: DeploymentUuid,
    /// What is deployed.
    pub version: Version,
    /// Where to.
    pub environment: EnvironmentName,
    /// To which region of it, where only one is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<RegionName>,
    /// The commit of the version.
    pub commit_sha: CommitSha,
    /// Whether success moves the environment tag.
    pub will_move_env_tag: bool,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Who asked for it.
    pub triggered_by: Actor,
    /// Who agreed to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    /// Who agreed besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<Approval>,
    /// The run of the workflow that asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow_run_id: Option<WorkflowRunId>,
    /// The infrastructure resource that hosts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub infrastructure: Option<InfrastructureId>,
    /// The run of a pipeline that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pipeline_run: Option<RunKey>,
    /// Why it was asked for, in the words of who did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The deployment whose damage it makes good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixes: Option<DeploymentId>,
    /// Where it is asked whether it is well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health_check_url: Option<HealthCheckUrl>,
    /// When it is well. A record of an earlier release does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health_check_terms: Option<HealthTerms>,
    /// Where the public finds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_url: Option<PublicUrl>,

    /// What the environment ran before, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_version: Option<Version>,
    /// The commit that the environment's tag stood on before; where it has none, what it ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_commit: Option<CommitSha>,
    /// What became of its migrations, where it has some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub migrations: Option<MigrationsRun>,
    /// What became of its tests, where they ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tests: Option<TestsRun>,
    /// What was done apart from git.
    #[serde(flatten, with = "rollout")]
    pub rollout: Option<Rollout>,
    /// What the health check found.
    #[serde(flatten, with = "health")]
    pub health_check: Option<HealthCheckResult>,
    /// The most attempts that one push of it took, before the push that wrote this.
    #[serde(rename = "git_operations_attempts")]
    pub attempts: Attempts,

    /// How far it has come.
    #[serde(flatten)]
    pub progress: Progress,
}

impl Deployment {
    /// The status.
    #[must_use]
    pub const fn status(&self) -> Status {
        self.progress.status()
    }

    /// Everybody who agreed to it.
    pub fn all_approvals(&self) -> impl Iterator<Item = &Approval> {
        self.approval.iter().chain(&self.approvals)
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
            "Record the deployment when it begins, then each change of its status.",
        )
        .under("status")
        .into())
    }
}

#[cfg(test)]
pub(crate) mod tests;
