//! Ephemeral resources: opened for one run, never in a state or plan.

mod secrets;

pub use secrets::Secrets;
