//! `pipeline_runs`: runs of pipelines, newest first.

use pipeline_core::run::{PipelineName, RunRecord, RunStatus, runs};
use tfplugin::{Computed, DataContext, DataSource, Diagnostics, Model, Path, Text};

use crate::error::{self, Blame as _};
use crate::pipeline::Pipeline;

/// The runs that are recorded, newest first by the time in their IDs.
#[derive(Debug, Clone, Model)]
pub struct Runs {
    /// Name of a pipeline. All pipelines where absent.
    pub name: Option<Text<PipelineName>>,
    /// Status, such as `failed`. Any where absent.
    pub status: Option<Text<RunStatus>>,
    /// How many to show at most.
    #[tf(default = 10)]
    pub limit: u64,
    /// Runs, newest first.
    pub runs: Computed<Vec<RunItem>>,
}

/// A run.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct RunItem {
    /// Name of the pipeline.
    pub name: String,
    /// ID of the run.
    pub run_id: String,
    /// Status, such as `success`.
    pub status: String,
    /// What started it.
    pub trigger: String,
    /// Branch that it builds.
    pub branch: String,
    /// Commit that it builds.
    pub commit_sha: String,
    /// When it began, in UTC; null where that is not recorded.
    pub started_at: Option<String>,
    /// When it ended, in UTC; null where that is not recorded.
    pub completed_at: Option<String>,
    /// How long it took, in seconds; null where its times are not recorded.
    pub duration_seconds: Option<i64>,
    /// Exit code of its script; null where that is not recorded.
    pub exit_code: Option<i64>,
    /// How much it tests; null where that is not recorded.
    pub profile: Option<String>,
    /// How it was invoked; null where that is not recorded.
    pub triggered_by: Option<String>,
    /// Steps that it completed, in order.
    pub steps_completed: Vec<String>,
    /// What it built.
    pub artifacts: Vec<String>,
    /// Who recorded it or changed the record last.
    pub registered_by: String,
}

impl DataSource for Runs {
    const NAME: &'static str = "pipeline_runs";
    type Provider = Pipeline;

    async fn read(self, cx: &DataContext<Self>) -> Result<Self, Diagnostics> {
        let session = cx.provider.open().await?;
        let status = self.status.map(|status| status.0);
        let found = runs(&session.ledger(), self.name.as_deref(), status).await;
        let (records, unusable) = found.blame(Path::root())?;
        for record in &unusable {
            cx.warn(error::unusable(Self::RUNS, record));
        }
        let shown = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let items: Vec<_> = records.iter().take(shown).map(RunItem::from).collect();
        Ok(Self { runs: items.into(), ..self })
    }
}

impl From<&RunRecord> for RunItem {
    fn from(run: &RunRecord) -> Self {
        Self {
            name: run.name.to_string(),
            run_id: run.run_id.to_string(),
            status: run.status.to_string(),
            trigger: run.trigger.to_string(),
            branch: run.branch.to_string(),
            commit_sha: run.commit_sha.to_string(),
            started_at: run.started_at.map(|at| at.to_string()),
            completed_at: run.completed_at.map(|at| at.to_string()),
            duration_seconds: run.duration_seconds(),
            exit_code: run.exit_code,
            profile: run.profile.map(|it| it.to_string()),
            triggered_by: run.triggered_by.map(|it| it.to_string()),
            steps_completed: run.steps_completed.iter().map(ToString::to_string).collect(),
            artifacts: run.artifacts.clone(),
            registered_by: run.registered_by.to_string(),
        }
    }
}
