//! The queue of an environment's deployments: first come, first served, one at a time.
//!
//! This is document 001's queue as a value; every operation gives a new queue or says why not.
//! How the queue is kept in git, with leases, is in [`crate::record`].

pub mod estimate;
pub mod local;
mod record;
pub mod turn;

use std::num::NonZeroU32;

pub use record::{Claim, Claimant, Claimed, Lapses, QueueRecord, Succeeded, Waiting};

use crate::base::id::DeploymentId;
use crate::base::name::EnvironmentName;
use crate::base::rule::RuleId;
use crate::base::timestamp::Timestamp;
use crate::base::violation::{FieldPath, Findings, Violation, Violations, quoted};
use crate::deployment::{Deployment, Progress, Status};

/// The deployments that wait for an environment, and the one in progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeploymentQueue {
    environment: EnvironmentName,
    waiting: Vec<Deployment>,
    current: Option<Current>,
}

/// The deployment in progress, and since when the queue is locked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    deployment: Deployment,
    locked_at: Timestamp,
}

/// The attributes of a queue in document 001, before they are checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueParts {
    /// The environment.
    pub environment: String,
    /// The deployments that wait, first come first.
    pub queue: Vec<Deployment>,
    /// The deployment in progress.
    pub current_deployment: Option<Deployment>,
    /// Since when the queue is locked.
    pub locked_at: Option<Timestamp>,
}

impl QueueParts {
    /// Checks the parts.
    ///
    /// # Errors
    /// QUE001 to QUE006 and XEN003, all at once.
    pub fn check(self) -> Result<DeploymentQueue, Violations> {
        let mut findings = Findings::new();
        let environment = self.environment.parse::<EnvironmentName>();
        let environment = findings
            .take("environment", environment.map_err(|faults| faults.as_rule(RuleId::QUE001)));
        for (index, deployment) in self.queue.iter().enumerate() {
            let at = FieldPath::from("queue").index(index);
            let faults = waiting_faults(deployment, index, environment.as_ref());
            findings.extend(faults.into_iter().map(|fault| fault.under(at.clone())));
        }
        if let Some(deployment) = &self.current_deployment {
            let faults = current_faults(deployment, environment.as_ref());
            findings.extend(faults.into_iter().map(|fault| fault.under("current_deployment")));
        }
        let current = match (self.current_deployment, self.locked_at) {
            (Some(deployment), Some(locked_at)) => Some(Current { deployment, locked_at }),
            (None, None) => None,
            (_, locked_at) => {
                findings.push(wrong_lock(locked_at));
                None
            }
        };
        let Some(environment) = environment else { return Err(findings.fail()) };
        findings.finish(DeploymentQueue { environment, waiting: self.queue, current })
    }
}

impl From<DeploymentQueue> for QueueParts {
    fn from(queue: DeploymentQueue) -> Self {
        let (current_deployment, locked_at) = match queue.current {
            Some(current) => (Some(current.deployment), Some(current.locked_at)),
            None => (None, None),
        };
        let environment = queue.environment.to_string();
        Self { environment, queue: queue.waiting, current_deployment, locked_at }
    }
}

impl DeploymentQueue {
    /// The empty queue of an environment.
    #[must_use]
    pub const fn new(environment: EnvironmentName) -> Self {
        Self { environment, waiting: Vec::new(), current: None }
    }

    /// The environment.
    #[must_use]
    pub const fn environment(&self) -> &EnvironmentName {
        &self.environment
    }

    /// The deployments that wait, first come first.
    #[must_use]
    pub fn waiting(&self) -> &[Deployment] {
        &self.waiting
    }

    /// The deployment in progress.
    #[must_use]
    pub fn current(&self) -> Option<&Deployment> {
        self.current.as_ref().map(|current| &current.deployment)
    }

    /// Since when the queue is locked; exactly while there is a deployment in progress.
    #[must_use]
    pub fn locked_at(&self) -> Option<Timestamp> {
        self.current.as_ref().map(|current| current.locked_at)
    }

