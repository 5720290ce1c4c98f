//! What is recorded of one run of a pipeline: the type, which keeps every rule that concerns it alone.
//!
//! What the ledger has to say is in [`rules`](super::rules), what steps and exit code say of each other in
//! [`steps`](super::steps).

use std::ops::Deref;

use serde::{Deserialize, Serialize};

use super::attempts::Attempts;
use super::result::{BuildResult, Stage, StageStatus, TestResult};
use super::{PipelineName, RunId, RunKey, StepName, TestExecution, Trigger, steps};
use crate::Timestamp;
use crate::base::revision::{BranchName, CommitSha};
use crate::base::rule::RuleId;
use crate::base::violation::{FieldPath, Findings, Violation, Violations, quoted};
use crate::registration::Registered;

/// A run as it was recorded.
pub type RunRecord = Registered<PipelineRun>;

closed_list! {
    /// How far a run is.
    pub enum RunStatus breaks RUN005 {
        /// It waits.
        Pending = "pending",
        /// It goes on.
        Running = "running",
        /// It did what it should.
        Success = "success",
        /// It did not.
        Failed = "failed",
        /// Somebody ended it.
        Cancelled = "cancelled",
    }
}

impl RunStatus {
    /// Whether the run came to its own end.
    #[must_use]
    pub const fn is_finished(self) -> bool {
        matches!(self, Self::Success | Self::Failed)
    }

    /// Whether the run is not over.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Running)
    }
}

closed_list! {
    /// How much a run tests.
    pub enum Profile breaks RUN024 {
        /// What a developer needs.
        Dev = "dev",
        /// What concerns the user interface.
        Ui = "ui",
        /// Everything.
        Full = "full",
    }
}

closed_list! {
    /// How a run was invoked.
    pub enum Invocation breaks RUN025 {
        /// From the text interface.
        Tui = "TUI",
        /// From the command line.
        Cli = "CLI",
    }
}

/// What a [`PipelineRun`] is made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PipelineRunParts {
    /// The pipeline.
    pub name: PipelineName,
    /// The ID of the run.
    pub run_id: RunId,
    /// What started it.
    pub trigger: Trigger,
    /// The branch that it builds.
    pub branch: BranchName,
    /// The commit that it builds.
    pub commit_sha: CommitSha,
    /// How far it is.
    pub status: RunStatus,
    /// How much it tests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// How it was invoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub triggered_by: Option<Invocation>,
    /// The exit code of its script.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i64>,
    /// The steps that it completed, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps_completed: Vec<StepName>,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// How long it took, where somebody says so; otherwise the times tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_seconds: Option<i64>,
    /// What it built.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub artifacts: Vec<String>,
    /// Its stages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<Stage>,
    /// The executions of its suites of tests, in the order in which they ended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tests: Vec<TestExecution>,
    /// What came of its build.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<BuildResult>,
    /// What came of its tests, counted one by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_result: Option<TestResult>,
}

/// A run of a pipeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "PipelineRunParts", into = "PipelineRunParts")]
pub struct PipelineRun(PipelineRunParts);

impl PipelineRun {
    /// The run of these parts.
    ///
    /// # Errors
    /// All rules that it breaks.
    pub fn new(parts: PipelineRunParts) -> Result<Self, Violations> {
        let mut findings = Findings::new();
        findings.extend(times(&parts));
        findings.extend(steps::check(&parts));
        for (at, stage) in parts.stages.iter().enumerate() {
            findings.take(FieldPath::from("stages").index(at), stage.check());
        }
        findings.extend(workflow(&parts));
        let mut attempts = Attempts::default();
        for (at, test) in parts.tests.iter().enumerate() {
            findings.take(FieldPath::from("tests").index(at), attempts.add(*test));
        }
        findings.take_option("build", parts.build.as_ref().map(BuildResult::check));
        findings.take_option("test_result", parts.test_result.as_ref().map(TestResult::check));
        findings.finish(Self(parts.normal()))
    }

    /// What names it.
    #[must_use]
    pub fn key(&self) -> RunKey {
        RunKey { name: self.name.clone(), run_id: self.run_id }
    }

    /// How long it took, where both times are known.
    #[must_use]
    pub fn duration_seconds(&self) -> Option<i64> {
        self.0.span()
    }
}

impl PipelineRunParts {
    /// The seconds from beginning to end.
    pub(super) fn span(&self) -> Option<i64> {
        Some(self.completed_at?.seconds_since(self.started_at?))
    }

