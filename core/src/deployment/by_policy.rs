//! What the policies of an environment make of a deployment, and what an override sets aside of that: POL003 to POL006.
//!
//! It leaves out approvals, and how the policies are judged: that is `policy`'s.

use super::facts::{DeploymentFacts, DeploymentPlan};
use crate::audit::AuditRecord;
use crate::base::authority::Override;
use crate::base::rule::RuleId;
use crate::base::violation::Violation;
use crate::environment::Environment;
use crate::policy::{self, NotYet, Objections};

/// What an override can set aside: what is too early or too soon may still be right in an emergency. An order that is
/// circular is none, so there is nothing to set aside.
const LIFTED: [RuleId; 3] = [RuleId::POL003, RuleId::POL004, RuleId::POL005];

/// POL003 to POL006, but for what an override lifts.
pub(super) fn by_policy(plan: &DeploymentPlan<'_>, facts: &DeploymentFacts<'_>) -> Objections {
    let Objections { mut faults, mut not_yet } = judged(plan, facts);
    let by = plan.authority.override_at(facts.now);
    faults.retain(|fault| !is_lifted(plan, by, fault));
    not_yet.retain(|it| !is_lifted(plan, by, &it.fault));
    if let Some(by) = by {
        let told = |fault: Violation| unlifted(plan, by, fault);
        faults = faults.into_iter().map(told).collect();
        not_yet = not_yet.into_iter().map(|it| NotYet { fault: told(it.fault), ..it }).collect();
    }
    Objections { faults, not_yet }
}

/// What an override lifts of the policies.
#[must_use]
pub fn lifted<'a>(
    plan: &DeploymentPlan<'a>,
    facts: &DeploymentFacts<'_>,
) -> Vec<(Violation, &'a Override)> {
    let Some(by) = plan.authority.override_at(facts.now) else { return Vec::new() };
    let all = judged(plan, facts).into_violations().into_iter();
    all.filter(|fault| is_lifted(plan, Some(by), fault)).map(|fault| (fault, by)).collect()
}

/// What the audit log keeps of that, in the transaction that begins the deployment.
#[must_use]
pub fn audit(plan: &DeploymentPlan<'_>, facts: &DeploymentFacts<'_>) -> Option<AuditRecord> {
    let lifted = lifted(plan, facts);
    let (_, by) = lifted.first()?;
    let mut rules: Vec<String> = lifted.iter().map(|(fault, _)| fault.rule.to_string()).collect();
    rules.dedup();
    Some(AuditRecord {
        at: facts.now,
        actor: plan.triggered_by.clone(),
        approved_by: by.approved_by().clone(),
        reason: by.reason().to_owned(),
        action: format!("begin to deploy {} to {}", plan.version, plan.environment),
        rules,
        before: None,
        after: plan.commit,
    })
}

/// By the registered policy and by the one that the same plan registers: the first counts until then.
fn judged(plan: &DeploymentPlan<'_>, facts: &DeploymentFacts<'_>) -> Objections {
    let by = |it: Option<&Environment>| {
        it.map(|environment| policy::rules::objections(plan, facts, environment))
            .unwrap_or_default()
    };
    let (mut found, mut before) = (by(facts.environment), by(facts.registered));
    before.faults.retain(|it| !found.faults.contains(it));
    before.not_yet.retain(|it| !found.not_yet.contains(it));
    found.faults.extend(before.faults.into_iter().map(super::rules::still));
    let early = |it: NotYet| NotYet { fault: super::rules::still(it.fault), ..it };
    found.not_yet.extend(before.not_yet.into_iter().map(early));
    found
}

fn is_lifted(plan: &DeploymentPlan<'_>, by: Option<&Override>, fault: &Violation) -> bool {
    let subjects = subjects(plan);
    let lifts = |by: &Override| subjects.iter().any(|it| by.lifts(fault.rule, it));
    LIFTED.contains(&fault.rule) && by.is_some_and(|by| lifts(by) && !is_own(plan, by))
}

/// What still stands, and why the override does not lift it.
fn unlifted(plan: &DeploymentPlan<'_>, by: &Override, fault: Violation) -> Violation {
    if !LIFTED.contains(&fault.rule) {
        return fault;
    }
    if is_own(plan, by) {
        let next = format!(
            "{} The override lifts nothing from what its `approved_by` deploys: have another person answer for it.",
            fault.next
        );
        return Violation { next, ..fault };
    }
    by.not_lifting(fault)
}

/// Whether who answers for the override is who deploys.
fn is_own(plan: &DeploymentPlan<'_>, by: &Override) -> bool {
    let mut names = [plan.triggered_by].into_iter().chain(plan.also_known_as);
    names.any(|name| by.approved_by().is_same_person(name))
}

/// The environment, and the ID by which the deployment is imported.
fn subjects(plan: &DeploymentPlan<'_>) -> Vec<String> {
    let (environment, project) = (plan.environment, plan.version.sub_project_path());
    let mut id = environment.to_string();
    if !project.is_root() {
        id = format!("{id}/{project}");
    }
    let with_region = plan.region.map(|region| format!("{id}@{region}"));
    [environment.to_string(), id].into_iter().chain(with_region).collect()
}
