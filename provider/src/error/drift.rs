//! An environment that runs something else than this deployment put there: what, who put it there, and
//! when.

use pipeline_aws::ecs::{Fault, Running as Service};
use pipeline_core::deployment::survey::PutBy;
use pipeline_core::deployment::{Deployment as Record, Running};
use pipeline_core::{EnvironmentName, Timestamp, Version};
use tfplugin::Diagnostic;

use crate::resources::Deployment;
use crate::resources::deployment::EcsBlock;

/// The warning, with what to do next.
pub(crate) fn warning(
    environment: &EnvironmentName,
    expected: &Version,
    runs: &Running,
    origin: &PutBy<'_>,
) -> Diagnostic {
    let found = match &runs.version {
        Some(version) => format!("{version} (commit {})", runs.commit),
        None => format!("commit {}, which no version tag names,", runs.commit),
    };
    Diagnostic::warning(
        Deployment::VERSION,
        "The environment runs something else",
        format!(
            "Found that \"{environment}\" runs {found} {origin}; expected {expected}. Next: set `version` \
             to what should run."
        ),
    )
}

/// The warning that a new resource deploys where another one seems to: two states that own one deployment
/// undo each other's work.
pub(crate) fn owned_elsewhere(environment: &EnvironmentName, record: &Record) -> Diagnostic {
    let at = record.progress.completed_at().map_or_else(String::new, |at| format!(" at {at}"));
    Diagnostic::warning(
        Deployment::ENVIRONMENT,
        "Something else may own this deployment",
        format!(
            "Found that \"{environment}\" runs {}, deployed by {} in {}{at}, while this resource is new; expected \
             nothing there that is not this resource's. Next: import it, or remove it from the other state, if \
             there is one; nothing, if it was forgotten or is replaced.",
            record.version, record.triggered_by, record.id
        ),
    )
}

/// The warning that nothing tells any more what runs.
pub(crate) fn gone(deployment: &Deployment) -> Diagnostic {
    let Deployment { environment, version, triggered_by, completed_at, .. } = deployment;
    let who = triggered_by.get().map(|who| format!(", where {who} put it")).unwrap_or_default();
    let when = completed_at.get().map(|at| format!(" at {}", **at)).unwrap_or_default();
    Diagnostic::warning(
        Deployment::VERSION,
        "The tag of the environment is gone",
        format!(
            "Found no tag of \"{}\"; expected it at {}{who}{when}. Next: apply to deploy it again, or put \
             the tag back.",
            **environment, **version
        ),
    )
}

/// Somebody else rolled something out: who, what and when.
pub(crate) fn rolled_over(
    deployment: &Deployment,
    block: &EcsBlock,
    running: &Service,
) -> Diagnostic {
    let image = running.image.as_deref().unwrap_or("no image that is known");
    let who = running.registered_by.as_deref().unwrap_or("somebody whom ECS does not name");
    let when = Timestamp::from_unix_seconds(running.since).map(|at| at.to_string());
    Diagnostic::warning(
        Deployment::ECS,
        "The service runs something else",
        format!(
            "Found `{image}` (revision {}) on service `{}`, registered by {who}, rolled out at {}; \
             expected `{}` of `{}`. Next: apply to roll that out again, or take the other image over \
             into the configuration.",
            running.short(),
            block.service.as_str(),
            when.unwrap_or_else(|| "a time that is not known".to_owned()),
            block.image.as_str(),
            *deployment.version,
        ),
    )
}

/// ECS could not be asked while reading.
pub(crate) fn not_compared(fault: &Fault) -> Diagnostic {
    Diagnostic::warning(
        Deployment::ECS,
        "What the service runs was not compared",
        format!("Found that {fault}. Expected an answer of ECS. Next: {}", fault.next()),
    )
}
