//! What is recorded of one run of a pipeline: the type, which keeps every rule that concerns it alone.
//!
//! What the ledger has to say is in [`rules`](super::rules), what steps and exit code say of each other in
//! [`steps`](super::steps).

use std::ops::Deref;

use serde::{Deserialize, Serialize};

use super::attempts::Attempts;
use super::pipeline::RunCommit;
use super::result::{BuildResult, Stage, StageStatus, TestResult};
use super::{
    PipelineName, RunId, RunKey, StepName, TestExecution, TestExecutionParts, Trigger, steps,
};
use crate::Timestamp;
use crate::archive::retention::Kept;
use crate::archive::{Expires, sealed::MayExpire};
use crate::base::name::look_alike;
use crate::base::revision::BranchName;
use crate::base::rule::RuleId;
use crate::base::violation::{FieldPath, Findings, Violation, Violations, quoted};
use crate::registration::Registered;

/// A run as it was recorded.
pub type RunRecord = Registered<PipelineRun>;

impl MayExpire for RunRecord {}
impl Expires for RunRecord {}

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
    /// Whether nothing happens to the run any more.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Success | Self::Failed | Self::Cancelled)
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
    pub commit_sha: RunCommit,
    /// How far it is.
    pub status: RunStatus,
    /// How much it tests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// How it was invoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub triggered_by: Option<Invocation>,
    /// The exit code of its script.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i64>,
    /// The steps that it completed, in their order.
    #[serde(default)]
    pub steps_completed: Vec<StepName>,
    /// When it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// How long it took, where somebody says so; otherwise the times tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_seconds: Option<i64>,
    /// What it built.
    #[serde(default)]
    pub artifacts: Vec<String>,
    /// Its stages.
    #[serde(default)]
    pub stages: Vec<Stage>,
    /// The executions of its suites of tests, in the order in which they ended.
    #[serde(default)]
    pub tests: Vec<TestExecutionParts>,
    /// What came of its build.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build: Option<BuildResult>,
    /// What came of its tests, counted one by one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_result: Option<TestResult>,
}

/// A run of a pipeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "PipelineRunParts")]
pub struct PipelineRun(PipelineRunParts);

impl PipelineRun {
    /// The run of these parts. What follows from other parts is compared with them, and not kept.
    ///
    /// # Errors
    /// All rules that it breaks.
    pub fn new(mut parts: PipelineRunParts) -> Result<Self, Violations> {
        let mut findings = Findings::new();
        findings.extend(times(&parts));
        findings.extend(steps::check(&parts));
        findings.extend(workflow(&parts));
        let mut attempts = Attempts::default();
        for (at, test) in parts.tests.iter().enumerate() {
            let added = TestExecution::new(*test).and_then(|test| attempts.add(test));
            findings.take(FieldPath::from("tests").index(at), added);
        }
        findings.take_option("build", parts.build.as_ref().map(BuildResult::check));
        findings.take_option("test_result", parts.test_result.as_ref().map(TestResult::check));
        parts.duration_seconds = None;
        parts.build.iter_mut().for_each(|build| build.success = None);
        parts.test_result.iter_mut().for_each(|tests| tests.success = None);
        findings.finish(Self(parts))
    }

    /// What names it.
    #[must_use]
    pub fn key(&self) -> RunKey {
        RunKey { name: self.name.clone(), run_id: self.run_id }
    }
}

impl PipelineRunParts {
    /// Whether the rules let its record go `now` (RET001, RET002), which was written at this time.
    #[must_use]
    pub fn has_expired(&self, written_at: Timestamp, now: Timestamp) -> bool {
        let since = self.kept_since(written_at, now);
        let kept = "run".parse::<Kept>();
        kept.and_then(|kept| kept.check_expired(Some(self.status.as_str()), since, now)).is_ok()
    }

