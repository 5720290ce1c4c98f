//! What a deployment changes in the running world, apart from git: the seam between the deployer and
//! the adapters that carry a rollout out.
//!
//! A target never guesses: what it cannot tell, it says. It leaves out the order of steps, which is
//! [`crate::engine::deploy`]'s, and what is recorded.

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::model::deployment::EcsRollout;
use crate::model::{DeploymentId, EnvironmentName, Version};

/// The deployment that a target is to carry out.
#[derive(Debug, Clone)]
pub struct Order {
    /// The deployment.
    pub deployment_id: DeploymentId,
    /// What it deploys.
    pub version: Version,
    /// Where to.
    pub environment: EnvironmentName,
    /// What the last known good deployment of the same sub-project left, where it had a rollout.
    pub last_good: Option<EcsRollout>,
    /// The version of that deployment.
    pub last_good_version: Option<Version>,
}

/// How bringing a version into service ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rolled {
    /// The version runs, and nothing else of this service does.
    Out,
    /// Nothing was changed: there is nothing to put back.
    Untouched {
        /// Why it could not begin.
        reason: String,
    },
    /// It did not come up, or did not stay up; the service has to be put back.
    Failed {
        /// What the target says.
        reason: String,
    },
    /// The target is putting the service back by itself already: [`Target::restore`] follows it.
    RollingBack {
        /// What the target says.
        reason: String,
    },
    /// Somebody else changed the service meanwhile: theirs is not touched.
    Replaced {
        /// Who or what, as far as the target says.
        reason: String,
    },
    /// The target cannot be asked any more, so nobody can tell.
    Unknown {
        /// What is known.
        reason: String,
    },
}

/// How putting a service back ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Restored {
    /// What ran before runs again.
    Done,
    /// What ran before was never taken away.
    Unchanged,
    /// Nothing was ever good before, so there is nothing to put back.
    Nothing {
        /// Why, in words that complete "nothing was put back: …".
        reason: String,
    },
    /// Somebody else changed the service meanwhile: theirs is not touched.
    Replaced {
        /// Who or what, as far as the target says.
        reason: String,
    },
    /// It could not be put back.
    Failed {
        /// What the target says.
        reason: String,
    },
    /// The target cannot be asked any more, so nobody can tell.
    Unknown {
        /// What is known.
        reason: String,
    },
}

/// Whether the environment is still ours, by the clock of this process alone.
///
/// Asked before each call that changes something: a process that slept longer than its lease must not
/// act on what somebody else holds by now.
#[derive(Debug, Clone)]
pub struct Permit {
    until: watch::Receiver<Instant>,
}

/// Keeps a [`Permit`] alive.
#[derive(Debug)]
pub struct Grant {
    until: watch::Sender<Instant>,
}

impl Grant {
    /// A grant for so long from `start`, and the permit that goes with it.
    #[must_use]
    pub fn new(start: Instant, lease: Duration) -> (Self, Permit) {
        let (sender, receiver) = watch::channel(start + lease);
        (Self { until: sender }, Permit { until: receiver })
    }

    /// The grant runs for so long from `start`, when the renewal that succeeded was begun.
    pub fn renew(&self, start: Instant, lease: Duration) {
        self.until.send_replace(start + lease);
    }

    /// The environment is somebody else's: no more calls.
    pub fn revoke(&self, now: Instant) {
        self.until.send_replace(now);
    }
}

impl Permit {
    /// Whether calls that change something may still be made.
    #[must_use]
    pub fn holds(&self) -> bool {
        Instant::now() < *self.until.borrow()
    }
}

/// Something that runs versions.
///
/// Every future may be dropped at any await: an interruption drops it, and `restore` then has to work
/// from what `rollout` says and what the target says.
pub trait Target: Send + Sync {
    /// What is going to be changed, for the record of a deployment that begins: should it die, nobody
    /// can tell how far it came. Absent where nothing apart from git is.
    fn place(&self) -> Option<EcsRollout>;

    /// Brings the version into service and follows it to its end. `rollout` is filled in as soon as
    /// something is known, before the call that depends on it.
    fn roll_out(
        &self,
        order: &Order,
        permit: &Permit,
        rollout: &mut Option<EcsRollout>,
    ) -> impl Future<Output = Rolled> + Send;

    /// Whether the version still runs, asked once more before success is recorded.
    fn confirm(&self, rollout: &Option<EcsRollout>) -> impl Future<Output = Rolled> + Send;

    /// Puts back what ran before, and follows that to its end.
    fn restore(
        &self,
        order: &Order,
        permit: &Permit,
        rollout: &mut Option<EcsRollout>,
    ) -> impl Future<Output = Restored> + Send;
}

/// No target: the deployment is the environment tag and its record.
#[derive(Debug, Clone, Copy, Default)]
pub struct GitOnly;

impl Target for GitOnly {
    fn place(&self) -> Option<EcsRollout> {
        None
    }

    async fn roll_out(&self, _: &Order, _: &Permit, _: &mut Option<EcsRollout>) -> Rolled {
        Rolled::Out
    }

    async fn confirm(&self, _: &Option<EcsRollout>) -> Rolled {
        Rolled::Out
    }

    async fn restore(&self, _: &Order, _: &Permit, _: &mut Option<EcsRollout>) -> Restored {
        Restored::Unchanged
    }
}
