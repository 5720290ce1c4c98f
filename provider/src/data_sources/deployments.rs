//! `pipeline_deployments`: the history of an environment.

use pipeline_core::model::deployment::dialect::{DeploymentState, StateRecord};
use pipeline_core::model::deployment::{Deployment as Record, Status};
use pipeline_core::model::{EnvironmentName, SubProjectPath};
use tfplugin::{Computed, DataContext, DataSource, Diagnostic, Diagnostics, Model, Path, Text};

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
    /// Newest deployment that succeeded; null where none did.
    pub last_known_good: Computed<Option<DeploymentItem>>,
    /// The same as a `deployment-state.json`: current deployment, last known good and history. Null
    /// where a deployment cannot be said in its words.
    pub deployment_state_json: Computed<Option<String>>,
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
    /// When it began, in UTC.
    pub started_at: Option<String>,
    /// When it ended, in UTC.
    pub completed_at: Option<String>,
    /// How long it took, in seconds.
    pub duration_seconds: Option<u64>,
    /// Result of the health check.
    pub health_check_status: Option<String>,
    /// Why it failed or was cancelled.
    pub error_message: Option<String>,
}

impl DataSource for Deployments {
    const NAME: &'static str = "pipeline_deployments";
    type Provider = Pipeline;

    async fn read(self, cx: &DataContext<Self>) -> Result<Self, Diagnostics> {
        let session = cx.provider.open().await?;
        let ledger = session.ledger();
        let found = ledger.survey(&ledger.deployments(&self.environment)).await;
        let (entries, broken) = found.map_err(|error| error::ledger(&error, &Path::root()))?;
        for record in &broken {
            cx.warn(unreadable(&record.to_string()));
        }
        let mut records: Vec<Record> = entries
            .into_iter()
            .map(|entry| entry.record)
            .filter(|record| self.concerns(record))
            .collect();
        records.sort_by(|a, b| (a.requested_at, &a.id).cmp(&(b.requested_at, &b.id)));
        let state = match state(&records) {
            Ok(state) => Some(state),
            Err(reason) => {
                cx.warn(inexpressible(&reason));
                None
            }
        };
        let good = records.iter().rev().find(|record| record.status() == Status::Succeeded);
        let good = good.map(DeploymentItem::from);
        let shown = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let items: Vec<DeploymentItem> =
            records.iter().rev().take(shown).map(DeploymentItem::from).collect();
        Ok(Self {
            deployments: items.into(),
            last_known_good: good.into(),
            deployment_state_json: state.into(),
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
            started_at: record.progress.started_at().map(|at| at.to_string()),
            completed_at: record.progress.completed_at().map(|at| at.to_string()),
            duration_seconds: record.duration_seconds(),
            health_check_status: record.health_check.map(|check| check.status().to_string()),
            error_message: record.progress.error_message().map(ToOwned::to_owned),
        }
    }
}

/// The state file of records in order. What has not ended, or was cancelled, it has no words for.
fn state(records: &[Record]) -> Result<String, String> {
    let ended = records.iter().filter(|record| {
        matches!(record.status(), Status::Succeeded | Status::Failed | Status::RolledBack)
    });
    let mut state = DeploymentState::default();
    for record in ended {
        state = state.after(StateRecord::try_from(record).map_err(|error| error.to_string())?);
    }
    serde_json::to_string_pretty(&state).map_err(|error| error.to_string())
}

fn unreadable(reason: &str) -> Diagnostic {
    Diagnostic::warning(
        Deployments::DEPLOYMENTS,
        "A record cannot be used",
        format!(
            "Found {reason}. The other deployments are shown. Next: look at the ref; a newer provider may \
             have written it."
        ),
    )
}

fn inexpressible(reason: &str) -> Diagnostic {
    Diagnostic::warning(
        Deployments::DEPLOYMENT_STATE_JSON,
        "The history has no deployment-state.json",
        format!("Found that {reason}. Next: use `deployments`, which shows all."),
    )
}
