//! What records and steps say of what ended.

use std::time::Duration;

use super::{Ended, Ending, Kind, Moment, NONE, Stage};
use crate::Timestamp;
use crate::base::rule::RuleId;
use crate::base::violation::Violation;
use crate::deployment::{Deployment, Scope, Status};
use crate::run::{PipelineRun, RunStatus, StageStatus};

/// A step of a deployment that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepTook {
    /// What it is called.
    pub name: &'static str,
    /// How long after the deployment was asked for it began.
    pub after: Duration,
    /// How long it took.
    pub took: Duration,
    /// What became of it.
    pub result: Ending,
}

/// A deployment that ended, which was asked for at `began`; nothing where it did not end.
#[must_use]
pub fn of_deployment(
    record: &Deployment,
    steps: &[StepTook],
    (began, took): (Moment, Duration),
) -> Option<Ended> {
    let result = match record.status() {
        Status::Queued | Status::InProgress => return None,
        Status::Succeeded | Status::RolledBack => Ending::Succeeded,
        Status::Failed => Ending::Failed,
        Status::Cancelled => Ending::Cancelled,
    };
    let project = record.version.sub_project_path();
    let name = Scope {
        environment: record.environment.clone(),
        sub_project_path: project.clone(),
        region: record.region.clone(),
    };
    let mut attributes = vec![
        ("vcs.ref.head.name", record.version.to_string()),
        ("vcs.ref.head.type", "tag".to_owned()),
        ("vcs.ref.head.revision", record.commit_sha.to_string()),
    ];
    let host = record.infrastructure.as_ref().map(|it| ("pipeline.infrastructure", it.to_string()));
    attributes.extend(host);
    let fixes = record.fixes.as_ref().map(|it| ("pipeline.deployment.fixes", it.to_string()));
    attributes.extend(fixes);
    Some(Ended {
        kind: Kind::Deployment,
        workflow_id: record.id.to_string(),
        name: name.to_string(),
        environment: record.environment.to_string(),
        stack: if project.is_root() { "root".to_owned() } else { project.to_string() },
        result,
        message: record.progress.error_message().map(str::to_owned),
        began,
        took,
        recorded: record.duration_seconds().map(Duration::from_secs),
        stages: steps.iter().map(Stage::from).collect(),
        attributes,
        seed: record.uuid.to_string(),
    })
}

impl From<&StepTook> for Stage {
    fn from(step: &StepTook) -> Self {
        let StepTook { name, after, took, result } = *step;
        Self { name: name.to_owned(), after, took, result, message: None }
    }
}

/// A run of a pipeline that is over; nothing where it is not.
///
/// # Errors
/// OBS001 where nobody says how long it took.
pub fn of_run(run: &PipelineRun) -> Result<Option<Ended>, Violation> {
    let result = match run.status {
        RunStatus::Pending | RunStatus::Running => return Ok(None),
        RunStatus::Success => Ending::Succeeded,
        RunStatus::Failed => Ending::Failed,
        RunStatus::Cancelled => Ending::Cancelled,
    };
    let (Some(started), Some(completed)) = (run.started_at, run.completed_at) else {
        let next = "Set both, so that telemetry is told how long it took.";
        let found = format!("a run that is `{}` without its times", run.status);
        let expected = "when it began and when it ended";
        return Err(Violation::new(RuleId::OBS001, found, expected, next).under("completed_at"));
    };
    let took = since(started, completed);
    let stages = run.stages.iter().filter_map(|it| {
        let failed = it.status == StageStatus::Failed;
        Some(Stage {
            name: it.stage_name.clone(),
            after: since(started, it.started_at),
            took: since(it.started_at, it.completed_at?),
            result: if failed { Ending::Failed } else { Ending::Succeeded },
            message: it.error_message.clone(),
        })
    });
    let stages: Vec<Stage> = stages.collect();
    let name = run.name.to_string();
    Ok(Some(Ended {
        kind: Kind::Run,
        workflow_id: run.key().to_string(),
        environment: NONE.to_owned(),
        stack: name.clone(),
        result,
        message: stages.iter().find_map(|stage| stage.message.clone()),
        began: moment(started),
        took,
        recorded: Some(took),
        stages,
        attributes: vec![
            ("vcs.ref.head.name", run.branch.to_string()),
            ("vcs.ref.head.type", "branch".to_owned()),
            ("vcs.ref.head.revision", run.commit_sha.to_string()),
        ],
        seed: run.key().to_string(),
        name,
    }))
}

fn since(earlier: Timestamp, later: Timestamp) -> Duration {
    Duration::from_secs(u64::try_from(later.seconds_since(earlier)).unwrap_or_default())
}

fn moment(at: Timestamp) -> Moment {
    let seconds = u64::try_from(at.unix_seconds()).unwrap_or_default();
    Moment(seconds.saturating_mul(1_000_000_000))
}
