//! Decisions about services of Amazon ECS: whether one can be deployed to, and which revision a
//! failure puts back.

use std::time::Duration;

use crate::base::rule::RuleId;
use crate::base::suggest::did_you_mean_or;
use crate::base::violation::{Findings, Violation, one_of, quoted};

#[cfg(test)]
mod tests;

/// A revision that might be put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its ARN.
    pub revision: String,
    /// The image of the container that is deployed to, where it can still be told.
    pub image: Option<String>,
    /// Whether ECS would start it.
    pub is_active: bool,
}

/// What to put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice<'a> {
    /// This revision.
    Revision(&'a str),
    /// These would be right, but ECS starts none of them any more.
    Inactive(Vec<&'a str>),
    /// Nothing ever ran.
    Nothing,
}

/// Which revision a failure puts back: of the one that ran `before` and the one of the last known
/// good deployment the latter, because it was verified, unless both have the same image; then the
/// former, because it has the newest settings. What is not ACTIVE cannot be put back.
#[must_use]
pub fn put_back<'a>(before: Option<&'a Candidate>, good: Option<&'a Candidate>) -> Choice<'a> {
    let same = match (before, good) {
        (Some(before), Some(good)) => {
            before.revision == good.revision || before.image.is_some() && before.image == good.image
        }
        _ => true,
    };
    let order = if same { [before, good] } else { [good, before] };
    let candidates: Vec<&Candidate> = order.into_iter().flatten().collect();
    match candidates.iter().find(|candidate| candidate.is_active) {
        Some(active) => Choice::Revision(&active.revision),
        None if candidates.is_empty() => Choice::Nothing,
        None => Choice::Inactive(candidates.iter().map(|it| it.revision.as_str()).collect()),
    }
}

/// What a deployment to ECS is asked to change.
#[derive(Debug, Clone, Copy)]
pub struct EcsPlan<'a> {
    /// The cluster, by name or ARN.
    pub cluster: &'a str,
    /// The service, by name or ARN.
    pub service: &'a str,
    /// The container.
    pub container: &'a str,
    /// How long the rollout may take.
    pub timeout: Duration,
}

/// What ECS says about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EcsFacts {
    /// There is no such cluster; those that there are, where they may be listed.
    NoCluster(Vec<String>),
    /// There is no such service in it; those that there are, where they may be listed.
    NoService(Vec<String>),
    /// There is.
    Service(ServiceFacts),
}

/// A service that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceFacts {
    /// `ACTIVE`, `DRAINING` or `INACTIVE`.
    pub status: String,
    /// Who rolls out: `ECS`, `CODE_DEPLOY` or `EXTERNAL`.
    pub controller: String,
    /// How many tasks it should run.
    pub desired: i32,
    /// How long ECS waits by itself in each rollout of it: all its bake times.
    pub bakes: Duration,
    /// The containers of the revision that it runs.
    pub containers: Vec<String>,
    /// The revision that ran steadily, if one does.
    pub before: Option<Candidate>,
    /// The revision of the last known good deployment, if there was one.
    pub good: Option<Candidate>,
}

/// Everything that forbids deploying there (OWN010 to OWN015, OWN037).
#[must_use]
pub fn check(plan: &EcsPlan<'_>, facts: &EcsFacts) -> Vec<Violation> {
    let found = match facts {
        EcsFacts::NoCluster(clusters) => {
            vec![absent(RuleId::OWN010, plan.cluster, clusters, "cluster").under("cluster")]
        }
        EcsFacts::NoService(services) => {
            vec![absent(RuleId::OWN011, plan.service, services, "service").under("service")]
        }
        EcsFacts::Service(service) => check_service(plan, service),
    };
    found.into_iter().map(|violation| violation.under("ecs")).collect()
}

fn absent(rule: RuleId, found: &str, known: &[String], what: &str) -> Violation {
    let names: Vec<&str> = known.iter().map(String::as_str).collect();
    let expected = match names.as_slice() {
        [] => format!("the name or ARN of a {what} that exists"),
        names => format!("the name or ARN of a {what} that exists: {}", one_of(names)),
    };
    let wanted = found.rsplit('/').next().unwrap_or(found);
    let create = || format!("Create the {what} first, or check account and region.");
    let next = did_you_mean_or(wanted, names.iter().copied(), create);
    Violation::new(rule, format!("no {what} {}", quoted(found)), expected, next)
}

fn check_service(plan: &EcsPlan<'_>, service: &ServiceFacts) -> Vec<Violation> {
    let mut findings = Findings::new();
    findings.require(service.status == "ACTIVE", || inactive(plan, service));
    findings.require(service.controller == "ECS", || controlled(plan, service));
    findings.require(service.desired >= 1, || scaled_to_zero(plan));
    findings.require(plan.timeout > service.bakes, || impatient(plan, service));
    if !service.containers.iter().any(|name| name == plan.container) {
        findings.push(no_container(plan, service));
    }
    if let Choice::Inactive(revisions) = put_back(service.before.as_ref(), service.good.as_ref()) {
        findings.push(no_way_back(&revisions));
    }
    findings.into_vec()
}

fn inactive(plan: &EcsPlan<'_>, service: &ServiceFacts) -> Violation {
    Violation::new(
        RuleId::OWN011,
        format!("service {} that is {}", quoted(plan.service), service.status),
        "a service that is ACTIVE",
        "Create the service again, or name another one.",
    )
    .under("service")
}

fn controlled(plan: &EcsPlan<'_>, service: &ServiceFacts) -> Violation {
    Violation::new(
        RuleId::OWN013,
        format!("service {} with the controller `{}`", quoted(plan.service), service.controller),
        "a service whose deployment controller is `ECS`",
        "Deploy it with what controls it, or create it again with the controller `ECS`.",
    )
    .under("service")
}

fn scaled_to_zero(plan: &EcsPlan<'_>) -> Violation {
    Violation::new(
        RuleId::OWN014,
        format!("service {} that is scaled to zero", quoted(plan.service)),
        "at least one desired task: a deployment of no tasks proves nothing",
        "Scale the service to one task or more first.",
    )
    .under("service")
}

fn impatient(plan: &EcsPlan<'_>, service: &ServiceFacts) -> Violation {
    let minutes = |time: Duration| time.as_secs().div_ceil(60);
    let (bakes, timeout) = (minutes(service.bakes), minutes(plan.timeout));
    Violation::new(
        RuleId::OWN037,
        format!("{timeout} min for a rollout of service {}", quoted(plan.service)),
        format!("more than the {bakes} min for which the service bakes new tasks"),
        format!(
            "Set `timeout = \"{}m\"` or more, or let the service bake them for less.",
            bakes + 20
        ),
    )
    .under("timeout")
}

fn no_container(plan: &EcsPlan<'_>, service: &ServiceFacts) -> Violation {
    let names = service.containers.iter().map(String::as_str);
    let told = Violation::not_listed(RuleId::OWN012, plan.container, names).under("container");
    Violation { found: format!("no container {}", told.found), ..told }
}

fn no_way_back(revisions: &[&str]) -> Violation {
    let names: Vec<&str> =
        revisions.iter().map(|arn| arn.rsplit('/').next().unwrap_or(arn)).collect();
    Violation::new(
        RuleId::OWN015,
        format!("{}, INACTIVE, as what a failure would put back", names.join(" and ")),
        "a revision that is ACTIVE",
        "Register the revision again, and let the service run the new one first.",
    )
    .under("service")
}
