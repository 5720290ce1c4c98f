//! Whether a deployment may begin: its version, its environment, its approval, what runs there
//! now, and whether the environment is free.

use super::by_hand::{ByHand, by_hand};
use super::{Deployment, Status};
use crate::approval::rules::{self as approval, ApprovalFacts};
use crate::base::id::DeploymentId;
use crate::base::rule::RuleId;
use crate::base::secrecy::{recorded_secret, url_secret};
use crate::base::suggest::did_you_mean_or;
use crate::base::timestamp::Timestamp;
use crate::base::violation::{Findings, Violation, one_of, quoted};
use crate::environment::Environment;
use crate::policy::{self, NotYet, Objections};
use crate::queue::QueueRecord;
use crate::rollback;
use crate::tag::Tag;
use crate::tag::rules::no_room;
use crate::version::Version;
use crate::{EnvironmentName, RegionName};

pub use super::facts::{DeploymentFacts, DeploymentPlan, Known, OnRecord, References};

/// When a deployment is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Before anything is touched.
    Plan,
    /// As it begins. Time passed since the plan.
    Claim,
}

/// Checks a deployment: DEP007 at plan and XEN002 at the claim, DEP011, DEP012, DEP021, DEP025,
/// DEP026, OWN002, OWN040, OWN046, OWN055, POL003 to POL006, SCY003 and TAG013. Plan and claim ask this one function.
#[must_use]
pub fn check(plan: &DeploymentPlan<'_>, facts: &DeploymentFacts<'_>, moment: Moment) -> Objections {
    let mut findings = Findings::new();
    let rule = match moment {
        Moment::Plan => RuleId::DEP007,
        Moment::Claim => RuleId::XEN002,
    };
    findings.extend(version_fault(rule, plan, facts));
    match facts.environment {
        None => findings.push(unknown_environment(plan.environment, &facts.environment_names)),
        Some(environment) => {
            findings.extend(plan.region.and_then(|region| region_fault(region, environment)));
            findings.extend(approval_faults(plan, facts, environment));
            findings.extend(untested(plan, facts, environment));
        }
    }
    findings.extend(no_room_for_tag(plan, facts));
    findings.extend(downgrade(plan, facts.running));
    findings.extend(held(plan, facts));
    findings.extend(half_migrated(plan, facts, None));
    findings.extend(unrecorded(plan, facts));
    findings.extend(nothing_to_fix(plan, facts));
    let secret = plan.reason.and_then(url_secret);
    findings.extend(secret.map(|what| recorded_secret(what).under("reason")));
    if let ByHand::Forbidden(violation) = by_hand(plan, facts) {
        findings.push(violation);
    }
    let mut found = Objections::from(findings.into_vec());
    found.extend(by_policy(plan, facts));
    found
}

/// POL003 to POL006. The registered policy counts until another one is registered.
fn by_policy(plan: &DeploymentPlan<'_>, facts: &DeploymentFacts<'_>) -> Objections {
    let by = |it: Option<&Environment>| {
        it.map(|environment| policy::rules::objections(plan, facts, environment))
            .unwrap_or_default()
    };
    let (mut found, mut before) = (by(facts.environment), by(facts.registered));
    before.faults.retain(|it| !found.faults.contains(it));
    before.not_yet.retain(|it| !found.not_yet.contains(it));
    found.faults.extend(before.faults.into_iter().map(still));
    let early = |it: NotYet| NotYet { fault: still(it.fault), ..it };
    found.not_yet.extend(before.not_yet.into_iter().map(early));
    found
}

/// DEP012: what the policy of the environment asks for, and whether the approval can be what it says.
/// The registered policy counts until another one is registered.
fn approval_faults(
    plan: &DeploymentPlan<'_>,
    facts: &DeploymentFacts<'_>,
    environment: &Environment,
) -> Vec<Violation> {
    let Known::Is(approval) = plan.approval else { return Vec::new() };
    // An approval of no commit cannot be judged.
    if approval.is_some() && plan.commit.is_none() {
        return Vec::new();
    }
    let by = Some(plan.triggered_by);
    let mut faults = environment.approval.faults(approval, plan.commit, by);
    let registered = facts.registered.map(|registered| &registered.approval);
    if let Some(policy) = registered.filter(|policy| **policy != environment.approval) {
        let more = policy.faults(approval, plan.commit, by);
        let more: Vec<_> = more.into_iter().filter(|fault| !faults.contains(fault)).collect();
        faults.extend(more.into_iter().map(still));
    }
    let required =
        environment.approval.required || registered.is_some_and(|policy| policy.required);
    if let (true, Some(approval)) = (required, approval) {
        let facts = ApprovalFacts {
            triggered_by: plan.triggered_by,
            also_known_as: plan.also_known_as,
            committed_at: facts.committed_at,
            now: facts.now,
        };
        faults.extend(approval::check(approval, &facts));
    }
    faults
}

