//! Ephemeral resources: what is there for one run, and never stored.

mod environment_lock;

pub use environment_lock::EnvironmentLock;
