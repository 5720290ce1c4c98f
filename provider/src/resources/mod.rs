//! Resources: one file each.

mod deployment;
mod environment;
mod version_tag;

pub use deployment::Deployment;
pub use environment::Environment;
pub use version_tag::VersionTag;
