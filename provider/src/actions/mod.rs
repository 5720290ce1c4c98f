//! Actions: what is done once, when it is asked for. One file each.
//!
//! Each does what a resource does, by the same functions, and leaves no state.

mod approve;

pub use approve::Approve;
