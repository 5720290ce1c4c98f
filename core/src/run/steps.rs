//! What the steps of a run and its exit code say of each other and of how the run ended.

use super::record::{PipelineRunParts, RunStatus};
use super::result::StageStatus;
use super::{StepName, TestStatus, TestType};
use crate::base::rule::RuleId;
use crate::base::violation::{Findings, Violation, quoted};

/// A run that takes so many seconds is out of time.
const TIME_OUT: i64 = 300;

/// RUN023, RUN026, RUN027 and RUN028.
pub(super) fn check(parts: &PipelineRunParts) -> Vec<Violation> {
    let mut findings = Findings::new();
    findings.extend(order(parts));
    findings.extend(completed_though_failed(parts));
    if let Some(code) = parts.exit_code {
        match code {
            0..=5 => findings.extend(outcome(parts, code)),
            _ => findings.push(exit_code(
                RuleId::RUN023,
                format!("{code}"),
                "a number from 0 to 5",
                "Write 0 for success, 1 for lint, 2 for tests, 3 for the build, 4 for the check of the \
                 environment, 5 for a time-out.",
            )),
        }
    }
    findings.into_vec()
}

fn exit_code(rule: RuleId, found: String, expected: &str, next: &str) -> Violation {
    Violation::new(rule, found, expected, next).under("exit_code")
}

/// RUN026.
fn order(parts: &PipelineRunParts) -> Vec<Violation> {
    let steps = &parts.steps_completed;
    let Some((first, last)) = steps.first().zip(steps.last()) else { return Vec::new() };
    let mut found: Vec<(String, &str)> = Vec::new();
    if *first != StepName::Init {
        found.push((format!("`{first}` first"), "`init` first"));
    }
    if parts.status.is_finished() && *last != StepName::Complete {
        let found_last = format!("`{last}` last, of a run that is `{}`", parts.status);
        found.push((found_last, "`complete` last"));
    }
    for (at, step) in steps.iter().enumerate() {
        if steps[..at].contains(step) {
            found.push((format!("`{step}` twice"), "each step once"));
        }
    }
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

const SUITES: [(TestType, StepName); 3] = [
    (TestType::Unit, StepName::TestUnit),
    (TestType::Integration, StepName::TestIntegration),
    (TestType::E2e, StepName::TestE2e),
];

/// The steps that failed, as stages, tests and the build tell.
fn failed(parts: &PipelineRunParts) -> Vec<StepName> {
    let stages = parts.stages.iter().filter(|stage| stage.status == StageStatus::Failed);
    let mut failed: Vec<StepName> =
        stages.filter_map(|stage| stage.stage_name.parse().ok()).collect();
    for (suite, step) in SUITES {
        let last = parts.tests.iter().rev().find(|test| test.parts().test_type == suite);
        if last.is_some_and(|test| test.parts().status == TestStatus::Failed) {
            failed.push(step);
        }
    }
    if parts.build.as_ref().is_some_and(|build| build.exit_code != 0) {
        failed.push(StepName::Build);
    }
    failed.sort_unstable();
    failed.dedup();
    failed
}

/// RUN028, of the steps: what failed was not completed.
fn completed_though_failed(parts: &PipelineRunParts) -> Vec<Violation> {
    let named = |step: &StepName| match parts.exit_code.zip(code_of(*step)) {
        // Which of the suites failed, this code does not tell.
        Some((2, _)) | None => false,
        Some((code, of_step)) => code == of_step,
    };
    let failed = failed(parts);
    let completed = parts.steps_completed.iter();
    completed
        .filter(|step| failed.contains(step) || named(step))
        .map(|step| {
            let found = format!("`{step}`, which failed");
            let next = "List only steps that succeeded.";
            Violation::new(RuleId::RUN028, found, "no step that failed", next)
                .under("steps_completed")
        })
        .collect()
}

/// RUN027 and RUN028, of an exit code that exists.
fn outcome(parts: &PipelineRunParts, code: i64) -> Vec<Violation> {
    let mut findings = Findings::new();
    if let Some(took) = parts.span() {
        let (is_wrong, expected) = match code {
            5 => (took < TIME_OUT, "a run of 300 s or more where the code is 5"),
            0 => (took >= TIME_OUT, "a run of less than 300 s where the code is 0"),
            _ => (false, ""),
        };
        findings.require(!is_wrong, || {
            let next = "Write 5 for a run that was out of time, and only for that.";
            exit_code(RuleId::RUN027, format!("{code}, after {took} s"), expected, next)
        });
    }
    let lowest = failed(parts).into_iter().filter_map(|step| Some((code_of(step)?, step))).min();
    if let Some((lowest, step)) = lowest {
        findings.require((1..=lowest).contains(&code), || {
            let (found, expected) =
                (format!("{code}, though `{step}` failed"), format!("{lowest}"));
            let next =
                "Write the lowest code of all steps that failed; a time-out gives way to each.";
            exit_code(RuleId::RUN028, found, &expected, next)
        });
    }
    let done = |(_, step): &(TestType, StepName)| parts.steps_completed.contains(step);
    findings.require(code != 2 || !SUITES.iter().all(done), || {
        let next = "Take the step that failed out of `steps_completed`.";
        exit_code(
            RuleId::RUN028,
            "2, though all tests are completed".to_owned(),
            "another code",
            next,
        )
    });
    let fits = match parts.status {
        RunStatus::Success => code == 0,
        RunStatus::Failed | RunStatus::Cancelled => code != 0,
        RunStatus::Pending | RunStatus::Running => false,
    };
    findings.require(fits, || {
        let found = format!("{code}, of a run that is {}", quoted(parts.status.as_str()));
        let expected = match parts.status {
            RunStatus::Success => "0",
            RunStatus::Failed | RunStatus::Cancelled => "the code of what failed",
            RunStatus::Pending | RunStatus::Running => "none before the run is over",
        };
        exit_code(RuleId::RUN028, found, expected, "Set the exit code together with the status.")
    });
    findings.into_vec()
}
