//! What an environment runs now, and what is known of the deployment that put it there.

use pipeline_core::deployment::{Deployment as Record, Status};
use pipeline_core::ledger::Entry;
use pipeline_core::{CommitSha, EnvironmentName, SubProjectPath, Tag, Version};
use tfplugin::{Diagnostics, Path};

use crate::error;
use crate::session::Session;

/// What an environment runs of one sub-project.
pub(crate) struct Running {
    /// The commit.
    pub(crate) commit: CommitSha,
    /// The version of that commit, where a tag names one.
    pub(crate) version: Option<Version>,
    /// The short name of the tag that tells it, where one does.
    pub(crate) tag: Option<String>,
}

/// What the environment runs: where its tag points, or what was last deployed where it has none or
/// deployments leave it alone (`by_tag` is false).
///
/// # Errors
/// When the repository cannot be read.
pub(crate) async fn running(
    session: &Session<'_>,
    environment: &EnvironmentName,
    project: &SubProjectPath,
    by_tag: bool,
) -> Result<Option<Running>, Diagnostics> {
    let truth = session.truth().await?;
    if by_tag && session.settings.grammar.has_tags(environment) {
        let commit = truth.releases.pointer(project, environment);
        let version = |commit| truth.releases.at(project, commit).next_back();
        let tag = Tag::of_environment(project.clone(), environment.clone());
        return Ok(commit.map(|commit| Running {
            commit,
            version: version(commit).map(|release| release.version.clone()),
            tag: Some(tag.name().to_string()),
        }));
    }
    let last = last_succeeded(session, environment, project, None).await?;
    Ok(last.map(|entry| Running {
        commit: entry.record.commit_sha,
        version: Some(entry.record.version),
        tag: None,
    }))
}

/// The deployments of an environment. Records that cannot be used are passed over: the data source
/// `pipeline_deployments` names them.
///
/// # Errors
/// When the ledger cannot be read.
pub(crate) async fn records(
    session: &Session<'_>,
    environment: &EnvironmentName,
) -> Result<Vec<Record>, Diagnostics> {
    Ok(entries(session, environment).await?.into_iter().map(|entry| entry.record).collect())
}

async fn entries(
    session: &Session<'_>,
    environment: &EnvironmentName,
) -> Result<Vec<Entry<Record>>, Diagnostics> {
    let ledger = session.ledger();
    let found = ledger.survey(&ledger.deployments(environment)).await;
    let (entries, _) = found.map_err(|error| error::ledger(&error, &Path::root()))?;
    Ok(entries)
}

/// The newest deployment that succeeded, of that commit where one is given.
///
/// # Errors
/// When the ledger cannot be read.
pub(crate) async fn last_succeeded(
    session: &Session<'_>,
    environment: &EnvironmentName,
    project: &SubProjectPath,
    commit: Option<CommitSha>,
) -> Result<Option<Entry<Record>>, Diagnostics> {
    let entries = entries(session, environment).await?;
    let wanted = |entry: &Entry<Record>| {
        entry.record.status() == Status::Succeeded
            && entry.record.version.sub_project_path() == project
            && commit.is_none_or(|commit| entry.record.commit_sha == commit)
    };
    let newest =
        |entry: &Entry<Record>| (entry.record.progress.completed_at(), entry.record.id.clone());
    Ok(entries.into_iter().filter(wanted).max_by_key(newest))
}
