//! Functions: pure, the same answer in every process, without configuration.
//!
//! They use the default grammar: the provider block's settings do not reach them.

mod action_link;
mod bump_version;
mod can_transition;
mod compare_versions;
mod convert_deployment;
mod parse_github_event;
mod parse_run_id;
mod parse_tag;
mod parse_version;
mod retention_until;
mod rules;
mod satisfies;

pub use action_link::ActionLink;
pub use bump_version::BumpVersion;
pub use can_transition::CanTransition;
pub use compare_versions::CompareVersions;
pub use convert_deployment::ConvertDeployment;
pub use parse_github_event::ParseGithubEvent;
pub use parse_run_id::ParseRunId;
pub use parse_tag::ParseTag;
pub use parse_version::ParseVersion;
pub use retention_until::RetentionUntil;
pub use rules::Rules;
pub use satisfies::Satisfies;

use pipeline_core::version::Version;
use tfplugin::FunctionFault;
use tfplugin::model::Attr;

/// Parses one argument, blaming it.
fn version(text: &str, argument: Attr) -> Result<Version, FunctionFault> {
    text.parse().map_err(|error| fault(&error, argument))
}

/// The words of a domain error, blaming one argument. The host ends them with a full stop of its own.
fn fault(error: &dyn std::fmt::Display, argument: Attr) -> FunctionFault {
    FunctionFault::from(error.to_string().trim_end_matches('.')).at(argument)
}
