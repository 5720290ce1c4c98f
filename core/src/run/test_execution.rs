//! One execution of a suite of tests: which, how it went, and whether it was tried again.
//!
//! What several executions of one run may be is in [`attempts`](super::attempts).

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::base::rule::RuleId;
use crate::base::violation::{Findings, Violation, Violations};

closed_list! {
    /// A suite of tests.
    pub enum TestType breaks TST001 {
        /// Tests of parts.
        Unit = "unit",
        /// Tests of parts together.
        Integration = "integration",
        /// Tests of the whole, from end to end.
        E2e = "e2e",
    }
}

closed_list! {
    /// How an execution went.
    pub enum TestStatus breaks TST003 {
        /// No test failed.
        Passed = "passed",
        /// A test failed.
        Failed = "failed",
        /// Nothing was tested.
        Skipped = "skipped",
    }
}

/// What a [`TestExecution`] is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestExecutionParts {
    /// The suite.
    pub test_type: TestType,
    /// 1, or 2 for the second attempt.
    pub attempt_number: i64,
    /// How it went.
    pub status: TestStatus,
    /// How long it took, in seconds.
    pub duration: i64,
    /// How many tests failed.
    pub failure_count: i64,
    /// When it began, in seconds since 1970.
    pub started_at: i64,
    /// When it ended, in seconds since 1970.
    pub completed_at: i64,
    /// Whether other suites ran at the same time.
    pub run_in_parallel: bool,
    /// Whether it ran alone because together with others it could not.
    pub fallback_to_serial: bool,
}

/// One execution of a suite of tests, which keeps all rules that concern it alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "TestExecutionParts")]
pub struct TestExecution(TestExecutionParts);

impl TestExecution {
    /// The execution of these parts.
    ///
    /// # Errors
    /// TST002 and TST004 to TST006 for parts that contradict each other; TST008 for a second attempt that
    /// nobody may make.
    pub fn new(parts: TestExecutionParts) -> Result<Self, Violations> {
        let mut findings = Findings::new();
        findings.require((1..=2).contains(&parts.attempt_number), || attempt(&parts));
        findings.require(counts_fit(&parts), || failures(&parts));
        for violation in times(&parts) {
            findings.push(violation);
        }
        findings.require(!(parts.fallback_to_serial && parts.run_in_parallel), serial);
        let again = parts.attempt_number == 2;
        let may = parts.test_type == TestType::E2e || parts.fallback_to_serial;
        findings.require(!again || may, || retry(parts.test_type));
        findings.finish(Self(parts))
    }

    /// What it is made of.
    #[must_use]
    pub const fn parts(&self) -> &TestExecutionParts {
        &self.0
    }
}

impl TryFrom<TestExecutionParts> for TestExecution {
    type Error = Violations;
    fn try_from(parts: TestExecutionParts) -> Result<Self, Violations> {
        Self::new(parts)
    }
}

fn attempt(parts: &TestExecutionParts) -> Violation {
    let found = format!("attempt {}", parts.attempt_number);
    let next = "Number the attempts of a suite from 1; there are at most two.";
    Violation::new(RuleId::TST002, found, "1 or 2", next).under("attempt_number")
}

fn counts_fit(parts: &TestExecutionParts) -> bool {
    match parts.status {
        TestStatus::Passed => parts.failure_count == 0,
        TestStatus::Failed => parts.failure_count >= 1,
        TestStatus::Skipped => parts.failure_count >= 0,
    }
}

fn failures(parts: &TestExecutionParts) -> Violation {
    let expected = match parts.status {
        TestStatus::Passed => "0 of a suite that passed",
        TestStatus::Failed => "1 or more of a suite that failed",
        TestStatus::Skipped => "0 or more",
    };
    let found = format!("{} failures", parts.failure_count);
    let next = "Count the tests that failed, and take the status from the count.";
    Violation::new(RuleId::TST004, found, expected, next).under("failure_count")
}

fn times(parts: &TestExecutionParts) -> Vec<Violation> {
    let TestExecutionParts { started_at, completed_at, duration, .. } = *parts;
    let shown = [started_at, completed_at].map(Timestamp::from_unix_seconds);
    let span = shown.iter().all(Option::is_some).then(|| completed_at - started_at);
    if completed_at < started_at {
        let found = format!("an end at {completed_at} and a beginning at {started_at}");
        let next = "Take both times from the same clock, in seconds since 1970.";
        let expected = "an end that is not before the beginning";
        return vec![Violation::new(RuleId::TST005, found, expected, next).under("completed_at")];
    }
    if span == Some(duration) {
        return Vec::new();
    }
    let expected = match span {
        Some(span) => format!("{span} s from {started_at} to {completed_at}"),
        None => "times that a calendar has".to_owned(),
    };
    let next = "Take the duration from the two times.";
    vec![Violation::new(RuleId::TST005, format!("{duration} s"), expected, next).under("duration")]
}

fn serial() -> Violation {
    let found = "a suite that ran beside others after it fell back to run alone";
    let next = "Say `run_in_parallel: false` where `fallback_to_serial` is true.";
    Violation::new(RuleId::TST006, found, "a fallback that runs alone", next)
        .under("run_in_parallel")
}

fn retry(test_type: TestType) -> Violation {
    let found = format!("a second attempt of `{test_type}` that is no serial fallback");
    let expected = "a second attempt of `e2e`, or of another suite as the serial fallback";
    let next =
        "Fix the test that failed; where suites disturb each other, fall back to run them alone.";
    Violation::new(RuleId::TST008, found, expected, next).under("attempt_number")
}