/// TSK003: the environment asks for tests, and the deployment has none. What is registered is a demand and never
/// what runs: whoever may push to the ledger could else run anything here.
fn untested(
    plan: &DeploymentPlan<'_>,
    facts: &DeploymentFacts<'_>,
    environment: &Environment,
) -> Option<Violation> {
    let asked = [Some(environment), facts.registered].into_iter().flatten();
    let asks = asked
        .into_iter()
        .any(|environment| environment.tests.as_ref().is_some_and(|tests| !tests.is_empty()));
    (asks && plan.runs_tests == Known::Is(false)).then(|| {
        Violation::new(
            RuleId::TSK003,
            "no `tests`",
            format!("tests, because `{}` asks for them", environment.name),
            "Write `tests` with the commands that try the version.",
        )
        .under("tests")
    })
}

/// The registered policy asks for it; the one that this plan would register does not.
fn still(fault: Violation) -> Violation {
    let next = "The registered policy counts until the change of the environment is applied.";
    Violation { next: format!("{} {next}", fault.next), ..fault }
}

/// OWN040, where the version was taken back and nobody asks for it again.
fn held(plan: &DeploymentPlan<'_>, facts: &DeploymentFacts<'_>) -> Option<Violation> {
    let Known::Is(asked) = plan.redeploy_after else { return None };
    rollback::held(plan.version, plan.commit?, facts.history.records(), asked)
}

/// TSK001, where the migrations of the version may have run in part and nobody asks for them again; `dead` is the
/// deployment that a claim puts aside.
#[must_use]
pub(crate) fn half_migrated(
    plan: &DeploymentPlan<'_>,
    facts: &DeploymentFacts<'_>,
    dead: Option<&DeploymentId>,
) -> Option<Violation> {
    let Known::Is(asked) = plan.redeploy_after else { return None };
    rollback::half_migrated(plan.version, facts.history.records(), asked, dead)
}

/// Checks that nobody else deploys to the environment (BUS001).
#[must_use]
pub fn check_free(
    queue: &QueueRecord,
    me: Option<&DeploymentId>,
    now: Timestamp,
) -> Option<Violation> {
    let claim = queue.holder(now).filter(|claim| Some(&claim.deployment_id) != me)?;
    Some(Violation::new(
        RuleId::BUS001,
        format!(
            "{} held by `{}` of {} since {}",
            queue.scope(),
            claim.deployment_id,
            claim.holder,
            claim.locked_at
        ),
        "an environment without a deployment in progress",
        format!(
            "Try again when it is done; whoever sees no sign of life of its holder for {} s takes its \
             place.",
            claim.lease_seconds
        ),
    ))
}

/// Checks that the ID of a new deployment is not in use (DEP001).
pub fn check_unique<'a>(
    id: &DeploymentId,
    on_record: impl IntoIterator<Item = &'a DeploymentId>,
) -> Option<Violation> {
    let taken = on_record.into_iter().any(|other| other == id);
    taken.then(|| {
        Violation::new(
            RuleId::DEP001,
            format!("`{id}`, which is the ID of another deployment"),
            "an ID that is not in use",
            "Try again; a new ID is drawn.",
        )
        .under("deployment_id")
    })
}

/// OWN002: an older version would replace the running one.
fn downgrade(plan: &DeploymentPlan<'_>, running: Option<&Version>) -> Option<Violation> {
    let running = running.filter(|running| {
        running.sub_project_path() == plan.version.sub_project_path() && *running > plan.version
    })?;
    (plan.allow_downgrade == Known::Is(false)).then(|| {
        Violation::new(
            RuleId::OWN002,
            format!("`{}` in place of the newer `{running}`", plan.version),
            format!("`{running}` or a newer version"),
            "Set `allow_downgrade = true` if that is what you want.",
        )
        .under("version")
    })
}

/// There is no tag of the version, or one that leads to something `strange`, such as a tree. `near` is
/// the released version that may have been meant.
#[must_use]
pub fn untagged(
    rule: RuleId,
    version: &Version,
    near: Option<&Version>,
    strange: Option<&str>,
) -> Violation {
    let (found, next) = match strange {
        None => (format!("no version tag `{version}`"), tag_first(version, near)),
        Some(kind) => (
            format!("the tag `{version}`, which leads to a {kind} of git"),
            "Tag the commit that was meant as another version.".to_owned(),
        ),
    };
    let expected = match strange {
        None => "the tag of the version that is to be deployed",
        Some(_) => "a tag that leads to a commit",
    };
    Violation::new(rule, found, expected, next).under("version")
}

/// A near version may be meant, or the one before; only somebody who knows can choose.
fn tag_first(version: &Version, near: Option<&Version>) -> String {
    match near {
        Some(near) => format!(
            "Create the tag `{version}` first, or deploy a version that has one, such as `{near}`."
        ),
        None => format!("Create the tag `{version}` first."),
    }
}

