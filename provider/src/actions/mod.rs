//! Actions: what is done once, when it is asked for. One file each.
//!
//! Each does what a resource does, by the same functions, and leaves no state.

mod approve;
mod deployment;
mod maintenance;
mod promote;
mod release_lock;
mod rollback;

pub use approve::Approve;
pub use maintenance::Maintenance;
pub use promote::Promote;
pub use release_lock::ReleaseLock;
pub use rollback::Rollback;
