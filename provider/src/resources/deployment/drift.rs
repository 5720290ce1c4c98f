//! An environment that runs something else than this deployment put there: what, who put it there, and
//! when.

use pipeline_core::deployment::survey::PutBy;
use pipeline_core::deployment::{Deployment as Record, Running};
use pipeline_core::{EnvironmentName, Version};
use tfplugin::Diagnostic;

use super::model::Deployment;

/// The warning, with what to do next.
pub(super) fn warning(
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
pub(super) fn owned_elsewhere(environment: &EnvironmentName, record: &Record) -> Diagnostic {
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
pub(super) fn gone(deployment: &Deployment) -> Diagnostic {
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
