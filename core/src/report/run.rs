//! The run of a pipeline that a report is of.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::facts::ReportFacts;
use super::model::{Report, ReportQuestion};
use super::shown;
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, Violations, quoted};
use crate::run::{PipelineName, RunCommit, RunId, RunKey, RunRecord, RunStatus};
use crate::{BranchName, DeploymentId, Timestamp, WorkflowRunId};

/// How many seconds after the end of its run a report is still one that was made at the end.
const AT_ITS_END: i64 = 10;

closed_list! {
    /// How the run of a report ended.
    pub enum RunEnd breaks RPT005 {
        /// It did what it should.
        Success = "success",
        /// It did not.
        Failure = "failure",
        /// Somebody ended it.
        Cancelled = "cancelled",
    }
}

impl RunEnd {
    /// The end that a status says.
    ///
    /// # Errors
    /// RPT005: the run goes on.
    pub fn of(status: RunStatus) -> Result<Self, Violation> {
        match status {
            RunStatus::Success => Ok(Self::Success),
            RunStatus::Failed => Ok(Self::Failure),
            RunStatus::Cancelled => Ok(Self::Cancelled),
            RunStatus::Pending | RunStatus::Running => Err(Violation::not_listed(
                RuleId::RPT005,
                status.as_str(),
                Self::WORDS.iter().copied(),
            )),
        }
    }
}

/// The run of GitHub Actions that the run of a report went on in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct GithubRun(pub WorkflowRunId);

impl FromStr for GithubRun {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        text.parse().map(Self).map_err(|_| {
            let expected = "a GitHub Actions run ID: decimal digits, positive, no leading zeros";
            let next = "Take it from `GITHUB_RUN_ID`, or leave it out outside of GitHub Actions.";
            Violation::new(RuleId::RPT001, quoted(text), expected, next).into()
        })
    }
}

impl fmt::Display for GithubRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a report says of its run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunView {
    /// Its pipeline.
    pub workflow_name: PipelineName,
    /// Its ID.
    pub run_id: RunId,
    /// The run of GitHub Actions that it went on in, where that is known.
    pub workflow_run_id: Option<WorkflowRunId>,
    /// The page of that run.
    pub run_url: Option<String>,
    /// How it ended.
    pub status: RunEnd,
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
    /// How long after its end the report was made, where that is on record and it was not made at the end.
    pub late_seconds: Option<i64>,
    /// Deployments that name it, in the environments of the report.
    pub deployments: Vec<DeploymentId>,
}

/// RPT004: a report is of a run that is on record and over. How it ended is then one of three words (RPT005): that
/// a run which goes on has none of them follows from this, and is not told as well.
#[must_use]
pub fn check_run(key: &RunKey, run: Option<&RunRecord>) -> Option<Violation> {
    let key = quoted(&key.to_string());
    let found = match run.map(|run| run.status) {
        Some(status) if RunEnd::of(status).is_ok() => return None,
        Some(status) => format!("{key}, which is `{}`", status.as_str()),
        None => format!("{key}, which is not on record"),
    };
    let next = "Record the end of the run first, or leave `run` out for a report of all.";
    let expected = "a run on record that succeeded, failed or was cancelled";
    Some(Violation::new(RuleId::RPT004, found, expected, next).under("run"))
}

/// RPT001: a run of GitHub Actions is named together with the run that went on in it.
#[must_use]
pub fn check_github_run(github: Option<GithubRun>, run: Option<&RunKey>) -> Option<Violation> {
    let github = github.filter(|_| run.is_none())?;
    let found = format!("{github}, in a report that is of no run");
    let next = "Name the run with `run`, or leave `workflow_run_id` out.";
    Some(Violation::new(RuleId::RPT001, found, "`run` beside it", next).under("workflow_run_id"))
}

impl Report {
    /// RPT003: who says when the report of a run is judged says the end of the run. A report whose time follows from
    /// the records is not warned about: it says itself by how much it is not of the end.
    #[must_use]
    pub fn check_time(&self, question: &ReportQuestion) -> Option<Violation> {
        let run = self.run.as_ref().filter(|_| question.at.is_some())?;
        let (late, end) = run.late_seconds.zip(run.completed_at)?;
        let found = format!("{}, {}", self.generated_at, shown::after_end(late));
        let expected = format!("at most {AT_ITS_END} s after {end}");
        let next = format!("Nothing, if a later report is meant; else set `at = \"{end}\"`.");
        Some(Violation::new(RuleId::RPT003, found, expected, next).under("at"))
    }
}

/// The run of a report that is judged by `now`, where it is of one that is over.
pub(super) fn view(
    facts: &ReportFacts,
    question: &ReportQuestion,
    now: Timestamp,
) -> Option<RunView> {
    let run = facts.run.as_ref()?;
    let key = run.key();
    let records = facts.environments.iter().flat_map(|it| it.history.in_order());
    let made: Vec<_> = records.filter(|it| it.pipeline_run.as_ref() == Some(&key)).collect();
    let workflow_run_id = question.github_run.map(|it| it.0).or_else(|| {
        let named: BTreeSet<_> = made.iter().filter_map(|it| it.workflow_run_id).collect();
        named.first().copied().filter(|_| named.len() == 1)
    });
    let page = facts.github.as_ref().zip(workflow_run_id);
    let late = run.completed_at.map(|end| now.seconds_since(end));
    Some(RunView {
        workflow_name: key.name.clone(),
        run_id: key.run_id,
        workflow_run_id,
        run_url: page.map(|(github, run)| format!("{}/actions/runs/{run}", github.url())),
        status: RunEnd::of(run.status).ok()?,
        branch: run.branch.clone(),
        commit_sha: run.commit_sha,
        started_at: run.started_at,
        completed_at: run.completed_at,
        duration_seconds: run.span(),
        late_seconds: late.filter(|late| !(0..=AT_ITS_END).contains(late)),
        deployments: made.into_iter().map(|it| it.id.clone()).collect(),
    })
}