    /// From when on its term counts: from its end, or from when it was recorded as over, where that was later. A
    /// time that is still to come is none.
    #[must_use]
    pub(crate) fn kept_since(&self, written_at: Timestamp, now: Timestamp) -> Timestamp {
        let times = [self.completed_at, Some(written_at)].into_iter().flatten();
        times.filter(|at| *at <= now).max().unwrap_or(now)
    }

    /// The seconds from beginning to end, where both times are known.
    #[must_use]
    pub fn span(&self) -> Option<i64> {
        Some(self.completed_at?.seconds_since(self.started_at?))
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

/// RUN003 and RUN004, or RUN021 for a run that ended with an exit code: its script counts whole seconds, so
/// that it may take none. RUN022, and WFL002 of the whole.
fn times(parts: &PipelineRunParts) -> Vec<Violation> {
    let mut findings = Findings::new();
    if let Some(at) = parts.completed_at.filter(|_| !parts.status.is_over()) {
        let found = format!("{at}, while the run is `{}`", parts.status);
        let next = "Set `completed_at` when the run ends, together with its status.";
        findings.push(Violation::new(RuleId::WFL002, found, "no time", next).under("completed_at"));
    }
    let (rule, least, expected) = match parts.exit_code {
        Some(_) => (RuleId::RUN021, 0, "an end that is not before the beginning"),
        None => (RuleId::RUN003, 1, "an end after the beginning"),
    };
    if let Some((start, end)) = parts.started_at.zip(parts.completed_at)
        && (end < start || (end == start && least > 0))
    {
        let (found, next) =
            (format!("{end}, with a beginning at {start}"), "Take both from one clock.");
        findings.push(Violation::new(rule, found, expected, next).under("completed_at"));
    }
    let (said, span) = (parts.duration_seconds, parts.span());
    if let Some(said) = said.filter(|said| *said < least || Some(*said) != span) {
        let (rule, expected) = match span {
            _ if said < least => (RuleId::RUN004, format!("at least {least} s")),
            Some(span) => (RuleId::RUN022, format!("the {span} s between the two times")),
            None => (RuleId::RUN022, "`started_at` and `completed_at` beside it".to_owned()),
        };
        let next = "Leave it out: it follows from `started_at` and `completed_at`.";
        let found = format!("{said} s");
        findings.push(Violation::new(rule, found, expected, next).under("duration_seconds"));
    }
    findings.into_vec()
}

/// WFL002, WFL003 and OWN047 of each stage, and WFL004: what stages say of the whole.
fn workflow(parts: &PipelineRunParts) -> Vec<Violation> {
    let mut findings = Findings::new();
    let failed = parts.stages.iter().find(|stage| stage.status == StageStatus::Failed);
    if let (RunStatus::Success, Some(stage)) = (parts.status, failed) {
        let found = format!("`success`, though {} failed", quoted(&stage.stage_name));
        let next = "Set `status = \"failed\"`, or correct the stage.";
        findings.push(Violation::new(RuleId::WFL004, found, "`failed`", next).under("status"));
    }
    for (at, stage) in parts.stages.iter().enumerate() {
        let path = FieldPath::from("stages").index(at);
        findings.take(path.clone(), stage.check());
        let Stage { stage_name, started_at, .. } = stage;
        let before = parts.stages.iter().take(at).map(|stage| stage.stage_name.as_str());
        let alike = look_alike(stage_name, before);
        findings.extend(alike.map(|alike| alike.under("stage_name").under(path.clone())));
        let early = parts.started_at.filter(|start| started_at < start);
        let ends = stage.completed_at.unwrap_or(*started_at);
        let late = parts.completed_at.filter(|end| ends > *end);
        let Some((bound, field)) = early.zip(Some("started_at")).or(late.zip(Some("completed_at")))
        else {
            continue;
        };
        let found = format!("{} from {started_at} to {ends}", quoted(stage_name));
        let expected = format!("times within those of the run, whose `{field}` is {bound}");
        let next = "Take all times from the same clock.";
        findings
            .push(Violation::new(RuleId::WFL004, found, expected, next).under(path.field(field)));
    }
    findings.into_vec()
}
