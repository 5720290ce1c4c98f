//! The Terraform and OpenTofu provider `pipeline`: words between the domain (`pipeline-core`) and the
//! protocol (`tfplugin`).
//!
//! - [`PipelineProvider`]: the provider block, and the one list of everything it offers
//! - [`resources`], [`data_sources`], [`ephemeral_resources`], [`actions`], [`lists`], [`functions`]: one file each
//! - [`pipeline`]: what they share once configured
//! - [`error`]: the only place that words domain errors for Terraform
//!
//! Absent: rules (they are in `pipeline_core`), wire formats (`tfplugin`), direct calls of git.

pub mod actions;
pub mod config;
pub mod data_sources;
mod deploying;
pub mod ephemeral_resources;
pub mod error;
mod foreseen;
pub mod functions;
mod git_log;
pub mod lists;
pub mod parts;
pub mod pipeline;
mod registered;
pub mod resources;
pub mod session;
pub mod surroundings;
mod telemetry;
mod words;

use std::process::ExitCode;

use tfplugin::{Diagnostics, Log, Offers, Provider, Stop};

use crate::config::{Config, ConfigDraft, Settings};
use crate::pipeline::Pipeline;
use crate::surroundings::Surroundings;

/// Where the provider is found: the short form, which each host completes with its own registry.
pub const ADDRESS: &str = "pipeline/pipeline";

/// The provider.
#[derive(Debug)]
pub struct PipelineProvider;

impl Provider for PipelineProvider {
    const TYPE_NAME: &'static str = "pipeline";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    type Config = Config;
    type Configured = Pipeline;

    fn validate(draft: &ConfigDraft, out: &mut Diagnostics) {
        config::validate(draft, out);
    }

    async fn configure(
        config: ConfigDraft,
        _host_version: &str,
        stop: &Stop,
        log: &Log,
    ) -> Result<Pipeline, Diagnostics> {
        let settings = Settings::new(&config, Surroundings::of_this_process())?;
        let pipeline = Pipeline::new(settings, git_log::told(log), stop);
        pipeline.begin(stop);
        pipeline.check_override()?;
        Ok(pipeline)
    }

    async fn advise(pipeline: &Pipeline) -> Diagnostics {
        pipeline.advice().await
    }

    fn settle(pipeline: &Pipeline) {
        pipeline.settle();
    }

    async fn depart(pipeline: &Pipeline) {
        ephemeral_resources::environment_lock::abandon(pipeline).await;
    }

    fn offers(list: &mut Offers<Self>) {
        list.resource::<resources::VersionTag>();
        list.resource::<resources::Environment>();
        list.resource::<resources::Deployment>();
        list.resource::<resources::Approval>();
        list.resource::<resources::Artifact>();
        list.resource::<resources::Secret>();
        list.resource::<resources::InfrastructureResource>();
        list.resource::<resources::MaintenanceTask>();
        list.resource::<resources::Run>();
        list.data_source::<data_sources::VersionData>();
        list.data_source::<data_sources::Versions>();
        list.data_source::<data_sources::EnvironmentData>();
        list.data_source::<data_sources::Deployments>();
        list.data_source::<data_sources::DeploymentQueue>();
        list.data_source::<data_sources::RollbackTarget>();
        list.data_source::<data_sources::TerraformState>();
        list.data_source::<data_sources::Stack>();
        list.data_source::<data_sources::Config>();
        list.data_source::<data_sources::Approvals>();
        list.data_source::<data_sources::SecretRotations>();
        list.data_source::<data_sources::AuditLog>();
        list.data_source::<data_sources::Runs>();
        list.data_source::<data_sources::RunLog>();
        list.data_source::<data_sources::InfrastructureResources>();
        list.data_source::<data_sources::Report>();
        list.action::<actions::Approve>();
        list.ephemeral::<ephemeral_resources::EnvironmentLock>();
        list.ephemeral::<ephemeral_resources::Secrets>();
        list.action::<actions::Maintenance>();
        list.action::<actions::Promote>();
        list.action::<actions::ReleaseLock>();
        list.action::<actions::Rollback>();
        list.list::<lists::VersionTags>();
        list.list::<lists::Environments>();
        list.list::<lists::Deployments>();
        list.list::<lists::Artifacts>();
        list.function::<functions::ParseVersion>();
        list.function::<functions::CompareVersions>();
        list.function::<functions::BumpVersion>();
        list.function::<functions::Satisfies>();
        list.function::<functions::ParseTag>();
        list.function::<functions::CanTransition>();
        list.function::<functions::ConvertDeployment>();
        list.function::<functions::ParseGithubEvent>();
        list.function::<functions::ParseRunId>();
        list.function::<functions::Rules>();
        list.function::<functions::ActionLink>();
        list.function::<functions::RetentionUntil>();
    }
}

/// The whole of `main`: serves the provider until the host asks it to end.
#[must_use]
pub fn serve() -> ExitCode {
    tfplugin::serve::<PipelineProvider>(ADDRESS)
}
