//! A run as its log tells it: the steps that it took, and how its tests went.

use super::entry::{Level, LogEntry};
use crate::Timestamp;
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, Violations};
use crate::run::attempts::Attempts;
use crate::run::{RunId, StepName, TestExecution};

/// One run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its ID.
    pub run_id: RunId,
    /// The time of its first entry.
    pub first_at: Timestamp,
    /// The time of its last entry.
    pub last_at: Timestamp,
    /// Its steps, in the order in which they began.
    pub steps: Vec<Step>,
    /// How many of its entries only tell.
    pub infos: u64,
    /// How many warn.
    pub warnings: u64,
    /// How many tell of an error.
    pub errors: u64,
    /// The exit code, where its last step tells it.
    pub exit_code: Option<i64>,
    attempts: Attempts,
}

/// One step of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Its name.
    pub name: StepName,
    /// The time of its first entry.
    pub started_at: Timestamp,
    /// When it was complete, where an entry says so.
    pub completed_at: Option<Timestamp>,
    /// How long it took, in milliseconds, all attempts together.
    pub duration_ms: Option<i64>,
    completions: usize,
}

impl Run {
    /// A run of which nothing is known yet.
    pub(super) fn new(run_id: RunId, at: Timestamp) -> Self {
        Self {
            run_id,
            first_at: at,
            last_at: at,
            steps: Vec::new(),
            infos: 0,
            warnings: 0,
            errors: 0,
            exit_code: None,
            attempts: Attempts::default(),
        }
    }

    /// The executions of its tests, in the order in which they ended.
    #[must_use]
    pub fn tests(&self) -> &[TestExecution] {
        self.attempts.as_slice()
    }

    /// Whether its last step was reached.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.steps.iter().any(|step| step.name == StepName::Complete)
    }

    /// Takes in what an entry says of the run and of its steps, but not its tests.
    pub(super) fn add(&mut self, entry: &LogEntry<'_>) -> Result<(), Violations> {
        let parts = entry.parts();
        let known = self.steps.iter().position(|step| step.name == parts.step_name);
        if let (Some(at), Some(_)) = (known, parts.duration_ms)
            && self.steps[at].completions >= most_completions(parts.step_name)
        {
            return Err(complete_before(parts.step_name).into());
        }
        let at = known.unwrap_or_else(|| {
            self.steps.push(Step::new(parts.step_name, parts.timestamp));
            self.steps.len() - 1
        });
        if let Some(duration) = parts.duration_ms {
            self.steps[at].complete(parts.timestamp, duration);
        }
        match parts.level {
            Level::Info => self.infos += 1,
            Level::Warn => self.warnings += 1,
            Level::Error => self.errors += 1,
        }
        if parts.step_name == StepName::Complete {
            self.exit_code = parts.exit_code.or(self.exit_code);
        }
        self.first_at = self.first_at.min(parts.timestamp);
        self.last_at = self.last_at.max(parts.timestamp);
        Ok(())
    }

    /// Takes in how tests went.
    pub(super) fn add_test(&mut self, test: TestExecution) -> Result<(), Violations> {
        self.attempts.add(test)
    }
}

impl Step {
    const fn new(name: StepName, at: Timestamp) -> Self {
        Self { name, started_at: at, completed_at: None, duration_ms: None, completions: 0 }
    }

    fn complete(&mut self, at: Timestamp, duration: i64) {
        self.completed_at = Some(at);
        self.duration_ms = Some(self.duration_ms.unwrap_or(0).saturating_add(duration));
        self.completions += 1;
    }
}

/// Tests may be tried twice, and each attempt completes their step.
const fn most_completions(step: StepName) -> usize {
    match step {
        StepName::TestUnit | StepName::TestIntegration | StepName::TestE2e => 2,
        _ => 1,
    }
}

fn complete_before(step: StepName) -> Violation {
    let most = most_completions(step);
    let found = format!("a duration of step `{step}`, which was complete before");
    let expected = match most {
        1 => "a duration only on the entry that completes the step",
        _ => "a duration only on the entries that complete one of two attempts",
    };
    let next = "Leave `duration_ms` out of the other entries of the step.";
    Violation::new(RuleId::LOG005, found, expected, next).under("duration_ms")
}
