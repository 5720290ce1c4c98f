//! Data sources: what git says, in HCL.

mod approvals;
mod audit_log;
mod config;
mod deployment_queue;
mod deployments;
mod environment;
mod infrastructure;
mod report;
mod rollback_target;
mod run_log;
mod runs;
mod secret_rotations;
mod selection;
mod stack;
mod terraform_state;
mod version;
mod versions;

pub use approvals::Approvals;
pub use audit_log::AuditLog;
pub use config::Config;
pub use deployment_queue::DeploymentQueue;
pub use deployments::Deployments;
pub use environment::EnvironmentData;
pub use infrastructure::InfrastructureResources;
pub use report::Report;
pub use rollback_target::RollbackTarget;
pub(crate) use rollback_target::revisions;
pub use run_log::RunLog;
pub use runs::Runs;
pub use secret_rotations::SecretRotations;
pub use stack::Stack;
pub use terraform_state::TerraformState;
pub use version::VersionData;
pub use versions::Versions;