    /// The queue with one more deployment at its end (QUE006).
    ///
    /// # Errors
    /// QUE002 unless the deployment is queued, QUE003 for another environment's, DEP001 for one
    /// that is here already.
    pub fn enqueue(mut self, deployment: Deployment) -> Result<Self, Violations> {
        let mut findings = Findings::new();
        findings.require(deployment.status() == Status::Queued, || {
            wrong_status(RuleId::QUE002, &deployment, Status::Queued)
        });
        findings.require(deployment.environment == self.environment, || {
            wrong_environment(RuleId::QUE003, &deployment, &self.environment)
        });
        findings.require(!self.holds(&deployment.id), || already_here(&deployment.id));
        self.waiting.push(deployment);
        findings.finish(self.renumbered())
    }

    /// The queue with its head in progress (QUE007), locked at this time.
    ///
    /// # Errors
    /// BUS001 while another deployment is in progress, QUE007 when nothing waits.
    pub fn start(mut self, at: Timestamp) -> Result<Self, Violations> {
        if let Some(current) = &self.current {
            return Err(busy(&self.environment, &current.deployment).into());
        }
        if self.waiting.is_empty() {
            return Err(nothing_waits(&self.environment).into());
        }
        let deployment = self.waiting.remove(0).start(at)?;
        self.current = Some(Current { deployment, locked_at: at });
        Ok(self.renumbered())
    }

    /// The queue without its deployment in progress and unlocked (QUE008), and that deployment
    /// after `end` was done to it.
    ///
    /// # Errors
    /// QUE008 when nothing is in progress, or when `end` leaves it in progress; whatever `end`
    /// refuses.
    pub fn complete(
        mut self,
        end: impl FnOnce(Deployment) -> Result<Deployment, Violations>,
    ) -> Result<(Self, Deployment), Violations> {
        let Some(current) = self.current.take() else {
            return Err(nothing_in_progress(&self.environment).into());
        };
        let ended = end(current.deployment)?;
        if !ended.status().is_terminal() {
            return Err(not_ended(&ended).into());
        }
        Ok((self, ended))
    }

    /// The queue without a deployment that waited, and that deployment, cancelled.
    ///
    /// # Errors
    /// QUE002 when no deployment of that ID waits.
    pub fn cancel(
        mut self,
        id: &DeploymentId,
        at: Timestamp,
        reason: Option<&str>,
    ) -> Result<(Self, Deployment), Violations> {
        let Some(index) = self.waiting.iter().position(|deployment| deployment.id == *id) else {
            return Err(not_waiting(&self.environment, id).into());
        };
        let cancelled = self.waiting.remove(index).cancel(at, reason, None)?;
        Ok((self.renumbered(), cancelled))
    }

    /// The queue with estimates of how long each deployment will wait, when one takes so many
    /// seconds on average.
    #[must_use]
    pub fn with_estimates(mut self, average_seconds: u64, now: Timestamp) -> Self {
        let running = self.current.as_ref().map_or(0, |current| {
            let spent = u64::try_from(now.seconds_since(current.locked_at)).unwrap_or(0);
            average_seconds.saturating_sub(spent)
        });
        for (index, deployment) in (0_u64..).zip(&mut self.waiting) {
            let wait = running.saturating_add(average_seconds.saturating_mul(index));
            if let Progress::Queued { estimated_wait_seconds, .. } = &mut deployment.progress {
                *estimated_wait_seconds = Some(wait);
            }
        }
        self
    }

    fn holds(&self, id: &DeploymentId) -> bool {
        self.waiting.iter().any(|deployment| deployment.id == *id)
            || self.current().is_some_and(|deployment| deployment.id == *id)
    }

    /// Gives the places 1, 2, 3 and so on.
    fn renumbered(mut self) -> Self {
        for (place, deployment) in (1_u32..).zip(&mut self.waiting) {
            if let Progress::Queued { position, .. } = &mut deployment.progress {
                *position = NonZeroU32::new(place).unwrap_or(NonZeroU32::MIN);
            }
        }
        self
    }
}

fn waiting_faults(
    deployment: &Deployment,
    index: usize,
    environment: Option<&EnvironmentName>,
) -> Vec<Violation> {
    let mut findings = Findings::new();
    findings.require(deployment.status() == Status::Queued, || {
        wrong_status(RuleId::QUE002, deployment, Status::Queued)
    });
    if let Some(environment) = environment {
        findings.require(deployment.environment == *environment, || {
            wrong_environment(RuleId::QUE003, deployment, environment)
        });
    }
    let place = deployment.progress.queue_position().map(NonZeroU32::get);
    let right = u32::try_from(index).ok().and_then(|index| index.checked_add(1));
    findings.require(place.is_none() || place == right, || wrong_place(place, index));
    findings.into_vec()
}

