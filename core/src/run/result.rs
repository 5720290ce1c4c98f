//! Parts of a run: its stages, what was built, and how many tests passed.
//!
//! What they say of the whole run is in [`record`](super::record).

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::base::rule::RuleId;
use crate::base::violation::{Findings, Violation, Violations, quoted};

closed_list! {
    /// How far a stage is.
    pub enum StageStatus breaks WFL001 {
        /// It goes on.
        Running = "running",
        /// It did what it should.
        Succeeded = "succeeded",
        /// It did not.
        Failed = "failed",
    }
}

/// A stage of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// Its name.
    pub stage_name: String,
    /// How far it is.
    pub status: StageStatus,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
}

impl Stage {
    /// Checks WFL002 and WFL003.
    ///
    /// # Errors
    /// All that it breaks.
    pub fn check(&self) -> Result<(), Violations> {
        let mut findings = Findings::new();
        let (is_running, name) = (self.status == StageStatus::Running, quoted(&self.stage_name));
        findings.extend(
            match self.completed_at {
                Some(at) if is_running => {
                    Some((format!("{at}, while {name} is running"), "no time"))
                }
                Some(at) if at < self.started_at => {
                    let found = format!("{at}, before the start at {}", self.started_at);
                    Some((found, "a time that is not before the start"))
                }
                None if !is_running => {
                    Some((format!("no time, while {name} is `{}`", self.status), "when it ended"))
                }
                _ => None,
            }
            .map(|(found, expected)| {
                let next = "Set `completed_at` when the stage ends, together with its status.";
                Violation::new(RuleId::WFL002, found, expected, next).under("completed_at")
            }),
        );
        let has_message = self.error_message.as_deref().is_some_and(|text| !text.trim().is_empty());
        let has_failed = self.status == StageStatus::Failed;
        findings.require(has_message == has_failed, || {
            let (found, expected) = match has_failed {
                true => (format!("no message, while {name} failed"), "what went wrong"),
                false => (format!("a message, while {name} is `{}`", self.status), "no message"),
            };
            let next = "Say what went wrong where a stage failed, and only there.";
            Violation::new(RuleId::WFL003, found, expected, next).under("error_message")
        });
        findings.finish(())
    }
}

/// What came of a build.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BuildResult {
    /// Whether it succeeded, where somebody says so; otherwise the exit code tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub success: Option<bool>,
    /// The exit code of its commands.
    pub exit_code: i64,
    /// How long it took, in seconds.
    pub duration_seconds: f64,
    /// Paths of what was built.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub artifacts: Vec<String>,
}

impl BuildResult {
    /// Checks RES001.
    ///
    /// # Errors
    /// All that it breaks.
    pub fn check(&self) -> Result<(), Violations> {
        let mut findings = Findings::new();
        let is_success = self.exit_code == 0;
        findings.require(self.success.is_none_or(|said| said == is_success), || {
            contradiction(RuleId::RES001, format!("exit code {}", self.exit_code), is_success)
        });
        findings.extend(negative(RuleId::RES001, self.duration_seconds));
        findings.finish(())
    }
}

/// What came of running tests, counted one by one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TestResult {
    /// Whether all passed, where somebody says so; otherwise exit code and failures tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub success: Option<bool>,
    /// The exit code of the commands.
    pub exit_code: i64,
    /// How long they took, in seconds.
    pub duration_seconds: f64,
    /// How many ran; what was skipped did not.
    pub test_count: i64,
    /// How many of them passed.
    pub passed_count: i64,
    /// How many of them failed.
    pub failed_count: i64,
}

impl TestResult {
    /// Whether all tests passed.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        self.exit_code == 0 && self.failed_count == 0
    }

    /// Checks RES002.
    ///
    /// # Errors
    /// All that it breaks.
    pub fn check(&self) -> Result<(), Violations> {
        let Self { exit_code, test_count, passed_count, failed_count, .. } = *self;
        let mut findings = Findings::new();
        findings.require(self.success.is_none_or(|said| said == self.is_success()), || {
            let found = format!("exit code {exit_code} and {failed_count} failed tests");
            contradiction(RuleId::RES002, found, self.is_success())
        });
        let is_sum = passed_count >= 0
            && failed_count >= 0
            && passed_count.checked_add(failed_count) == Some(test_count);
        findings.require(is_sum, || {
            let found =
                format!("{test_count}, with {passed_count} passed and {failed_count} failed");
            let expected = "the sum of those that passed and those that failed";
            let next = "Count skipped tests apart: they did not run.";
            Violation::new(RuleId::RES002, found, expected, next).under("test_count")
        });
        findings.extend(negative(RuleId::RES002, self.duration_seconds));
        findings.finish(())
    }
}

fn contradiction(rule: RuleId, found: String, is_success: bool) -> Violation {
    let (found, expected) = (format!("`{}` with {found}", !is_success), format!("`{is_success}`"));
    Violation::new(rule, found, expected, "Leave `success` out: it follows.").under("success")
}

fn negative(rule: RuleId, seconds: f64) -> Option<Violation> {
    (seconds < 0.0).then(|| {
        let next = "Measure with a clock that only goes forward.";
        Violation::new(rule, format!("{seconds} s"), "0 s or more", next).under("duration_seconds")
    })
}
