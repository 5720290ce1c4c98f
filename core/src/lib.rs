//! The domain of releases, environments and deployments, with git as the only truth.
//!
//! Layers, each knowing only those before it:
//! - [`model`]: types that cannot hold an invalid value, the rule catalogue, state machines.
//! - [`policy`]: decisions over facts that somebody else gathered.
//! - [`record`]: what is kept in the ledger, as canonical JSON.
//!
//! - [`engine`]: what happens in which order, as states and events.
//!
//! These four are pure: no input or output, no clock, no randomness. Time and random
//! characters are passed in. What touches git, the network or files lives in modules of its own.

#[cfg(feature = "aws")]
pub mod aws;
pub mod deployer;
pub mod engine;
pub mod git;
pub mod health;
pub mod ledger;
pub mod model;
pub mod policy;
pub mod record;
pub mod sops;
pub mod target;
pub mod terraform_state;
