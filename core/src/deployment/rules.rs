//! Whether a deployment may begin: its version, its environment, its approval, what runs there
//! now, and whether the environment is free.

use super::by_hand::{ByHand, by_hand};
use super::by_policy::by_policy;
use super::{Deployment, Status};
use crate::approval::count::{Named, count};
use crate::approval::rules::{self as approval, ApprovalFacts, Shortage};
use crate::approval::{Approval, ApprovalPolicy};
use crate::base::id::DeploymentId;
use crate::base::rule::RuleId;
use crate::base::secrecy::{recorded_secret, url_secret};
use crate::base::suggest::did_you_mean_or;
use crate::base::timestamp::Timestamp;
use crate::base::violation::{Findings, Violation, one_of, quoted};
use crate::environment::Environment;
use crate::policy::{NotYet, Objections};
use crate::queue::{HeldBy, QueueRecord};
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
/// DEP026, OWN002, OWN040, OWN046, OWN055, POL001 to POL006, SCY003 and TAG013. Plan and claim ask this one function.
#[must_use]
pub fn check(plan: &DeploymentPlan<'_>, facts: &DeploymentFacts<'_>, moment: Moment) -> Objections {
    let (mut findings, mut not_yet) = (Findings::new(), Vec::new());
    let rule = match moment {
        Moment::Plan => RuleId::DEP007,
        Moment::Claim => RuleId::XEN002,
    };
    findings.extend(version_fault(rule, plan, facts));
    match facts.environment {
        None => findings.push(unknown_environment(plan.environment, &facts.environment_names)),
        Some(environment) => {
            findings.extend(plan.region.and_then(|region| region_fault(region, environment)));
            let approvals = approval_objections(plan, facts, environment, moment);
            findings.extend(approvals.faults);
            not_yet.extend(approvals.not_yet);
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
    let mut found = Objections { faults: findings.into_vec(), not_yet };
    found.extend(by_policy(plan, facts));
    found
}

/// DEP012, POL001 and POL002: what the policy of the environment asks for, and whether the approvals can be what they
/// say. The registered policy counts until another one is registered.
fn approval_objections(
    plan: &DeploymentPlan<'_>,
    facts: &DeploymentFacts<'_>,
    environment: &Environment,
    moment: Moment,
) -> Objections {
    let (named, all_known) = named(plan);
    // An approval of no commit cannot be judged.
    if named.all().next().is_some() && plan.commit.is_none() {
        return Objections::default();
    }
    let shortage = match moment {
        Moment::Plan => Shortage::Foreseen,
        Moment::Claim => Shortage::Found,
    };
    let around = approval_facts(plan, facts);
    let judge = |policy: &ApprovalPolicy| {
        approval::check(policy, plan.commit, named, facts.reviews, &around, shortage)
    };
    let mut found = judge(&environment.approval);
    let registered = facts.registered.map(|registered| &registered.approval);
    if let Some(policy) = registered.filter(|policy| **policy != environment.approval) {
        let Objections { faults, not_yet } = judge(policy);
        let more = faults.into_iter().filter(|fault| !found.faults.contains(fault));
        found.faults.extend(more.map(still).collect::<Vec<_>>());
        let more = not_yet.into_iter().filter(|it| !found.not_yet.contains(it));
        let more = more.map(|it| NotYet::new(it.reason, it.until, still(it.fault)));
        found.not_yet.extend(more.collect::<Vec<_>>());
    }
    if !all_known {
        // Whether they suffice, the apply can tell.
        found.not_yet.clear();
    }
    found
}

/// The approvals of the configuration, and whether all of them are known.
fn named<'a>(plan: &DeploymentPlan<'a>) -> (Named<'a>, bool) {
    match (plan.approval, plan.approvals) {
        (Known::Is(approval), Known::Is(approvals)) => (Named { approval, approvals }, true),
        _ => (Named::default(), false),
    }
}

fn approval_facts<'a>(plan: &DeploymentPlan<'a>, facts: &DeploymentFacts<'_>) -> ApprovalFacts<'a> {
    ApprovalFacts {
        triggered_by: plan.triggered_by,
        also_known_as: plan.also_known_as,
        committed_at: facts.committed_at,
        now: facts.now,
    }
}

/// The approvals that the record of the deployment keeps: those that count, or, where none is asked for, all that
/// are named.
#[must_use]
pub fn approvals_to_keep(plan: &DeploymentPlan<'_>, facts: &DeploymentFacts<'_>) -> Vec<Approval> {
    let (named, _) = named(plan);
    let policies = [facts.environment, facts.registered].into_iter().flatten();
    let asked = policies.map(|environment| &environment.approval).find(|policy| policy.required);
    let Some(policy) = asked else {
        return named.all().map(|(_, approval)| approval.clone()).collect();
    };
    let around = approval_facts(plan, facts);
    count(policy, plan.commit, named, &facts.reviews.all, &around).counted
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
pub(super) fn still(fault: Violation) -> Violation {
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
    let mine = me.cloned().map(HeldBy::Deployment);
    let holding = queue.holder(now).filter(|holding| Some(&holding.by) != mine.as_ref())?;
    Some(Violation::new(
        RuleId::BUS001,
        format!(
            "{} held by `{}` of {} since {}",
            queue.scope(),
            holding.by,
            holding.holder,
            holding.since
        ),
        "an environment without a deployment in progress",
        format!(
            "Try again when it is done; whoever sees no sign of life of its holder for {} s takes its \
             place.",
            holding.lease_seconds
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
