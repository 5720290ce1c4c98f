//! What a deployment changes in the running world, apart from git: the seam between the deployer and
//! the adapters that carry a rollout out.
//!
//! A target never guesses: what it cannot tell, it says. It leaves out the order of steps, which is
//! [`crate::deployment::engine`]'s, and what is recorded.

#[cfg(all(feature = "git", feature = "http"))]
mod command;
mod failure;
mod permit;
pub(crate) mod task;
mod verdict;

use std::convert::Infallible;
use std::future::Future;

#[cfg(all(feature = "git", feature = "http"))]
pub use command::{CommandTarget, CommandTask};
pub use failure::{Failure, TaskFailure, TaskKind};
pub use permit::{Grant, Permit};
pub use task::{Migration, Task, TaskEnd, TaskGivenUp, Test, TestReports};
pub use verdict::{Order, Restored, Rolled};

use crate::deployment::Rollout;

/// Something that runs versions.
///
/// Every future may be dropped at any await: an interruption drops it, and `restore` then has to work
/// from what `rollout` says and what the target says.
pub trait Target: Send + Sync {
    /// What it did, for the record.
    type Trace: Clone + Into<Rollout> + Send + Sync;

    /// What is going to be changed, for the record of a deployment that begins: should it die, nobody
    /// can tell how far it came. Absent where nothing apart from git is.
    fn place(&self) -> Option<Self::Trace>;

    /// Brings the version into service and follows it to its end. `rollout` is filled in as soon as
    /// something is known, before the call that depends on it. One that says already that it was begun is not begun
    /// again: as [`Target::confirm`], it is asked what became of it.
    fn roll_out(
        &self,
        order: &Order,
        permit: &Permit,
        rollout: &mut Option<Self::Trace>,
    ) -> impl Future<Output = Rolled> + Send;

    /// Whether the version still runs, asked once more before success is recorded.
    fn confirm(
        &self,
        order: &Order,
        rollout: &Option<Self::Trace>,
    ) -> impl Future<Output = Rolled> + Send;

    /// Puts back what ran before, and follows that to its end.
    fn restore(
        &self,
        order: &Order,
        permit: &Permit,
        rollout: &mut Option<Self::Trace>,
    ) -> impl Future<Output = Restored> + Send;
}

/// No target: the deployment is the environment tag and its record.
#[derive(Debug, Clone, Copy, Default)]
pub struct GitOnly;

impl Target for GitOnly {
    type Trace = Infallible;

    fn place(&self) -> Option<Infallible> {
        None
    }

    async fn roll_out(&self, _: &Order, _: &Permit, _: &mut Option<Infallible>) -> Rolled {
        Rolled::Out
    }

    async fn confirm(&self, _: &Order, _: &Option<Infallible>) -> Rolled {
        Rolled::Out
    }

    async fn restore(&self, _: &Order, _: &Permit, _: &mut Option<Infallible>) -> Restored {
        Restored::Unchanged
    }
}
