//! Checks a target against what is the case.

use super::select::{RollbackFacts, is_stable};
use super::standing::{Standing, standing};
use super::target::RollbackTarget;
use crate::base::rule::RuleId;
use crate::base::violation::{FieldPath, Findings, Violation};
use crate::tag::State;
use crate::version::Version;

/// Checks a target, wherever it comes from: RBK003, RBK006 and RBK007.
#[must_use]
pub fn check(target: &RollbackTarget, facts: &RollbackFacts<'_>) -> Vec<Violation> {
    let mut findings = Findings::new();
    for (index, version) in target.candidate_versions().iter().enumerate() {
        let at = || FieldPath::from("candidate_versions").index(index);
        let good = matches!(standing(version, facts.records), Standing::Good(_));
        findings.require(good, || never_good(version, facts).under(at()));
        let excluded = excluded(target, facts, version);
        findings.extend(excluded.map(|fault| fault.under(at())));
    }
    findings.extend(passed_over(target, facts));
    findings.into_vec()
}

fn has(facts: &RollbackFacts<'_>, version: &Version, state: State) -> bool {
    facts.releases.get(version).is_some_and(|release| release.states.contains(&state))
}

fn never_good(version: &Version, facts: &RollbackFacts<'_>) -> Violation {
    let environment = facts.environment;
    let found = format!("`{version}`, which no deployment to `{environment}` shows to be good");
    let expected = format!("a version that was deployed to `{environment}` with success");
    let next = "Choose a version of `last_known_good` or of the deployments on record.";
    Violation::new(RuleId::RBK006, found, expected, next)
}

fn excluded(
    target: &RollbackTarget,
    facts: &RollbackFacts<'_>,
    version: &Version,
) -> Option<Violation> {
    let criteria = target.selection_criteria();
    let excludes = [
        (criteria.exclude_deprecated, State::Deprecated, "exclude_deprecated"),
        (criteria.exclude_unstable, State::Unstable, "exclude_unstable"),
    ];
    let broken = excludes.into_iter().find(|(on, state, _)| *on && has(facts, version, *state))?;
    let (_, state, name) = broken;
    let expected = format!("no {state} version, because of `{name}`");
    let next = format!("Leave it out, or set `{name} = false`.");
    Some(Violation::new(RuleId::RBK007, format!("`{version}`"), expected, next))
}

/// A stable candidate was passed over: against the criteria (RBK007), or only against advice
/// (RBK003).
fn passed_over(target: &RollbackTarget, facts: &RollbackFacts<'_>) -> Option<Violation> {
    let stable = |version: &&Version| {
        facts.releases.get(version).is_some_and(|release| is_stable(&release.states))
    };
    let chosen = target.target_version();
    let fit = |version: &&Version| stable(version) && !has(facts, version, State::Deprecated);
    let better = target.candidate_versions().iter().filter(fit).max()?;
    if stable(&chosen) {
        return None;
    }
    let prioritized = target.selection_criteria().prioritize_stable;
    let rule = if prioritized { RuleId::RBK007 } else { RuleId::RBK003 };
    let found = format!("`{chosen}`, which has no `-stable` tag");
    let expected = format!("a stable version, such as `{better}`");
    let next = if prioritized {
        format!("Go back to `{better}`.")
    } else {
        format!("Set `prioritize_stable = true` to go back to `{better}`.")
    };
    Some(Violation::new(rule, found, expected, next).under("target_version"))
}
