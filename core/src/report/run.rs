//! The run of a pipeline that a report is of.

use serde::Serialize;

use super::facts::ReportFacts;
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, quoted};
use crate::run::{PipelineName, RunCommit, RunId, RunKey, RunRecord, RunStatus};
use crate::{BranchName, DeploymentId, Timestamp};

/// What a report says of its run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunView {
    /// Its pipeline.
    pub workflow_name: PipelineName,
    /// Its ID.
    pub run_id: RunId,
    /// How it ended: `success`, `failure` or `cancelled`.
    pub status: &'static str,
    /// The branch that it built.
    pub branch: BranchName,
    /// The commit that it built.
    pub commit_sha: RunCommit,
    /// When it began, where that is on record.
    pub started_at: Option<Timestamp>,
    /// When it ended, where that is on record.
    pub completed_at: Option<Timestamp>,
    /// How long it took, where both times are on record.
    pub duration_seconds: Option<i64>,
    /// Deployments that name it, in the environments of the report.
    pub deployments: Vec<DeploymentId>,
}

/// How a run ended, in the words of reports; `None`: it goes on.
const fn ended(status: RunStatus) -> Option<&'static str> {
    match status {
        RunStatus::Success => Some("success"),
        RunStatus::Failed => Some("failure"),
        RunStatus::Cancelled => Some("cancelled"),
        RunStatus::Pending | RunStatus::Running => None,
    }
}

/// RPT004: a report is of a run that is on record and over.
#[must_use]
pub fn check_run(key: &RunKey, run: Option<&RunRecord>) -> Option<Violation> {
    let found = match run.map(|run| run.status) {
        Some(status) if ended(status).is_some() => return None,
        Some(status) => format!("{}, which is `{status}`", quoted(&key.to_string())),
        None => format!("{}, which is not on record", quoted(&key.to_string())),
    };
    let next = "Record the end of the run first, or leave `run` out for a report of all.";
    let expected = "a run on record that succeeded, failed or was cancelled";
    Some(Violation::new(RuleId::RPT004, found, expected, next).under("run"))
}

/// The run of a report, where it is of one that is over.
pub(super) fn view(facts: &ReportFacts) -> Option<RunView> {
    let run = facts.run.as_ref()?;
    let key = run.key();
    let records = facts.environments.iter().flat_map(|it| it.history.in_order());
    let made = records.filter(|it| it.pipeline_run.as_ref() == Some(&key));
    Some(RunView {
        workflow_name: key.name.clone(),
        run_id: key.run_id,
        status: ended(run.status)?,
        branch: run.branch.clone(),
        commit_sha: run.commit_sha,
        started_at: run.started_at,
        completed_at: run.completed_at,
        duration_seconds: run.span(),
        deployments: made.map(|it| it.id.clone()).collect(),
    })
}
