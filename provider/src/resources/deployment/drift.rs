//! An environment that runs something else than this deployment put there: what, who put it there, and
//! when.

use std::fmt;

use pipeline_core::deployment::survey::Survey;
use pipeline_core::deployment::{Deployment as Record, Running, Scope};
use pipeline_core::git::Signature;
use pipeline_core::{EnvironmentName, Tag, Version};
use tfplugin::{Diagnostic, Diagnostics, Path};

use super::model::Deployment;
use crate::error::Blame as _;
use crate::session::Session;

/// Who put there what runs.
pub(super) enum Origin<'a> {
    /// A deployment on record.
    Deployed(&'a Record),
    /// Somebody who moved the tag; only an annotated tag says who and when.
    Moved(Option<Signature>),
}

/// Who put there what an environment runs.
///
/// # Errors
/// When the repository cannot be read.
pub(super) async fn origin<'a>(
    session: &Session<'_>,
    survey: &'a Survey,
) -> Result<Origin<'a>, Diagnostics> {
    if let Some(record) = survey.deployed_by() {
        return Ok(Origin::Deployed(record));
    }
    let Scope { environment, sub_project_path, .. } = survey.scope();
    let tag = Tag::of_environment(sub_project_path.clone(), environment.clone());
    let found = session.repository.tag(tag.name().as_str()).await.blame(Path::root())?;
    Ok(Origin::Moved(found.and_then(|tag| tag.tagger)))
}

impl fmt::Display for Origin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deployed(record) => {
                write!(f, "deployed by {} in {}", record.triggered_by, record.id)?;
                record.progress.completed_at().map_or(Ok(()), |at| write!(f, " at {at}"))
            }
            Self::Moved(Some(Signature { name, time, .. })) => {
                write!(f, "since {name} moved its tag there at {time}, outside any deployment")
            }
            Self::Moved(None) => f.write_str(
                "since somebody moved its tag there outside any deployment (git does not say who or \
                 when, because the tag is not annotated)",
            ),
        }
    }
}

/// The warning, with what to do next.
pub(super) fn warning(
    environment: &EnvironmentName,
    expected: &Version,
    runs: &Running,
    origin: &Origin<'_>,
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
