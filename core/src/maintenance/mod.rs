//! Maintenance tasks: what was done to keep a repository in order, by whom, and what came of it.
//!
//! A task is claimed before it changes anything, and whatever changes something asks for the claim
//! ([`Working`]). Commands that a task runs, and the search for credentials, have rooms of their own.

mod change;
mod dialect;
pub mod rules;
mod survey;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use change::{Batch, StagedTask, TaskChange, Working};
pub use rules::{Keep, Needs};
pub use survey::{Cleanup, Due, abandoned, cleanup, needs, survey};
#[cfg(feature = "git")]
pub use survey::{Deprecations, Policy, deprecations};

use crate::base::id::stamp;
use crate::base::machine::Machine;
use crate::base::rule::RuleId;
use crate::base::violation::{Findings, Violation, Violations, quoted};
use crate::record::{Record, RecordError};
use crate::{Actor, DeploymentId, Timestamp, WorkflowRunId};

closed_list! {
    /// What a task does.
    pub enum TaskType breaks MNT006 {
        /// Takes away what has been kept long enough.
        Cleanup = "cleanup",
        /// Runs the command that copies files where they belong.
        SyncFiles = "sync-files",
        /// Marks old versions as deprecated.
        DeprecateOldVersions = "deprecate-old-versions",
        /// Looks for credentials and for secrets in the clear.
        SecurityAudit = "security-audit",
        /// Runs the command that updates dependencies.
        DependencyUpdate = "dependency-update",
        /// All of them, one after another.
        All = "all",
    }
}

closed_list! {
    /// How far a task has come.
    pub enum TaskStatus breaks GLB004 {
        /// It has not begun.
        Pending = "pending",
        /// It is being done.
        InProgress = "in_progress",
        /// It is done.
        Succeeded = "succeeded",
        /// It could not be done, or found what should not be.
        Failed = "failed",
    }
}

impl TaskStatus {
    /// Whether a task can begin with this status.
    #[must_use]
    pub const fn can_begin(self) -> bool {
        matches!(self, Self::Pending | Self::InProgress)
    }

    /// Checks one change of status.
    ///
    /// # Errors
    /// MNT005, with what is possible instead.
    pub fn check_change(self, to: Self) -> Result<(), Violation> {
        let Ok(machine) = Machine::by_name("maintenance_task") else { return Ok(()) };
        let change = machine.check(self.as_str(), to.as_str());
        change.map_err(|refused| refused.under_rule(RuleId::MNT005).under("status"))
    }
}

impl TaskType {
    /// The types that a task of this type consists of, in the order in which they are done.
    #[must_use]
    pub fn parts(self) -> Vec<Self> {
        let every = Self::ALL.iter().copied().filter(|it| *it != Self::All);
        if self == Self::All { every.collect() } else { vec![self] }
    }
}

/// The ID of a task, such as `maint-20251121-140000-cleanup-k8m3q2`; without the last part, where somebody
/// else made it. IDs sort by the second in which they were made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(String);

impl TaskId {
    /// The ID of a task that begins at this moment, told from others by these random bytes.
    ///
    /// # Errors
    /// When the clock is outside the calendar.
    pub fn draw(
        task_type: TaskType,
        now: jiff::Timestamp,
        random: [u8; 16],
    ) -> Result<Self, Violations> {
        let like = DeploymentId::draw(now, random)?;
        let (time, suffix) = like.as_str().trim_start_matches("deploy-").split_at(15);
        format!("maint-{time}-{task_type}{suffix}").parse()
    }
}

impl FromStr for TaskId {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        let bad = || {
            let expected = "`maint-YYYYMMDD-HHMMSS-<type>-xxxxxx` with a real date and time and the type of \
                            the task";
            let next =
                "Copy the ID from the record, such as `maint-20251121-140000-cleanup-k8m3q2`.";
            Violations::from(Violation::new(RuleId::GLB002, quoted(text), expected, next))
        };
        let (time, rest) = text.split_at_checked("maint-YYYYMMDD-HHMMSS".len()).ok_or_else(bad)?;
        let is_type = |word: &str| TaskType::WORDS.contains(&word);
        let suffix = match rest.strip_prefix('-') {
            Some(word) if is_type(word) => "xxxxxx",
            Some(rest) => {
                let (word, suffix) = rest.rsplit_once('-').ok_or_else(bad)?;
                Some(suffix).filter(|_| is_type(word)).ok_or_else(bad)?
            }
            None => return Err(bad()),
        };
        let well_formed = stamp(&format!("{time}-{suffix}"), "maint-").is_some();
        if well_formed { Ok(Self(text.to_owned())) } else { Err(bad()) }
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

text_serde!(TaskId);

/// A finding of a security audit, as a record keeps it: never with what was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskFinding {
    /// The file.
    pub path: String,
    /// The line, counted from 1; absent where it is about the whole file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// What is there.
    pub kind: String,
    /// The rule that it breaks.
    pub rule: String,
    /// Names it in an allow list.
    pub fingerprint: String,
}

