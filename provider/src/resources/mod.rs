//! Resources: one file each.

mod approval;
mod artifact;
pub(crate) mod deployment;
pub(crate) mod environment;
mod infrastructure;
pub(crate) mod maintenance;
mod run;
mod secret;
pub(crate) mod version_tag;

pub use approval::Approval;
pub use artifact::Artifact;
pub use deployment::Deployment;
pub use environment::Environment;
pub use infrastructure::InfrastructureResource;
pub use maintenance::MaintenanceTask;
pub use run::Run;
pub use secret::Secret;
pub use version_tag::VersionTag;
