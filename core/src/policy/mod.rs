//! Policies of an environment: when a version may go there, and after which other environments.
//!
//! What they are made of cannot be invalid. Whether a deployment keeps them is decided in `rules`, over facts
//! that `survey` gathered. Approvals have a room of their own.

mod not_yet;

pub use not_yet::{NotYet, Objections, WaitFor};
