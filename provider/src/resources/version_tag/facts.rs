//! What the rules about a tag need to know of the repository, gathered.

use pipeline_core::base::violation::Violation;
use pipeline_core::git::{FileKind, Snapshot};
use pipeline_core::tag::rules::TagFacts;
use pipeline_core::{CommitSha, EnvironmentName, RuleId, Tag};
use tfplugin::{Diagnostics, Path};

use crate::error;
use crate::session::Session;

/// The facts for a change of `tag`, which is to stand on `target`.
///
/// Tags that other resources of the same walk will make count as if they were there. `known`: the
/// state has the tag.
///
/// # Errors
/// When the repository cannot be read.
pub(super) async fn gather<'a>(
    session: &Session<'a>,
    tag: &Tag,
    snapshot: &Snapshot,
    target: Option<CommitSha>,
    known: bool,
) -> Result<TagFacts<'a>, Diagnostics> {
    let commit_of = |name: &str| snapshot.tag(name).map(|found| found.target().to_commit());
    let version_commit = tag.state().and(tag.version()).and_then(|version| {
        let name = version.to_string();
        commit_of(&name).or_else(|| session.planned_tag(&name))
    });
    let environment_folder = match tag.environment() {
        Some(name) => Some(has_folder(session, name, snapshot, target).await?),
        None => None,
    };
    let existing = snapshot.tag(tag.name().as_str());
    // A tag that an apply of this clone made before it was killed is not in anybody's way.
    let taken_up = existing.filter(|found| session.wrote(found.object));
    let taken_up = taken_up.filter(|found| Some(found.target().to_commit()) == target);
    let by_hand = session.settings.protected_push.as_ref().filter(|_| tag.is_movable());
    Ok(TagFacts {
        existing: existing
            .filter(|_| known || taken_up.is_none())
            .map(|found| found.target().to_commit()),
        version_commit,
        environment_folder,
        on_remote: session.has_remote(),
        in_ci: session.settings.surroundings.is_ci(),
        admin_override: session.settings.admin_override.as_ref().or(by_hand),
    })
}

/// Whether the environment has its folder, in the commit that the tag shall point at or in the
/// repository's head: an old version may be older than the folder.
async fn has_folder(
    session: &Session<'_>,
    name: &EnvironmentName,
    snapshot: &Snapshot,
    target: Option<CommitSha>,
) -> Result<bool, Diagnostics> {
    let folder = name.folder();
    let head = snapshot.head().map(pipeline_core::git::ObjectId::to_commit);
    for commit in [target, head].into_iter().flatten() {
        let found = session.repository.file(commit, &folder).await;
        let found = found.map_err(|error| error::git(&error, &Path::root()))?;
        if found.is_some_and(|entry| entry.kind == FileKind::Directory) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// At plan, only CI can know that it is CI: a person may look at what CI will do (SCY003).
pub(super) fn split_at_plan(found: Vec<Violation>) -> (Vec<Violation>, Vec<Violation>) {
    found.into_iter().partition(|violation| violation.rule == RuleId::SCY003)
}
