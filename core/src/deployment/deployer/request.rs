//! What is asked of a deployment.

use std::time::Duration;

use tokio::time::Instant;

use crate::deployment::rules::References;
use crate::deployment::{Attempts, Deployment, MigrationsRun, Progress, Running, Scope};
use crate::health::HealthCheck;
use crate::policy::{Objections, WaitFor};
use crate::queue::HeldBack;
use crate::rollout::{Migration, Test, TestReports};
use crate::run::RunKey;
use crate::{
    Actor, CommitSha, DeploymentId, DeploymentUuid, EnvironmentName, GivenApproval,
    InfrastructureId, PublicUrl, RegionName, Timestamp, Version, WorkflowRunId,
};

/// What to do while others come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnBusy {
    /// Enter the queue and wait.
    Wait {
        /// How long; then the place is given up.
        at_most: Duration,
    },
    /// Refuse to begin (BUS001, QUE007).
    Fail,
}

impl OnBusy {
    /// How long it waits at most.
    pub(super) const fn patience(self) -> Duration {
        match self {
            Self::Wait { at_most } => at_most,
            Self::Fail => Duration::ZERO,
        }
    }

    /// When the waiting that begins now ends, where a time is set that anybody lives to see.
    pub(super) fn gives_up(self, now: Instant) -> Option<Instant> {
        match self {
            Self::Wait { at_most } => now.checked_add(at_most),
            Self::Fail => None,
        }
    }
}

/// How long to wait in the queue where nobody says.
const LONGEST_WAIT: Duration = Duration::from_secs(30 * 60);

/// A deployment as it is asked for; [`Request::new`] fills in what most want.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Request {
    /// The ID that people see; new.
    pub id: DeploymentId,
    /// The ID beside it; new.
    pub uuid: DeploymentUuid,
    /// What to deploy.
    pub version: Version,
    /// The commit of the version.
    pub commit_sha: CommitSha,
    /// Where to.
    pub environment: EnvironmentName,
    /// To which region of it, where only one is meant.
    pub region: Option<RegionName>,
    /// Whether success moves the environment tag.
    pub will_move_env_tag: bool,
    /// Whether an older version may replace the one that runs when the environment is claimed.
    pub allow_downgrade: bool,
    /// Asks for a version that was taken back, by the deployment after which it stays away.
    pub redeploy_after: Option<DeploymentId>,
    /// Who asks.
    pub triggered_by: Actor,
    /// Other names by which the same person is known, such as a login; git's own are known anyway.
    pub also_known_as: Vec<Actor>,
    /// Who agreed.
    pub approval: Option<GivenApproval>,
    /// Who agreed besides, as far as the ledger does not say it.
    pub approvals: Vec<GivenApproval>,
    /// The run of the workflow that asks.
    pub workflow_run_id: Option<WorkflowRunId>,
    /// The infrastructure resource that hosts it; on record.
    pub infrastructure: Option<InfrastructureId>,
    /// The run of a pipeline that makes it; on record.
    pub pipeline_run: Option<RunKey>,
    /// Why, in words.
    pub reason: Option<String>,
    /// The deployment whose damage it makes good; on record.
    pub fixes: Option<DeploymentId>,
    /// Where the public finds it.
    pub public_url: Option<PublicUrl>,
    /// What runs before the version is brought into service, in this order.
    pub migrations: Vec<Migration>,
    /// What decides whether it is well.
    pub health_check: Option<HealthCheck>,
    /// What tries it when it is in service, in this order.
    pub tests: Vec<Test>,
    /// Where they leave their reports, if they do.
    pub test_reports: Option<TestReports>,
    /// What to do while others come first.
    pub on_busy: OnBusy,
    /// What to wait for in the queue besides: what is only too early for these reasons is not refused.
    pub wait_for: Vec<WaitFor>,
}

impl Request {
    /// A version, by its commit, to an environment: it waits its turn for half an hour at most, moves the
    /// tag, and takes no newer version's place.
    #[must_use]
    pub fn new(
        (id, uuid): (DeploymentId, DeploymentUuid),
        (version, commit_sha): (Version, CommitSha),
        environment: EnvironmentName,
        triggered_by: Actor,
    ) -> Self {
        Self {
            id,
            uuid,
            version,
            commit_sha,
            environment,
            region: None,
            will_move_env_tag: true,
            allow_downgrade: false,
            redeploy_after: None,
            triggered_by,
            also_known_as: Vec::new(),
            approval: None,
            approvals: Vec::new(),
            workflow_run_id: None,
            infrastructure: None,
            pipeline_run: None,
            reason: None,
            fixes: None,
            public_url: None,
            migrations: Vec::new(),
            health_check: None,
            tests: Vec::new(),
            test_reports: None,
            on_busy: OnBusy::Wait { at_most: LONGEST_WAIT },
            wait_for: Vec::new(),
        }
    }

    /// Why it has to wait for more than its turn, where it may; and that it gives up at this time.
    pub(super) fn held_back(&self, objections: &Objections, now: Timestamp) -> Option<HeldBack> {
        let OnBusy::Wait { at_most } = self.on_busy else { return None };
        let seconds = i64::try_from(at_most.as_secs()).unwrap_or(i64::MAX);
        let gives_up = now.plus_seconds(seconds);
        objections.can_wait(&self.wait_for).then(|| HeldBack::by(objections, gives_up))
    }

    /// Where the version is to run.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope {
            environment: self.environment.clone(),
            sub_project_path: self.version.sub_project_path().clone(),
            region: self.region.clone(),
        }
    }

    /// The records that it names.
    pub(super) fn references(&self) -> References<'_> {
        References {
            infrastructure: self.infrastructure.as_ref(),
            pipeline_run: self.pipeline_run.as_ref(),
            fixes: self.fixes.as_ref(),
        }
    }

    /// The migrations, of which nothing is known but that they begin with the claim.
    pub(super) fn migrations_begun(&self) -> Option<MigrationsRun> {
        MigrationsRun::begun(self.migrations.iter().map(|it| it.name.clone()).collect())
    }

    /// The deployment, begun at this time in place of what ran before. Its approval is bound to its commit
    /// by whoever knows the records.
    pub(super) fn begun(&self, at: Timestamp, previous: Option<&Running>) -> Deployment {
        // What is recorded is read by everybody; a query may hold a token.
        let check = self.health_check.as_ref();
        let url = check.map(|check| check.url.without_query());
        Deployment {
            id: self.id.clone(),
            uuid: self.uuid,
            version: self.version.clone(),
            environment: self.environment.clone(),
            region: self.region.clone(),
            commit_sha: self.commit_sha,
            previous_version: previous.and_then(|running| running.version.clone()),
            previous_commit: previous.map(|running| running.commit),
            will_move_env_tag: self.will_move_env_tag,
            requested_at: at,
            triggered_by: self.triggered_by.clone(),
            approval: None,
            approvals: Vec::new(),
            workflow_run_id: self.workflow_run_id,
            infrastructure: self.infrastructure.clone(),
            pipeline_run: self.pipeline_run.clone(),
            reason: self.reason.clone(),
            fixes: self.fixes.clone(),
            health_check_url: url,
            health_check_terms: check.map(HealthCheck::terms),
            public_url: self.public_url.as_ref().map(PublicUrl::without_query),
            migrations: None,
            tests: None,
            rollout: None,
            health_check: None,
            attempts: Attempts::FIRST,
            progress: Progress::InProgress { started_at: at },
        }
    }
}
