//! Calls that are answered as AWS answers them sometimes, and as no local AWS can be made to: by a
//! server that says what a test wants.
//!
//! It leaves out rollouts and the storing of objects, which have fakes of their own.
#![expect(clippy::unwrap_used, reason = "a stage that cannot be set is a failed test")]

mod clocks;
mod server;
mod stack_changes;
mod stacks;
mod states;