/// A task, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaintenanceTask {
    /// Its ID.
    pub task_id: TaskId,
    /// What it does.
    pub task_type: TaskType,
    status: TaskStatus,
    /// Who began it.
    pub triggered_by: Actor,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    started_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    completed_at: Option<Timestamp>,
    /// The run of the workflow that began it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow_run_id: Option<WorkflowRunId>,
    /// What came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_summary: Option<String>,
    /// What it set out to do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub planned: Vec<String>,
    /// What a security audit found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<TaskFinding>,
}

impl MaintenanceTask {
    /// A task that begins at this time.
    #[must_use]
    pub const fn begun(
        task_id: TaskId,
        task_type: TaskType,
        triggered_by: Actor,
        at: Timestamp,
    ) -> Self {
        Self {
            task_id,
            task_type,
            status: TaskStatus::InProgress,
            triggered_by,
            started_at: Some(at),
            completed_at: None,
            workflow_run_id: None,
            result_summary: None,
            planned: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// The same task, over at this time.
    #[must_use]
    pub fn ended(self, succeeded: bool, at: Timestamp, result_summary: &str) -> Self {
        Self {
            status: if succeeded { TaskStatus::Succeeded } else { TaskStatus::Failed },
            completed_at: Some(self.started_at.map_or(at, |started| at.max(started))),
            result_summary: Some(result_summary.to_owned()),
            ..self
        }
    }

    /// How far it has come.
    #[must_use]
    pub const fn status(&self) -> TaskStatus {
        self.status
    }

    /// When it began.
    #[must_use]
    pub const fn started_at(&self) -> Option<Timestamp> {
        self.started_at
    }

    /// When it was over.
    #[must_use]
    pub const fn completed_at(&self) -> Option<Timestamp> {
        self.completed_at
    }

    /// MNT003, MNT004: the times go with the status.
    fn check_times(&self) -> Result<(), Violations> {
        let mut findings = Findings::new();
        let begun = self.status != TaskStatus::Pending;
        findings.require(self.started_at.is_some() == begun, || {
            self.misfit(RuleId::MNT003, "started_at", self.started_at, begun)
        });
        let over = begun && self.status != TaskStatus::InProgress;
        let in_order = self.completed_at.is_none() || self.completed_at >= self.started_at;
        findings.require(self.completed_at.is_some() == over && in_order, || {
            self.misfit(RuleId::MNT004, "completed_at", self.completed_at, over)
        });
        findings.finish(())
    }

    fn misfit(
        &self,
        rule: RuleId,
        field: &'static str,
        found: Option<Timestamp>,
        wanted: bool,
    ) -> Violation {
        let found = found.map_or_else(|| "no time".to_owned(), |at| format!("`{at}`"));
        let expected = if wanted { "a time that is not before the start" } else { "no time" };
        let expected = format!("{expected}, because the task is `{}`", self.status);
        let next = format!("Correct `{field}` or the status of the record.");
        Violation::new(rule, found, expected, next).under(field)
    }
}

impl Record for MaintenanceTask {
    const KIND: &'static str = "maintenance_task";
    const SHELF: &'static str = "maintenance";

    fn from_body(body: Map<String, Value>) -> Result<Self, RecordError> {
        let task: Self =
            RecordError::invalid_unless(Self::KIND, serde_json::from_value(Value::Object(body)))?;
        let broken = |faults| RecordError::Broken { kind: Self::KIND, faults };
        task.check_times().map_err(broken)?;
        Ok(task)
    }

    fn key(&self) -> Option<String> {
        Some(self.task_id.to_string())
    }
}
