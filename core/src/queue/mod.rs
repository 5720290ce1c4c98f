//! The queue of an environment's deployments: first come, first served, one at a time. Where its policy says
//! so, each sub-project has one of its own ([`QueueScope`]).
//!
//! [`QueueRecord`] is the queue as the ledger keeps it, with a lease for the deployment that holds the
//! environment. [`turn`] judges who has lapsed, [`estimate`] how long the others will wait.

mod dialect;
pub mod estimate;
mod held;
pub mod local;
pub(crate) mod lock;
mod parts;
mod record;
pub mod release;
pub mod rules;
mod scope;
pub mod supersede;
pub mod survey;
pub mod turn;

pub use dialect::QueueOfDeployments;
pub use held::HeldBack;
pub use lock::{EnvironmentLock, HeldBy, Holding, LockId, Locking};
pub use record::{Claim, Claimant, Claimed, Lapses, QueueRecord, Succeeded, Waiting};
pub(crate) use scope::folder;
pub use scope::{Concurrency, QueueScope, Queues, Rewrite};

#[cfg(test)]
mod tests;
