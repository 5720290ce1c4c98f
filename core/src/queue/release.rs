//! Whose lock may be released by hand: that of the holder that was named, once it gave no sign of life for the whole
//! of its lease. Pure; the watching is the deployer's.

use super::{Claim, QueueRecord};
use crate::base::violation::quoted;
use crate::{DeploymentId, EnvironmentName, RuleId, Timestamp, Violation};

/// The claim of this deployment, in one of the queues of an environment.
///
/// # Errors
/// OWN058 where it holds none of them.
pub fn held<'a>(
    environment: &EnvironmentName,
    queues: impl IntoIterator<Item = &'a QueueRecord>,
    id: &DeploymentId,
) -> Result<(&'a QueueRecord, &'a Claim), Violation> {
    let mut others = Vec::new();
    for queue in queues {
        match &queue.current {
            Some(claim) if claim.deployment_id == *id => return Ok((queue, claim)),
            Some(claim) => others.push(format!(
                "{} held by `{}` of {} since {}",
                queue.scope(),
                claim.deployment_id,
                claim.holder,
                claim.locked_at
            )),
            None => {}
        }
    }
    let (found, next) = if others.is_empty() {
        (format!("`{environment}` held by nobody"), "There is nothing to release.")
    } else {
        (others.join(" and "), "Name the deployment whose lock you mean, if it is this one.")
    };
    Err(not_held(found, id, next))
}

/// OWN058: the holder lives, by a lease that it renewed while it was watched.
#[must_use]
pub fn alive(id: &DeploymentId, lease_until: Timestamp) -> Violation {
    not_held(
        format!("`{id}` alive: it renewed its lease, which runs until {lease_until} now"),
        id,
        "Wait for its end, or interrupt it where it runs.",
    )
}

fn not_held(found: String, id: &DeploymentId, next: &str) -> Violation {
    let expected = format!("a lock of {} without a sign of life", quoted(id.as_str()));
    Violation::new(RuleId::OWN058, found, expected, next).under("deployment_id")
}
