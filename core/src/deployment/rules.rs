//! Whether a deployment may begin: its version, its environment, its approval, what runs there
//! now, and whether the environment is free.

use crate::approval::Approval;
use crate::base::id::{DeploymentId, EntityId};
use crate::base::revision::CommitSha;
use crate::base::rule::RuleId;
use crate::base::suggest::did_you_mean;
use crate::base::timestamp::Timestamp;
use crate::base::violation::{Findings, Violation, one_of, quoted};
use crate::environment::Environment;
use crate::queue::QueueRecord;
use crate::version::Version;
use crate::{Actor, EnvironmentName, RegionName};

/// The deployment that is asked for.
#[derive(Debug, Clone)]
pub struct DeploymentPlan<'a> {
    /// What is to be deployed.
    pub version: &'a Version,
    /// The commit to deploy, which should be the version's.
    pub commit: CommitSha,
    /// Where to.
    pub environment: &'a EnvironmentName,
    /// To which region of it.
    pub region: Option<&'a RegionName>,
    /// Who asks for it; `None` where that is not known yet.
    pub triggered_by: Option<&'a Actor>,
    /// Who agreed to it.
    pub approval: Option<&'a Approval>,
    /// The run on record that it belongs to.
    pub pipeline_id: Option<&'a EntityId>,
    /// The infrastructure on record that it runs on.
    pub infrastructure_id: Option<&'a EntityId>,
    /// Whether an older version may replace a newer one.
    pub allow_downgrade: bool,
}

/// What is the case in the repository and in the ledger.
#[derive(Debug, Clone, Default)]
pub struct DeploymentFacts<'a> {
    /// The commit of the version's tag.
    pub version_tag: Option<CommitSha>,
    /// The environment as it is registered.
    pub environment: Option<&'a Environment>,
    /// The names of all registered environments.
    pub environment_names: Vec<&'a EnvironmentName>,
    /// What the environment runs now, where that is known.
    pub running: Option<&'a Version>,
    /// Whether the pipeline run is on record; `None` when nobody looked.
    pub pipeline_on_record: Option<bool>,
    /// Whether the infrastructure is on record; `None` when nobody looked.
    pub infrastructure_on_record: Option<bool>,
}

/// Checks a deployment before anything is touched: DEP007, DEP011, DEP012, DEP021, DEP025,
/// DEP026 and OWN002.
#[must_use]
pub fn check(plan: &DeploymentPlan<'_>, facts: &DeploymentFacts<'_>) -> Vec<Violation> {
    let mut findings = Findings::new();
    findings.extend(version_fault(RuleId::DEP007, plan, facts));
    match facts.environment {
        None => findings.push(unknown_environment(plan.environment, &facts.environment_names)),
        Some(environment) => findings.extend(environment_faults(plan, environment)),
    }
    findings.extend(downgrade(plan, facts.running));
    findings.extend(reference_faults(plan, facts));
    findings.into_vec()
}

/// Checks once more at the moment at which a deployment begins: XEN002, DEP021, DEP011 and
/// DEP012. Time passes between a plan and its apply.
#[must_use]
pub fn check_at_start(plan: &DeploymentPlan<'_>, facts: &DeploymentFacts<'_>) -> Vec<Violation> {
    let mut findings = Findings::new();
    findings.extend(version_fault(RuleId::XEN002, plan, facts));
    match facts.environment {
        None => findings.push(unknown_environment(plan.environment, &facts.environment_names)),
        Some(environment) => findings.extend(environment_faults(plan, environment)),
    }
    findings.into_vec()
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
            "`{}` held by `{}` of {} since {}",
            queue.environment, claim.deployment_id, claim.holder, claim.locked_at
        ),
        "an environment without a deployment in progress",
        format!(
            "Apply again when it is done; a holder that died is put aside after {}.",
            claim.surely_over()
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
            "an ID of its own",
            "Apply again; a new ID is drawn.",
        )
        .under("deployment_id")
    })
}

/// OWN002: an older version would replace the running one.
#[must_use]
pub fn downgrade(plan: &DeploymentPlan<'_>, running: Option<&Version>) -> Option<Violation> {
    let running = running.filter(|running| {
        running.sub_project_path() == plan.version.sub_project_path() && *running > plan.version
    })?;
    (!plan.allow_downgrade).then(|| {
        Violation::new(
            RuleId::OWN002,
            format!("`{}` in place of the newer `{running}`", plan.version),
            format!("`{running}` or a newer version"),
            "Set `allow_downgrade = true` if that is what you want.",
        )
        .under("version")
    })
}

fn version_fault(
    rule: RuleId,
    plan: &DeploymentPlan<'_>,
    facts: &DeploymentFacts<'_>,
) -> Option<Violation> {
    let DeploymentPlan { version, commit, .. } = plan;
    match facts.version_tag {
        None => Some(
            Violation::new(
                rule,
                format!("no version tag `{version}`"),
                "the tag of the version that is to be deployed",
                format!(
                    "Create the tag `{version}` first, for example with a `pipeline_version_tag`."
                ),
            )
            .under("version"),
        ),
        Some(tagged) if tagged != *commit => Some(
            Violation::new(
                rule,
                format!("commit `{commit}`"),
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
    let next = match did_you_mean(name.as_str(), names) {
        Some(near) => format!("Did you mean `{near}`?"),
        None => "Register it with a `pipeline_environment`.".to_owned(),
    };
    Violation::new(RuleId::DEP021, quoted(name.as_str()), expected, next).under("environment")
}

fn environment_faults(plan: &DeploymentPlan<'_>, environment: &Environment) -> Vec<Violation> {
    let mut findings = Findings::new();
    if let Some(region) = plan.region {
        findings.extend(region_fault(region, environment));
    }
    findings.extend(environment.approval.faults(plan.approval, plan.commit, plan.triggered_by));
    findings.into_vec()
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

fn reference_faults(plan: &DeploymentPlan<'_>, facts: &DeploymentFacts<'_>) -> Vec<Violation> {
    let references = [
        (
            RuleId::DEP025,
            "pipeline_id",
            plan.pipeline_id,
            facts.pipeline_on_record,
            "a pipeline run",
        ),
        (
            RuleId::DEP026,
            "infrastructure_id",
            plan.infrastructure_id,
            facts.infrastructure_on_record,
            "an infrastructure resource",
        ),
    ];
    let unknown = references.into_iter().filter_map(|(rule, field, id, known, what)| {
        let id = id.filter(|_| known == Some(false))?;
        let next = format!("Record it first, or leave `{field}` out.");
        let violation =
            Violation::new(rule, quoted(id.as_str()), format!("the ID of {what} on record"), next);
        Some(violation.under(field))
    });
    unknown.collect()
}
