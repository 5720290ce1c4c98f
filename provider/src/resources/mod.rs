//! Resources: one file each.

mod artifact;
pub(crate) mod deployment;
pub(crate) mod environment;
mod infrastructure;
<<<<<<< HEAD
mod run;
=======
mod maintenance;
>>>>>>> maint
mod secret;
mod version_tag;

pub use artifact::Artifact;
pub use deployment::Deployment;
pub use environment::Environment;
pub use infrastructure::InfrastructureResource;
<<<<<<< HEAD
pub use run::Run;
=======
pub use maintenance::MaintenanceTask;
>>>>>>> maint
pub use secret::Secret;
pub use version_tag::VersionTag;
