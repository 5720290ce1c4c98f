//! Whether a deployment may move an environment tag of a remote by hand (SCY003), and the audit record
//! where it does.
//!
//! It leaves out tags that are changed by themselves: those are in `tag/rules.rs`.

use super::facts::{DeploymentFacts, DeploymentPlan};
use crate::audit::AuditRecord;
use crate::base::authority::Override;
use crate::base::rule::RuleId;
use crate::base::violation::Violation;
use crate::deployment::Status;
use crate::tag::Tag;

/// How a deployment stands to SCY003.
#[derive(Debug, Clone)]
pub enum ByHand {
    /// CI moves the tag, or none that is shared moves.
    No,
    /// It returns to a version that ran there: in an emergency nobody waits for CI.
    Returns(Violation),
    /// Somebody lifts the rule.
    Lifted(Violation, Override),
    /// It is refused.
    Forbidden(Violation),
}

/// Judges a deployment.
#[must_use]
pub fn by_hand(plan: &DeploymentPlan<'_>, facts: &DeploymentFacts<'_>) -> ByHand {
    let authority = plan.authority;
    if authority.in_ci || !facts.shared_tag || !plan.moves_tag {
        return ByHand::No;
    }
    let project = plan.version.sub_project_path().clone();
    let tag = Tag::of_environment(project, plan.environment.clone());
    let import_id = plan.scope().to_string();
    let subjects = [tag.name().as_str(), plan.environment.as_str(), &import_id];
    let violation = moved_by_hand(&tag);
    let lifts = |by: &&Override| subjects.iter().any(|it| by.lifts(RuleId::SCY003, it));
    let by = authority.override_at(facts.now);
    match by.filter(lifts).or(authority.protected_push.as_ref()) {
        Some(lifting) => ByHand::Lifted(violation, lifting.clone()),
        None if returns(plan, facts) => ByHand::Returns(violation),
        None => ByHand::Forbidden(by.map_or(violation.clone(), |by| by.not_lifting(violation))),
    }
}

/// What the audit log has to keep of it; the time is that of the end.
#[must_use]
pub fn audit(plan: &DeploymentPlan<'_>, facts: &DeploymentFacts<'_>) -> Option<AuditRecord> {
    let (approved_by, reason) = match by_hand(plan, facts) {
        ByHand::No | ByHand::Forbidden(_) => return None,
        ByHand::Lifted(_, by) => (by.approved_by().clone(), by.reason().to_owned()),
        ByHand::Returns(_) => {
            (plan.triggered_by.clone(), format!("back to `{}`, which ran there", plan.version))
        }
    };
    Some(AuditRecord {
        at: facts.now,
        actor: plan.triggered_by.clone(),
        approved_by,
        reason,
        action: format!("deploy {} to {} by hand", plan.version, plan.environment),
        rules: vec![RuleId::SCY003.to_string()],
        before: None,
        after: plan.commit,
    })
}

/// Whether the version succeeded there before, at this commit.
fn returns(plan: &DeploymentPlan<'_>, facts: &DeploymentFacts<'_>) -> bool {
    let ran = [Status::Succeeded, Status::RolledBack];
    facts.history.records().any(|it| {
        it.version == *plan.version
            && Some(it.commit_sha) == plan.commit
            && it.region.as_ref() == plan.region
            && ran.contains(&it.status())
    })
}

fn moved_by_hand(tag: &Tag) -> Violation {
    Violation::new(
        RuleId::SCY003,
        format!("a deployment by hand, which would move the environment tag `{tag}` on a remote"),
        "CI to do it (a variable such as `CI` says so)",
        "Run it in CI; go back to a version that ran there; or, in an emergency, use an override with \
         `reason` and `approved_by`.",
    )
    .under("environment")
}
