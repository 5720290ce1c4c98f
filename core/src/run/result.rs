//! Parts of a run: its stages, what was built, and how many tests passed.
//!
//! What they say of the whole run is in [`record`](super::record).

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::base::foreign::hidden;
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
}

impl Stage {
    /// Checks WFL002 and WFL003, and OWN047 of its name.
    pub(super) fn check(&self) -> Result<(), Violations> {
        let Self { status, started_at, completed_at, .. } = self;
        let (mut findings, name) = (Findings::new(), quoted(&self.stage_name));
        let is_name = !self.stage_name.trim().is_empty() && hidden(&self.stage_name).is_none();
        findings.require(is_name, || {
            let expected = "a name of which every letter is seen";
            let next = "Write a name such as `build`.";
            Violation::new(RuleId::OWN047, name.clone(), expected, next).under("stage_name")
        });
        let wrong = match completed_at {
            Some(at) if *status == StageStatus::Running => Some((at.to_string(), "no time yet")),
            Some(at) if at < started_at => {
                Some((at.to_string(), "a time that is not before the start"))
            }
            None if *status != StageStatus::Running => {
                Some(("no time".to_owned(), "when it ended"))
            }
            _ => None,
        };
        findings.extend(wrong.map(|(found, expected)| {
            let found =
                format!("{found}, of {name}, which is `{status}` and began at {started_at}");
            let next = "Set `completed_at` when the stage ends, together with its status.";
            Violation::new(RuleId::WFL002, found, expected, next).under("completed_at")
        }));
        let has_message = self.error_message.as_deref().is_some_and(|text| !text.trim().is_empty());
        let has_failed = *status == StageStatus::Failed;
        findings.require(has_message == has_failed, || {
            let (found, expected) =
                if has_failed { ("no message", "what went wrong") } else { ("a message", "none") };
            let found = format!("{found}, while {name} is `{status}`");
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub success: Option<bool>,
    /// The exit code of its commands.
    pub exit_code: i64,
    /// How long it took, in seconds.
    pub duration_seconds: f64,
    /// Paths of what was built.
    #[serde(default)]
    pub artifacts: Vec<String>,
}

impl BuildResult {
    /// Checks RES001.
    pub(super) fn check(&self) -> Result<(), Violations> {
        let is_success = self.exit_code == 0;
        let found = format!("exit code {}", self.exit_code);
        Violations::check(common(
            RuleId::RES001,
            (self.success, is_success),
            &found,
            self.duration_seconds,
        ))
    }
}

/// What came of running tests, counted one by one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TestResult {
    /// Whether all passed, where somebody says so; otherwise exit code and failures tell.
    #[serde(skip_serializing_if = "Option::is_none")]
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
    /// Checks RES002.
    pub(super) fn check(&self) -> Result<(), Violations> {
        let Self { exit_code, test_count, passed_count, failed_count, .. } = *self;
        let mut findings = Findings::new();
        let is_success = exit_code == 0 && failed_count == 0;
        let found = format!("exit code {exit_code} and {failed_count} failed tests");
        let success = (self.success, is_success);
        findings.extend(common(RuleId::RES002, success, &found, self.duration_seconds));
        let sum = passed_count.checked_add(failed_count);
        let is_sum = passed_count >= 0 && failed_count >= 0 && sum == Some(test_count);
        findings.require(is_sum, || {
            let found =
                format!("{test_count}, with {passed_count} passed and {failed_count} failed");
            let expected = "the sum of those that passed and those that failed";
            let next = "Count skipped tests apart: they did not run.";
            Violation::new(RuleId::RES002, found, expected, next).under("test_count")
        });
        findings.finish(())
    }
}

/// What build and tests have in common: success follows, and no clock runs backwards.
fn common(
    rule: RuleId,
    (said, follows): (Option<bool>, bool),
    from: &str,
    seconds: f64,
) -> Vec<Violation> {
    let mut findings = Findings::new();
    findings.require(said.is_none_or(|said| said == follows), || {
        let (found, expected) = (format!("`{}` with {from}", !follows), format!("`{follows}`"));
        Violation::new(rule, found, expected, "Leave `success` out: it follows.").under("success")
    });
    findings.require(seconds >= 0.0, || {
        let next = "Measure with a clock that only goes forward.";
        Violation::new(rule, format!("{seconds} s"), "0 s or more", next).under("duration_seconds")
    });
    findings.into_vec()
}
