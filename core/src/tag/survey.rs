//! What the repository says of a tag that is to be changed: gathered here, the same way for a plan and
//! for the change itself.

use std::collections::BTreeMap;

use super::TagName;
use super::request::TagRequest;
use super::rules::TagFacts;
use crate::base::authority::Authority;
use crate::base::timestamp::Timestamp;
use crate::git::{FileKind, GitError, ObjectId, Repository, Snapshot, TagObject};
use crate::{CommitSha, EnvironmentName};

/// What was found of one tag, for one request. Only [`survey`] makes it.
#[derive(Debug, Clone)]
pub struct TagSurvey<'a> {
    pub(super) request: TagRequest,
    pub(super) facts: TagFacts<'a>,
    /// What the tag's ref points at: what a change of it expects.
    pub(super) object: Option<ObjectId>,
    /// The tag as an earlier process of this clone made it, before it was killed and could say so.
    pub(super) taken_up: Option<TagObject>,
}

/// Tags that the same run makes before others need them: a rule that asks whether a tag exists must not
/// refuse what is about to exist.
#[derive(Debug, Clone, Default)]
pub struct Announced(pub(super) BTreeMap<TagName, CommitSha>);

impl Announced {
    /// Where a tag will stand that is about to be made.
    #[must_use]
    pub fn get(&self, name: &TagName) -> Option<CommitSha> {
        self.0.get(name).copied()
    }
}

/// Gathers the facts for a change of a tag that is made now.
///
/// # Errors
/// When the repository cannot be read.
pub async fn survey<'a>(
    repository: &Repository,
    request: TagRequest,
    authority: &'a Authority,
    announced: &Announced,
    now: Timestamp,
) -> Result<TagSurvey<'a>, GitError> {
    let snapshot = repository.snapshot().await?;
    let tag = &request.tag;
    let existing = snapshot.tag(tag.name().as_str());
    // A tag that this clone made before it was killed is in nobody's way.
    let own = existing.filter(|found| {
        request.seen.is_none()
            && request.to == Some(found.target().to_commit())
            && repository.wrote(found.object)
    });
    let taken_up = match own {
        Some(_) => repository.tag(tag.name().as_str()).await?,
        None => None,
    };
    let environment_folder = match tag.environment() {
        Some(name) => Some(has_folder(repository, name, &snapshot, request.to).await?),
        None => None,
    };
    let message = match existing.filter(|_| request.rewrites) {
        Some(_) => repository.tag(tag.name().as_str()).await?.map(|found| found.message),
        None => None,
    };
    let by_hand = authority.protected_push.as_ref().filter(|_| tag.is_movable());
    let facts = TagFacts {
        existing: existing.filter(|_| own.is_none()).map(|found| found.target().to_commit()),
        version_commit: version_commit(&request, &snapshot, announced),
        environment_folder,
        message,
        on_remote: repository.remote().is_some(),
        in_ci: authority.in_ci,
        admin_override: authority.override_at(now).or(by_hand),
    };
    Ok(TagSurvey { facts, object: existing.map(|found| found.object), taken_up, request })
}

/// For a state tag, the commit of its version.
fn version_commit(
    request: &TagRequest,
    snapshot: &Snapshot,
    announced: &Announced,
) -> Option<CommitSha> {
    let version = request.tag.state().and(request.tag.version())?;
    let name: TagName = version.to_string().parse().ok()?;
    let found = snapshot.tag(name.as_str()).map(|found| found.target().to_commit());
    found.or_else(|| announced.get(&name))
}

/// Whether the environment has its folder, in the commit that the tag shall point at or in the
/// repository's head: an old version may be older than the folder.
async fn has_folder(
    repository: &Repository,
    name: &EnvironmentName,
    snapshot: &Snapshot,
    target: Option<CommitSha>,
) -> Result<bool, GitError> {
    let folder = name.folder();
    let head = snapshot.head().map(ObjectId::to_commit);
    for commit in [target, head].into_iter().flatten() {
        let found = repository.file(commit, &folder).await?;
        if found.is_some_and(|entry| entry.kind == FileKind::Directory) {
            return Ok(true);
        }
    }
    Ok(false)
}
