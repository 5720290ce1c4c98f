//! An environment that runs something else than this deployment put there: what, who put it there, and
//! when.

use std::fmt;

use pipeline_core::deployment::Deployment as Record;
use pipeline_core::git::Signature;
use pipeline_core::{EnvironmentName, SubProjectPath, Version};
use tfplugin::{Diagnostic, Diagnostics, Path};

use super::model::Deployment;
use super::read::{self, Running};
use crate::error;
use crate::session::Session;

/// Who put there what runs.
pub(super) enum Origin {
    /// A deployment on record.
    Deployed(Box<Record>),
    /// Somebody who moved the tag; only an annotated tag says who and when.
    Moved(Option<Signature>),
}

/// Who put there what an environment runs of a sub-project. Where its tag tells, a deployment did if
/// the tag names it.
///
/// # Errors
/// When the repository cannot be read.
pub(super) async fn origin(
    session: &Session<'_>,
    environment: &EnvironmentName,
    project: &SubProjectPath,
    runs: &Running,
) -> Result<Origin, Diagnostics> {
    let last = read::last_succeeded(session, environment, project, Some(runs.commit)).await?;
    let record = last.map(|entry| Box::new(entry.record));
    let Some(tag) = &runs.tag else {
        return Ok(record.map_or(Origin::Moved(None), Origin::Deployed));
    };
    let found = session.repository.tag(tag).await;
    let found = found.map_err(|failure| error::git(&failure, &Path::root()))?;
    let names = |record: &Record| {
        found.as_ref().is_some_and(|tag| tag.message.contains(record.id.as_str()))
    };
    Ok(match record.filter(|record| names(record)) {
        Some(record) => Origin::Deployed(record),
        None => Origin::Moved(found.and_then(|tag| tag.tagger)),
    })
}

impl fmt::Display for Origin {
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
    origin: &Origin,
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
