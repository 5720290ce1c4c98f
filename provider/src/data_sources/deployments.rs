//! `pipeline_deployments`: the history of an environment.

use pipeline_core::deployment::dialect::{DeploymentState, SHOWN_HISTORY};
use pipeline_core::deployment::{Deployment as Record, Rollout, Status};
use pipeline_core::rollback::last_known_good;
use pipeline_core::{Approval, EnvironmentName, SubProjectPath};
use tfplugin::{Computed, DataContext, DataSource, Diagnostic, Diagnostics, Model, Text};

use crate::error;
use crate::pipeline::Pipeline;

/// The deployments of an environment, newest first, and the last one that is known to be good.
#[derive(Debug, Clone, Model)]
pub struct Deployments {
    /// Name of the environment.
    pub environment: Text<EnvironmentName>,
    /// Path of the sub-project; empty for the root project. All sub-projects where absent.
    pub sub_project_path: Option<Text<SubProjectPath>>,
    /// How many to show at most.
    #[tf(default = 10)]
    pub limit: u64,
    /// Deployments, newest first.
    pub deployments: Computed<Vec<DeploymentItem>>,
    /// Newest deployment that succeeded and was not taken back; null where there is none. A deployment
    /// that fails or is cancelled leaves it as it was.
    pub last_known_good: Computed<Option<DeploymentItem>>,
    /// The newest ten deployments that succeeded, oldest first. One that was taken back later is
    /// `rolled_back`.
    pub history: Computed<Vec<DeploymentItem>>,
    /// Current deployment, last known good and history as a `deployment-state.json`. Deployments that did
    /// not end or were cancelled are not in it.
    pub deployment_state_json: Computed<String>,
}

/// One deployment.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct DeploymentItem {
    /// ID of the deployment.
    pub deployment_id: String,
    /// UUID of the deployment.
    pub uuid: String,
    /// Version, with its sub-project path.
    pub version: String,
    /// Commit of the version.
    pub commit_sha: String,
    /// Status, such as `succeeded`.
    pub status: String,
    /// Region, where only one was meant.
    pub region: Option<String>,
    /// Who deployed.
    pub triggered_by: String,
    /// Everybody whose approval counted for it.
    pub approvals: Vec<ApprovedBy>,
    /// Why it was asked for; null where nobody said.
    pub reason: Option<String>,
    /// ID of the deployment whose damage it makes good; null where none is named.
    pub fixes: Option<String>,
    /// ID of the infrastructure resource that hosts it; null where none is named.
    pub infrastructure: Option<String>,
    /// ID of the `pipeline_run` that made it; null where none is named.
    pub pipeline_run: Option<String>,
    /// When it began, in UTC.
    pub started_at: Option<String>,
    /// When it ended, in UTC.
    pub completed_at: Option<String>,
    /// How long it took, in seconds.
    pub duration_seconds: Option<u64>,
    /// Result of the health check.
    pub health_check_status: Option<String>,
    /// How many tests ran: those of their reports where `tests.junit` names them, else commands. Null without tests.
    pub test_count: Option<u64>,
    /// How many of them passed.
    pub passed_test_count: Option<u64>,
    /// How many of them failed.
    pub failed_test_count: Option<u64>,
    /// How many were skipped, beside those that ran.
    pub skipped_test_count: Option<u64>,
    /// Why it failed or was cancelled.
    pub error_message: Option<String>,
    /// When it was taken back after it had succeeded, in UTC.
    pub rolled_back_at: Option<String>,
    /// Version that the environment was put back to, after a failure or by a rollback.
    pub rolled_back_to: Option<String>,
    /// Revision of the ECS task definition that it put into service; null without ECS.
    pub task_definition: Option<String>,
}

/// Somebody agreed to a deployment.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct ApprovedBy {
    /// Who.
    pub approved_by: String,
    /// When, in UTC; null where nobody said.
    pub approved_at: Option<String>,
    /// Where it is written; null where nobody said.
    pub reference: Option<String>,
}

impl From<&Approval> for ApprovedBy {
    fn from(approval: &Approval) -> Self {
        Self {
            approved_by: approval.approved_by.to_string(),
            approved_at: approval.approved_at.map(|at| at.to_string()),
            reference: approval.reference.clone(),
        }
    }
}

