//! An environment that runs something else than this deployment put there: what, who put it there, and
//! when.

use pipeline_core::deployment::Running;
use pipeline_core::deployment::survey::PutBy;
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
