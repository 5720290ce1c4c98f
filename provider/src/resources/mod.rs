//! Resources: one file each.

pub(crate) mod deployment;
pub(crate) mod environment;
mod version_tag;

pub use deployment::Deployment;
pub use environment::Environment;
pub use version_tag::VersionTag;