impl DataSource for Deployments {
    const NAME: &'static str = "pipeline_deployments";
    type Provider = Pipeline;

    async fn read(self, cx: &DataContext<Self>) -> Result<Self, Diagnostics> {
        let session = cx.provider.open().await?;
        let (found, broken) = session.history(&self.environment).await?;
        for record in &broken {
            cx.warn(error::unusable(Self::DEPLOYMENTS, record));
        }
        let mut records: Vec<Record> =
            found.records().filter(|record| self.concerns(record)).cloned().collect();
        let good = last_known_good(&records, None).map(DeploymentItem::from);
        records.sort_by_key(|record| (record.progress.completed_at(), record.id.clone()));
        let (state, left_out) = DeploymentState::of(&records);
        for (record, reason) in left_out {
            cx.warn(inexpressible(&record.id.to_string(), &reason.to_string()));
        }
        let history = history(&records);
        records.sort_by(|a, b| (b.requested_at, &b.id).cmp(&(a.requested_at, &a.id)));
        let shown = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let items: Vec<_> = records.iter().take(shown).map(DeploymentItem::from).collect();
        Ok(Self {
            deployments: items.into(),
            last_known_good: good.into(),
            history: history.into(),
            deployment_state_json: state.to_json().map_err(|error| unprintable(&error))?.into(),
            ..self
        })
    }
}

impl Deployments {
    fn concerns(&self, record: &Record) -> bool {
        self.sub_project_path
            .as_ref()
            .is_none_or(|project| **project == *record.version.sub_project_path())
    }
}

impl From<&Record> for DeploymentItem {
    fn from(record: &Record) -> Self {
        Self {
            deployment_id: record.id.to_string(),
            uuid: record.uuid.to_string(),
            version: record.version.to_string(),
            commit_sha: record.commit_sha.to_string(),
            status: record.status().to_string(),
            region: record.region.as_ref().map(ToString::to_string),
            triggered_by: record.triggered_by.to_string(),
            approvals: record.all_approvals().map(ApprovedBy::from).collect(),
            reason: record.reason.clone(),
            fixes: record.fixes.as_ref().map(ToString::to_string),
            infrastructure: record.infrastructure.as_ref().map(ToString::to_string),
            pipeline_run: record.pipeline_run.as_ref().map(ToString::to_string),
            started_at: record.progress.started_at().map(|at| at.to_string()),
            completed_at: record.progress.completed_at().map(|at| at.to_string()),
            duration_seconds: record.duration_seconds(),
            health_check_status: record.health_check.map(|check| check.status().to_string()),
            test_count: record.tests.map(|tests| tests.count()),
            passed_test_count: record.tests.map(|tests| tests.passed),
            failed_test_count: record.tests.map(|tests| tests.failed),
            skipped_test_count: record.tests.map(|tests| tests.skipped),
            error_message: record.progress.error_message().map(ToOwned::to_owned),
            rolled_back_at: record.progress.rolled_back_at().map(|at| at.to_string()),
            rolled_back_to: record.progress.rolled_back_to().map(ToString::to_string),
            task_definition: record
                .rollout
                .as_ref()
                .and_then(Rollout::ecs)
                .and_then(|it| it.task_definition.clone()),
        }
    }
}

/// The newest successes of records that are in the order in which they ended.
fn history(records: &[Record]) -> Vec<DeploymentItem> {
    let done = |record: &&Record| matches!(record.status(), Status::Succeeded | Status::RolledBack);
    let done: Vec<&Record> = records.iter().filter(done).collect();
    let shown = done.len().saturating_sub(SHOWN_HISTORY)..;
    done.get(shown).into_iter().flatten().map(|record| DeploymentItem::from(*record)).collect()
}

fn inexpressible(id: &str, reason: &str) -> Diagnostic {
    Diagnostic::warning(
        Deployments::DEPLOYMENT_STATE_JSON,
        "A deployment is not in the deployment-state.json",
        format!(
            "Found that {reason}, so {id} is left out. Next: use `deployments`, which shows all."
        ),
    )
}

fn unprintable(error: &serde_json::Error) -> Diagnostics {
    let told = format!("Found that {error}. Next: report this as a bug of the provider.");
    let what = "The deployment-state.json cannot be printed";
    Diagnostic::error(Deployments::DEPLOYMENT_STATE_JSON, what, told).into()
}