fn current_faults(
    deployment: &Deployment,
    environment: Option<&EnvironmentName>,
) -> Vec<Violation> {
    let mut findings = Findings::new();
    findings.require(deployment.status() == Status::InProgress, || {
        wrong_status(RuleId::QUE004, deployment, Status::InProgress)
    });
    if let Some(environment) = environment {
        findings.require(deployment.environment == *environment, || {
            wrong_environment(RuleId::XEN003, deployment, environment)
        });
    }
    findings.into_vec()
}

fn wrong_status(rule: RuleId, deployment: &Deployment, right: Status) -> Violation {
    let found = format!("{} that is `{}`", quoted(deployment.id.as_str()), deployment.status());
    let next = "Remove it from the queue, or correct its status.";
    Violation::new(rule, found, format!("a deployment that is `{right}`"), next).under("status")
}

fn wrong_environment(rule: RuleId, deployment: &Deployment, right: &EnvironmentName) -> Violation {
    let found = format!("{} for `{}`", quoted(deployment.id.as_str()), deployment.environment);
    let next = format!("Put it into the queue of `{}`.", deployment.environment);
    Violation::new(rule, found, format!("a deployment to `{right}`"), next).under("environment")
}

fn wrong_place(place: Option<u32>, index: usize) -> Violation {
    let found = place.map_or_else(|| "nothing".to_owned(), |place| format!("`{place}`"));
    let right = index.saturating_add(1);
    let expected = format!("`{right}`, because places are 1, 2, 3 and so on without gaps");
    Violation::new(RuleId::QUE006, found, expected, format!("Write `{right}`."))
        .under("queue_position")
}

fn wrong_lock(locked_at: Option<Timestamp>) -> Violation {
    let (found, expected, next) = match locked_at {
        Some(time) => (
            format!("`{time}` without a current deployment"),
            "no lock",
            "Leave `locked_at` out, or name the current deployment.",
        ),
        None => (
            "a current deployment without a lock".to_owned(),
            "the time since when the queue is locked",
            "Set `locked_at`.",
        ),
    };
    Violation::new(RuleId::QUE005, found, expected, next).under("locked_at")
}

fn already_here(id: &DeploymentId) -> Violation {
    let found = format!("{}, which is in the queue already", quoted(id.as_str()));
    Violation::new(RuleId::DEP001, found, "an ID of its own", "Request a new deployment.")
        .under("id")
}

/// BUS001: another deployment of the environment is in progress.
fn busy(environment: &EnvironmentName, current: &Deployment) -> Violation {
    Violation::new(
        RuleId::BUS001,
        format!("`{environment}` busy with `{}` of {}", current.id, current.triggered_by),
        "an environment without a deployment in progress",
        "Wait until it is done, or cancel it.",
    )
}

fn nothing_waits(environment: &EnvironmentName) -> Violation {
    let found = format!("an empty queue of `{environment}`");
    let next = "Put a deployment into the queue first.";
    Violation::new(RuleId::QUE007, found, "a deployment at the head of the queue", next)
}

fn nothing_in_progress(environment: &EnvironmentName) -> Violation {
    let found = format!("no deployment in progress in `{environment}`");
    let next = "Start the head of the queue first.";
    Violation::new(RuleId::QUE008, found, "a current deployment to complete", next)
}

fn not_ended(deployment: &Deployment) -> Violation {
    let found = format!("`{}` still `{}`", deployment.id, deployment.status());
    let next = "Let it succeed, fail or be cancelled.";
    Violation::new(RuleId::QUE008, found, "a deployment that came to its end", next)
}

fn not_waiting(environment: &EnvironmentName, id: &DeploymentId) -> Violation {
    let found = format!("{}, which does not wait in `{environment}`", quoted(id.as_str()));
    let next = "Look at the queue for those that wait.";
    Violation::new(RuleId::QUE002, found, "the ID of a deployment that waits", next)
}

#[cfg(test)]
mod tests;