    /// Without what follows from the rest, so that the same run has one form.
    fn normal(mut self) -> Self {
        self.duration_seconds = None;
        self.build.iter_mut().for_each(|build| build.success = None);
        self.test_result.iter_mut().for_each(|tests| tests.success = None);
        self
    }
}

impl Deref for PipelineRun {
    type Target = PipelineRunParts;
    fn deref(&self) -> &PipelineRunParts {
        &self.0
    }
}

impl TryFrom<PipelineRunParts> for PipelineRun {
    type Error = Violations;
    fn try_from(parts: PipelineRunParts) -> Result<Self, Violations> {
        Self::new(parts)
    }
}

impl From<PipelineRun> for PipelineRunParts {
    fn from(run: PipelineRun) -> Self {
        run.0
    }
}

/// The commit of a run.
///
/// # Errors
/// RUN002.
pub fn commit(text: &str) -> Result<CommitSha, Violations> {
    text.parse().map_err(|faults: Violations| faults.as_rule(RuleId::RUN002))
}

/// RUN003 and RUN004, or RUN021 for a run that ended with an exit code: its script counts whole seconds, so
/// that it may take none. RUN022, and WFL002 of the whole.
fn times(parts: &PipelineRunParts) -> Vec<Violation> {
    let mut findings = Findings::new();
    if let (true, Some(at)) = (parts.status.is_open(), parts.completed_at) {
        let found = format!("{at}, while the run is `{}`", parts.status);
        let next = "Set `completed_at` when the run ends, together with its status.";
        findings.push(Violation::new(RuleId::WFL002, found, "no time", next).under("completed_at"));
    }
    if let (Some(start), Some(end)) = (parts.started_at, parts.completed_at) {
        let (rule, is_wrong, expected) = match parts.exit_code {
            Some(_) => (RuleId::RUN021, end < start, "an end that is not before the beginning"),
            None => (RuleId::RUN003, end <= start, "an end after the beginning"),
        };
        findings.require(!is_wrong, || {
            let found = format!("{end}, with a beginning at {start}");
            let next = "Take both times from the same clock.";
            Violation::new(rule, found, expected, next).under("completed_at")
        });
    }
    if let Some(said) = parts.duration_seconds {
        findings.extend(duration(parts, said));
    }
    findings.into_vec()
}

fn duration(parts: &PipelineRunParts, said: i64) -> Option<Violation> {
    let next = "Leave it out: it follows from `started_at` and `completed_at`.";
    let (rule, expected) = if said < 0 || (said == 0 && parts.exit_code.is_none()) {
        (RuleId::RUN004, "more than 0 s".to_owned())
    } else {
        match parts.span() {
            Some(span) if span == said => return None,
            Some(span) => (RuleId::RUN022, format!("the {span} s between the two times")),
            None => (RuleId::RUN022, "`started_at` and `completed_at` beside it".to_owned()),
        }
    };
    Some(Violation::new(rule, format!("{said} s"), expected, next).under("duration_seconds"))
}

/// WFL004: what stages say of the whole.
fn workflow(parts: &PipelineRunParts) -> Vec<Violation> {
    let mut findings = Findings::new();
    let failed = parts.stages.iter().find(|stage| stage.status == StageStatus::Failed);
    if let (RunStatus::Success, Some(stage)) = (parts.status, failed) {
        let found = format!("`success`, though {} failed", quoted(&stage.stage_name));
        let next = "Set `status = \"failed\"`, or correct the stage.";
        findings.push(Violation::new(RuleId::WFL004, found, "`failed`", next).under("status"));
    }
    for (at, stage) in parts.stages.iter().enumerate() {
        let early = parts.started_at.is_some_and(|start| stage.started_at < start);
        let ends = stage.completed_at.unwrap_or(stage.started_at);
        let late = parts.completed_at.is_some_and(|end| ends > end);
        findings.require(!early && !late, || {
            let told = |at: Option<Timestamp>| at.map_or("unknown".to_owned(), |at| at.to_string());
            let found =
                format!("{} from {} to {ends}", quoted(&stage.stage_name), stage.started_at);
            let (start, end) = (told(parts.started_at), told(parts.completed_at));
            let expected = format!("times within those of the run: {start} to {end}");
            let next = "Take all times from the same clock.";
            let field = if early { "started_at" } else { "completed_at" };
            let path = FieldPath::from("stages").index(at).field(field);
            Violation::new(RuleId::WFL004, found, expected, next).under(path)
        });
    }
    findings.into_vec()
}
