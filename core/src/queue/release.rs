//! What may be released by hand: what was named and holds an environment, a deployment or a lock between several of
//! them, once it gave no sign of life for the whole of its lease. Pure; the watching is the deployer's.

use std::str::FromStr;

use super::{HeldBy, Holding, LockId, QueueRecord};
use crate::base::violation::quoted;
use crate::{DeploymentId, EnvironmentName, RuleId, Timestamp, Violation, Violations};

/// The ID of a deployment, or of a lock.
impl FromStr for HeldBy {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        if text.starts_with("lock-") {
            return text.parse::<LockId>().map(Self::Lock);
        }
        text.parse::<DeploymentId>().map(Self::Deployment)
    }
}

/// How what was named holds one of the queues of an environment.
///
/// # Errors
/// OWN058 where it holds none of them.
pub fn held<'a>(
    environment: &EnvironmentName,
    queues: impl IntoIterator<Item = &'a QueueRecord>,
    by: &HeldBy,
) -> Result<(&'a QueueRecord, Holding<'a>), Violation> {
    let mut others = Vec::new();
    for queue in queues {
        match queue.holding() {
            Some(holding) if holding.by == *by => return Ok((queue, holding)),
            Some(Holding { by, holder, since, .. }) => {
                others.push(format!("{} held by `{by}` of {holder} since {since}", queue.scope()));
            }
            None => {}
        }
    }
    let (found, next) = if others.is_empty() {
        (format!("`{environment}` held by nobody"), "There is nothing to release.")
    } else {
        (others.join(" and "), "Name what holds it, if you mean that.")
    };
    Err(not_held(found, by, next))
}

/// OWN058: the holder lives, by a lease that it renewed while it was watched.
#[must_use]
pub fn alive(by: &HeldBy, lease_until: Timestamp) -> Violation {
    not_held(
        format!("`{by}` alive: it renewed its lease, which runs until {lease_until} now"),
        by,
        "Wait for its end, or interrupt it where it runs.",
    )
}

impl QueueRecord {
    /// The queue without what holds it. The lock under which a deployment went had its signs of life from that one, and
    /// goes with it.
    ///
    /// # Errors
    /// QUE008 or BUS003 when that does not hold it any more.
    pub fn released(self, by: &HeldBy, now: Timestamp) -> Result<Self, Violation> {
        let (queue, lock) = match by {
            HeldBy::Lock(id) => (self, Some(id.clone())),
            HeldBy::Deployment(id) => {
                let queue = self.release(id, now)?;
                let lock = queue.lock.as_ref().map(|lock| lock.lock_id.clone());
                (queue, lock)
            }
        };
        match lock {
            Some(lock) => queue.unlock(&lock, now),
            None => Ok(queue),
        }
    }
}

fn not_held(found: String, by: &HeldBy, next: &str) -> Violation {
    let expected = format!("{} to hold it without a sign of life", quoted(&by.to_string()));
    Violation::new(RuleId::OWN058, found, expected, next).under("held_by")
}
