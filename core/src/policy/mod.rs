//! Decisions: what may happen, given facts that somebody else gathered.
//!
//! Every function here is pure. It gets what is asked for and what is the case, and gives every
//! violation there is, warnings among them ([`crate::model::Violation::is_warning`]).

pub mod account;
pub mod approval;
pub mod archive;
pub mod artifact;
pub mod completion;
pub mod deployment;
pub mod ecs;
pub mod environment;
pub mod estimate;
pub mod retry;
pub mod rollback;
pub mod tag;
pub mod terraform_state;

#[cfg(test)]
mod tests;
