//! What the steps of a run and its exit code say of each other and of how the run ended.

use std::collections::BTreeSet;

use super::record::{PipelineRunParts, RunStatus};
use super::result::StageStatus;
use super::{StepName, TestStatus, TestType};
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, quoted};

/// A run that takes so many seconds is out of time.
const TIME_OUT: i64 = 300;

const SUITES: [(TestType, StepName); 3] = [
    (TestType::Unit, StepName::TestUnit),
    (TestType::Integration, StepName::TestIntegration),
    (TestType::E2e, StepName::TestE2e),
];

/// RUN023, RUN026, RUN027 and RUN028.
pub(super) fn check(parts: &PipelineRunParts) -> Vec<Violation> {
    let mut found = order(parts);
    found.extend(completed_though_failed(parts));
    found.extend(parts.exit_code.into_iter().flat_map(|code| outcome(parts, code)));
    found
}

/// RUN026.
fn order(parts: &PipelineRunParts) -> Vec<Violation> {
    let steps = &parts.steps_completed;
    let Some((first, last)) = steps.first().zip(steps.last()) else { return Vec::new() };
    let mut found: Vec<(String, &str)> = Vec::new();
    if *first != StepName::Init {
        found.push((format!("`{first}` first"), "`init` first"));
    }
    let is_finished = matches!(parts.status, RunStatus::Success | RunStatus::Failed);
    if is_finished && *last != StepName::Complete {
        let told = format!("`{last}` last, of a run that is `{}`", parts.status);
        found.push((told, "`complete` last"));
    }
    let mut seen = BTreeSet::new();
    let again: BTreeSet<_> = steps.iter().filter(|step| !seen.insert(**step)).collect();
    found.extend(again.iter().map(|step| (format!("`{step}` twice"), "each step once")));
    let next = "List the steps in the order in which they ended, from `init` to `complete`.";
    let told = |(found, expected)| {
        Violation::new(RuleId::RUN026, found, expected, next).under("steps_completed")
    };
    found.into_iter().map(told).collect()
}

/// The exit code that a failure of this step asks for.
const fn code_of(step: StepName) -> Option<i64> {
    match step {
        StepName::Lint => Some(1),
        StepName::TestUnit | StepName::TestIntegration | StepName::TestE2e => Some(2),
        StepName::Build => Some(3),
        StepName::EnvCheck => Some(4),
        StepName::Init | StepName::Cleanup | StepName::Complete => None,
    }
}

/// The steps that failed, as stages, tests and the build tell.
fn failed(parts: &PipelineRunParts) -> BTreeSet<StepName> {
    let stages = parts.stages.iter().filter(|stage| stage.status == StageStatus::Failed);
    let stages = stages.filter_map(|stage| stage.stage_name.parse().ok());
    let suites = SUITES.into_iter().filter(|(suite, _)| {
        let last = parts.tests.iter().rfind(|test| test.test_type == *suite);
        last.is_some_and(|test| test.status == TestStatus::Failed)
    });
    let build = parts.build.iter().filter(|build| build.exit_code != 0);
    stages.chain(suites.map(|(_, step)| step)).chain(build.map(|_| StepName::Build)).collect()
}

/// RUN028, of the steps: what failed was not completed.
fn completed_though_failed(parts: &PipelineRunParts) -> Vec<Violation> {
    let failed = failed(parts);
    // Which of the suites failed, code 2 does not tell.
    let code = parts.exit_code.filter(|code| *code != 2);
    let named = |step: StepName| code.is_some() && code_of(step) == code;
    let completed: BTreeSet<_> = parts.steps_completed.iter().copied().collect();
    let wrong = completed.into_iter().filter(|step| failed.contains(step) || named(*step));
    let told = |step| {
        let (found, next) = (format!("`{step}`, which failed"), "List only steps that succeeded.");
        Violation::new(RuleId::RUN028, found, "no step that failed", next).under("steps_completed")
    };
    wrong.map(told).collect()
}

/// RUN023, RUN027, and RUN028 of the exit code.
fn outcome(parts: &PipelineRunParts, code: i64) -> Vec<Violation> {
    let told = |rule, why: String, expected: &str, next| {
        Violation::new(rule, format!("{code}{why}"), expected, next).under("exit_code")
    };
    if !(0..=5).contains(&code) {
        let next = "Write 0 for success, 1 for lint, 2 for tests, 3 for the build, 4 for the check of the \
                    environment, 5 for a time-out.";
        return vec![told(RuleId::RUN023, String::new(), "a number from 0 to 5", next)];
    }
    let mut found = Vec::new();
    let late = |took: &i64| (code == 0 && *took >= TIME_OUT) || (code == 5 && *took < TIME_OUT);
    if let Some(took) = parts.span().filter(late) {
        let expected = "5 of a run of 300 s or more, and 0 of a shorter one";
        let next = "Write 5 for a run that was out of time, and only for that.";
        found.push(told(RuleId::RUN027, format!(", after {took} s"), expected, next));
    }
    let lowest = failed(parts).into_iter().filter_map(|step| Some((code_of(step)?, step))).min();
    if let Some((lowest, step)) = lowest.filter(|(lowest, _)| !(1..=*lowest).contains(&code)) {
        let next = "Write the lowest code of all steps that failed; a time-out gives way to each.";
        let why = format!(", though `{step}` failed");
        found.push(told(RuleId::RUN028, why, &lowest.to_string(), next));
    }
    if code == 2 && SUITES.iter().all(|(_, step)| parts.steps_completed.contains(step)) {
        let next = "Take the step that failed out of `steps_completed`.";
        let why = ", though all tests are completed".to_owned();
        found.push(told(RuleId::RUN028, why, "another code", next));
    }
    let (fits, expected) = match parts.status {
        RunStatus::Success => (code == 0, "0"),
        RunStatus::Failed | RunStatus::Cancelled => (code != 0, "the code of what failed"),
        RunStatus::Pending | RunStatus::Running => (false, "none before the run is over"),
    };
    if !fits {
        let why = format!(", of a run that is {}", quoted(parts.status.as_str()));
        let next = "Set the exit code together with the status.";
        found.push(told(RuleId::RUN028, why, expected, next));
    }
    found
}
