//! The record of an environment's queue: who waits, and who holds the environment until when.
//!
//! It keeps the IDs of deployments, which have records of their own. Every operation gives a new
//! record; writing it against the one that was read is what makes it exclusive.

use serde::{Deserialize, Serialize};

use super::Record;
use crate::model::violation::quoted;
use crate::model::{Actor, DeploymentId, EnvironmentName, RuleId, Timestamp, Violation};

/// The queue of an environment as the ledger keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueueRecord {
    /// The environment.
    pub environment: EnvironmentName,
    /// Who waits, first come first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<Waiting>,
    /// Who holds the environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<Claim>,
}

/// A deployment that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiting {
    /// Which.
    pub deployment_id: DeploymentId,
    /// Whose.
    pub holder: Actor,
    /// Since when.
    pub queued_at: Timestamp,
}

/// The deployment that holds the environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Which.
    pub deployment_id: DeploymentId,
    /// Whose.
    pub holder: Actor,
    /// Since when.
    pub locked_at: Timestamp,
    /// Until when, unless the holder renews it.
    pub lease_until: Timestamp,
}

/// A queue after somebody claimed the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The queue.
    pub queue: QueueRecord,
    /// The holder whose lease had run out and who was put aside.
    pub superseded: Option<Claim>,
}

impl Claim {
    /// Whether the lease has run out.
    #[must_use]
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.lease_until <= now
    }
}

impl QueueRecord {
    /// The empty queue of an environment.
    #[must_use]
    pub const fn new(environment: EnvironmentName) -> Self {
        Self { environment, waiting: Vec::new(), current: None }
    }

    /// Who holds the environment, with a lease that has not run out.
    #[must_use]
    pub fn holder(&self, now: Timestamp) -> Option<&Claim> {
        self.current.as_ref().filter(|claim| !claim.has_expired(now))
    }

    /// The place of a waiting deployment, from 1.
    #[must_use]
    pub fn position(&self, id: &DeploymentId) -> Option<usize> {
        self.waiting.iter().position(|waiting| waiting.deployment_id == *id).map(|index| index + 1)
    }

    /// The queue with one more deployment at its end (QUE006); one that waits already keeps its
    /// place.
    #[must_use]
    pub fn enqueue(mut self, deployment_id: DeploymentId, holder: Actor, now: Timestamp) -> Self {
        if self.position(&deployment_id).is_none() {
            self.waiting.push(Waiting { deployment_id, holder, queued_at: now });
        }
        self
    }

    /// The queue without this waiting deployment.
    #[must_use]
    pub fn without(mut self, id: &DeploymentId) -> Self {
        self.waiting.retain(|waiting| waiting.deployment_id != *id);
        self
    }

    /// The environment held by this deployment from now on. A holder whose lease has run out is
    /// put aside.
    ///
    /// # Errors
    /// BUS001 while another deployment holds the environment, QUE007 while another one has waited
    /// longer.
    pub fn claim(
        mut self,
        deployment_id: DeploymentId,
        holder: Actor,
        now: Timestamp,
        lease_seconds: i64,
    ) -> Result<Claimed, Violation> {
        if let Some(current) = self.holder(now).filter(|claim| claim.deployment_id != deployment_id)
        {
            return Err(busy(&self.environment, current));
        }
        if let Some(first) = self.waiting.first().filter(|head| head.deployment_id != deployment_id)
        {
            return Err(not_first(&self.environment, first));
        }
        let superseded = self.current.take().filter(|claim| claim.deployment_id != deployment_id);
        let lease_until = now.plus_seconds(lease_seconds);
        let mut queue = self.without(&deployment_id);
        queue.current = Some(Claim { deployment_id, holder, locked_at: now, lease_until });
        Ok(Claimed { queue, superseded })
    }

    /// The lease of this deployment, from now on for so many seconds more.
    ///
    /// # Errors
    /// BUS001 when it does not hold the environment any more.
    pub fn renew(
        mut self,
        id: &DeploymentId,
        now: Timestamp,
        lease_seconds: i64,
    ) -> Result<Self, Violation> {
        match self.current.as_mut().filter(|claim| claim.deployment_id == *id) {
            Some(claim) => claim.lease_until = now.plus_seconds(lease_seconds),
            None => return Err(lost(RuleId::BUS001, &self, id)),
        }
        Ok(self)
    }

    /// The environment free again after this deployment (QUE008).
    ///
    /// # Errors
    /// QUE008 when it does not hold the environment any more.
    pub fn release(mut self, id: &DeploymentId) -> Result<Self, Violation> {
        if self.current.as_ref().is_none_or(|claim| claim.deployment_id != *id) {
            return Err(lost(RuleId::QUE008, &self, id));
        }
        self.current = None;
        Ok(self)
    }
}

fn busy(environment: &EnvironmentName, claim: &Claim) -> Violation {
    let Claim { deployment_id, holder, locked_at, lease_until } = claim;
    Violation::new(
        RuleId::BUS001,
        format!(
            "`{environment}` held by `{deployment_id}` of {holder} since {locked_at}, \
             with a lease until {lease_until}"
        ),
        "an environment without a deployment in progress",
        format!(
            "Apply again when it is done; a holder that died is put aside after {lease_until}."
        ),
    )
}

fn not_first(environment: &EnvironmentName, first: &Waiting) -> Violation {
    let Waiting { deployment_id, holder, queued_at } = first;
    Violation::new(
        RuleId::QUE007,
        format!("`{deployment_id}` of {holder} at the head of `{environment}` since {queued_at}"),
        "this deployment at the head of the queue",
        "Wait for those who came before.",
    )
}

fn lost(rule: RuleId, queue: &QueueRecord, id: &DeploymentId) -> Violation {
    let found = match &queue.current {
        Some(claim) => format!("`{}` held by `{}`", queue.environment, claim.deployment_id),
        None => format!("`{}` held by nobody", queue.environment),
    };
    let expected = format!("it to be held by {}", quoted(id.as_str()));
    let next = "The lease ran out and was taken; look at the environment before deploying again.";
    Violation::new(rule, found, expected, next)
}

impl Record for QueueRecord {
    const KIND: &'static str = "queue";
}