fn version_fault(
    rule: RuleId,
    plan: &DeploymentPlan<'_>,
    facts: &DeploymentFacts<'_>,
) -> Option<Violation> {
    let DeploymentPlan { version, commit, .. } = plan;
    match facts.version_tag {
        _ if facts.strange_tag.is_some() => {
            Some(untagged(rule, version, None, facts.strange_tag.as_deref()))
        }
        None => Some(untagged(rule, version, facts.near_version, None)),
        Some(tagged) if commit.is_some_and(|commit| commit != tagged) => Some(
            Violation::new(
                rule,
                format!("commit `{}`", commit.unwrap_or(tagged)),
                format!("commit `{tagged}`, on which the tag `{version}` stands"),
                "Deploy the commit of the tag.",
            )
            .under("commit_sha"),
        ),
        Some(_) => None,
    }
}

/// DEP021: no environment of that name is registered; names those that are.
#[must_use]
pub fn unknown_environment(name: &EnvironmentName, known: &[&EnvironmentName]) -> Violation {
    let names: Vec<&str> = known.iter().map(|name| name.as_str()).collect();
    let expected = if names.is_empty() {
        "a registered environment, of which there are none yet".to_owned()
    } else {
        format!("a registered environment, {}", one_of(&names))
    };
    let register = || format!("Register {} first.", quoted(name.as_str()));
    let next = did_you_mean_or(name.as_str(), names, register);
    Violation::new(RuleId::DEP021, quoted(name.as_str()), expected, next).under("environment")
}

fn region_fault(region: &RegionName, environment: &Environment) -> Option<Violation> {
    if environment.region(region).is_some() {
        return None;
    }
    let names: Vec<&str> = environment.regions.iter().map(|known| known.name.as_str()).collect();
    let violation = if names.is_empty() {
        let expected = format!("no region, because `{}` has none", environment.name);
        let next = "Leave `region` out.";
        Violation::new(RuleId::DEP011, quoted(region.as_str()), expected, next)
    } else {
        Violation::not_listed(RuleId::DEP011, region.as_str(), names)
    };
    Some(violation.under("region"))
}

/// DEP025 and DEP026: the records that a deployment names exist.
fn unrecorded(plan: &DeploymentPlan<'_>, facts: &DeploymentFacts<'_>) -> Vec<Violation> {
    let (OnRecord { infrastructure, pipeline_run, .. }, named) = (facts.on_record, plan.references);
    let run = named.pipeline_run.filter(|_| !pipeline_run).map(ToString::to_string);
    let host = named.infrastructure.filter(|_| !infrastructure).map(ToString::to_string);
    let missing = [
        (RuleId::DEP025, "pipeline_run", "a pipeline run", run),
        (RuleId::DEP026, "infrastructure", "an infrastructure resource", host),
    ];
    let told = |(rule, field, what, id): (_, _, _, Option<String>)| {
        let next = format!("Record it first, or leave `{field}` out.");
        let expected = format!("the ID of {what} on record");
        Some(Violation::new(rule, quoted(&id?), expected, next).under(field))
    };
    missing.into_iter().filter_map(told).collect()
}

/// OWN055: what a deployment fixes did damage: it failed, was taken back, or brought into service what has to be
/// fixed there.
fn nothing_to_fix(plan: &DeploymentPlan<'_>, facts: &DeploymentFacts<'_>) -> Option<Violation> {
    let id = plan.references.fixes?;
    let found = match facts.on_record.fixes {
        Some(Status::Failed | Status::RolledBack | Status::Succeeded) => return None,
        Some(status) => format!("`{id}`, which is `{status}`"),
        None => format!("`{id}`, which no record of a deployment has"),
    };
    let bad = |it: &&Deployment| matches!(it.status(), Status::Failed | Status::RolledBack);
    let next = match facts.history.records().rev().find(bad) {
        Some(last) => format!(
            "Name the deployment that did the damage, such as `{}`, which is `{}`, or leave `fixes` out.",
            last.id,
            last.status()
        ),
        None => "Name the deployment that did the damage, or leave `fixes` out.".to_owned(),
    };
    let expected = "the ID of a deployment that failed, was taken back, or brought into service what is fixed \
                    now";
    Some(Violation::new(RuleId::OWN055, found, expected, next).under("fixes"))
}

/// TAG013: the success could not move the environment's tag, and would be put back.
fn no_room_for_tag(plan: &DeploymentPlan<'_>, facts: &DeploymentFacts<'_>) -> Option<Violation> {
    let other = facts.in_the_way.as_ref().filter(|_| plan.moves_tag)?;
    let project = plan.version.sub_project_path().clone();
    let tag = Tag::of_environment(project, plan.environment.clone());
    Some(Violation { at: "environment".into(), ..no_room(tag.name(), other) })
}
