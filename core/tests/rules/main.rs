//! The suite of the rules: for each rule of the catalogue a case that satisfies it and one that
//! breaks it, each going through the type or the policy that enforces it.
//!
//! A satisfying case has no violation at all; a breaking one has a violation of that very rule,
//! told completely. A rule without a case, and a case without a rule, fail the suite.

#![allow(clippy::unwrap_used, reason = "a sample that cannot be made is a failed test")]

mod approvals;
mod artifacts;
mod aws;
mod configurations;
mod deployments;
mod dialects;
mod ecs;
mod environments;
mod events;
mod globals;
mod infrastructure;
mod ledger;
mod maintenance;
mod messages;
mod policy;
mod queues;
mod reports;
mod retention;
mod rollbacks;
mod run_logs;
mod runs;
mod samples;
mod secret_scans;
mod secrets;
mod stacks;
mod tags;
mod tasks;
mod telemetry;
mod terraform_states;
mod versions;

use std::collections::BTreeSet;
use std::str::FromStr;

use pipeline_core::{CATALOGUE, RuleId, Violation, Violations};

/// What a case found.
type Found = Vec<Violation>;

/// One rule, kept and broken.
struct Case {
    rule: &'static str,
    satisfies: fn() -> Found,
    breaks: fn() -> Found,
}

/// A row of the table.
const fn case(rule: &'static str, satisfies: fn() -> Found, breaks: fn() -> Found) -> Case {
    Case { rule, satisfies, breaks }
}

fn cases() -> impl Iterator<Item = &'static Case> {
    [
        versions::CASES,
        tags::CASES,
        environments::CASES,
        events::CASES,
        configurations::CASES,
        deployments::CASES,
        dialects::CASES,
        artifacts::CASES,
        ecs::CASES,
        queues::CASES,
        reports::CASES,
        retention::CASES,
        rollbacks::CASES,
        secret_scans::CASES,
        secrets::CASES,
        run_logs::CASES,
        infrastructure::CASES,
        maintenance::CASES,
        runs::CASES,
        globals::CASES,
        aws::CASES,
        policy::CASES,
        stacks::CASES,
        approvals::CASES,
        tasks::CASES,
        terraform_states::CASES,
        telemetry::CASES,
    ]
    .into_iter()
    .flatten()
}

/// What is wrong with a text that is to be read as a `T`.
fn read<T: FromStr<Err = Violations>>(text: &str) -> Found {
    found(text.parse::<T>())
}

/// What is wrong with a value, if anything.
fn found<T>(result: Result<T, Violations>) -> Found {
    result.err().map(|violations| violations.into_iter().collect()).unwrap_or_default()
}

#[test]
fn every_rule_of_the_catalogue_has_a_case() {
    let covered: BTreeSet<&str> = cases().map(|case| case.rule).collect();
    let without: Vec<&str> =
        CATALOGUE.iter().map(|rule| rule.id.as_str()).filter(|id| !covered.contains(id)).collect();
    assert!(without.is_empty(), "rules without a case: {without:?}");
}

#[test]
fn every_case_is_of_a_rule_of_the_catalogue() {
    for case in cases() {
        assert!(case.rule.parse::<RuleId>().is_ok(), "no rule {}", case.rule);
    }
}

#[test]
fn what_satisfies_a_rule_has_no_violation() {
    for case in cases() {
        let found = (case.satisfies)();
        assert!(found.is_empty(), "{}: {found:#?}", case.rule);
    }
}

#[test]
fn what_breaks_a_rule_is_told_by_its_id() {
    for case in cases() {
        let found = (case.breaks)();
        let broken = found.iter().any(|violation| violation.rule.as_str() == case.rule);
        assert!(broken, "{} is not among {found:#?}", case.rule);
    }
}

#[test]
fn every_violation_is_told_completely() {
    for violation in cases().flat_map(|case| (case.breaks)()) {
        let Violation { rule, found, expected, next, .. } = &violation;
        assert!(!found.trim().is_empty() && !expected.trim().is_empty(), "{rule}");
        assert!(next.ends_with(['.', '?']), "{rule} has no advice: {next:?}");
        assert!(next.chars().next().is_some_and(char::is_uppercase), "{rule}: {next:?}");
        let text = violation.to_string();
        assert!(text.starts_with(rule.as_str()) && !text.contains('\n'), "{text}");
        // The sentences are put together from parts; what was found stands between backticks.
        let own: String = text.split('`').step_by(2).collect::<Vec<_>>().join("`");
        let doubled = ["..", ",.", ";.", ". ;", ".;", ", ,", ",,", "  "];
        assert!(doubled.iter().all(|signs| !own.contains(signs)), "{text}");
        assert_eq!(violation.severity(), rule.rule().severity);
    }
}
