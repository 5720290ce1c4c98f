//! `pipeline_runs`: runs of pipelines, newest first.

use pipeline_core::deployment::survey::by_run;
use pipeline_core::run::{
    Invocation, PipelineName, Profile, RunCommit, RunId, RunRecord, RunStatus, StepName, Trigger,
    runs,
};
use pipeline_core::{Actor, BranchName, Deployment, Timestamp};
use tfplugin::{Computed, DataContext, DataSource, Diagnostics, Model, Path, Text};

use crate::error::{self, Blame as _};
use crate::pipeline::Pipeline;
use crate::words::told;

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
    pub name: Text<PipelineName>,
    /// ID of the run.
    pub run_id: Text<RunId>,
    /// Status, such as `success`.
    pub status: Text<RunStatus>,
    /// What started it.
    pub trigger: Text<Trigger>,
    /// Branch that it builds.
    pub branch: Text<BranchName>,
    /// Commit that it builds.
    pub commit_sha: Text<RunCommit>,
    /// When it began, in UTC; null where that is not recorded.
    pub started_at: Option<Text<Timestamp>>,
    /// When it ended, in UTC; null where that is not recorded.
    pub completed_at: Option<Text<Timestamp>>,
    /// How long it took, in seconds; null where its times are not recorded.
    pub duration_seconds: Option<i64>,
    /// Exit code of its script; null where that is not recorded.
    pub exit_code: Option<i64>,
    /// How much it tests; null where that is not recorded.
    pub profile: Option<Text<Profile>>,
    /// How it was invoked; null where that is not recorded.
    pub triggered_by: Option<Text<Invocation>>,
    /// Steps that it completed, in order; null where none is recorded.
    pub steps_completed: Option<Vec<Text<StepName>>>,
    /// What it built; null where nothing is recorded.
    pub artifacts: Option<Vec<String>>,
    /// Who recorded it or changed the record last.
    pub registered_by: Text<Actor>,
    /// Deployments that name it, oldest first, as `environment/deployment_id`.
    pub deployments: Vec<String>,
}

impl DataSource for Runs {
    const NAME: &'static str = "pipeline_runs";
    type Provider = Pipeline;

    async fn read(self, cx: &DataContext<Self>) -> Result<Self, Diagnostics> {
        let session = cx.provider.open().await?;
        let ledger = session.ledger();
        let status = self.status.map(|status| status.0);
        let found = runs(&ledger, self.name.as_deref(), status, session.now()).await;
        let (records, unusable) = found.blame(Path::root())?;
        for record in &unusable {
            cx.warn(error::unusable(Self::RUNS, record));
        }
        let deployments = by_run(&ledger).await.blame(Path::root())?;
        let made = |run: &RunRecord| deployments.get(&run.key()).map_or(&[][..], Vec::as_slice);
        let shown = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let items: Vec<_> =
            records.iter().take(shown).map(|run| RunItem::new(run, made(run))).collect();
        Ok(Self { runs: items.into(), ..self })
    }
}

impl RunItem {
    fn new(run: &RunRecord, made: &[Deployment]) -> Self {
        let made = made.iter().map(|it| format!("{}/{}", it.environment, it.id));
        told!(Self of run {
            name, run_id, status, trigger, branch, commit_sha, started_at, completed_at, exit_code, profile,
            triggered_by, steps_completed, artifacts, registered_by,
        } and duration_seconds: run.span(), deployments: made.collect())
    }
}
