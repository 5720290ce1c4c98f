//! Ephemeral resources: opened for one run, never in a state or plan.

pub(crate) mod environment_lock;
mod secrets;

pub use environment_lock::EnvironmentLock;
pub use secrets::Secrets;
