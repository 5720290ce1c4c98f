//! What the repository says of a tag that is to be changed: gathered here, the same way for a plan and
//! for the change itself.

use std::collections::BTreeMap;

use super::TagName;
use super::request::TagRequest;
use super::rules::TagFacts;
use crate::base::authority::Authority;
use crate::base::name::{is_alike, look_alike};
use crate::base::suggest::did_you_mean;
use crate::base::timestamp::Timestamp;
use crate::base::violation::Violation;
use crate::environment::folders;
use crate::git::{
    FileKind, GitError, ObjectId, Published, Repository, Snapshot, TagObject, is_below,
};
use crate::{CommitSha, EnvironmentName, Version};

/// What was found of one tag, for one request. Only [`survey`] makes it.
#[derive(Debug, Clone)]
pub struct TagSurvey<'a> {
    pub(super) request: TagRequest,
    pub(super) facts: TagFacts<'a>,
    /// What the tag's ref points at: what a change of it expects.
    pub(super) object: Option<ObjectId>,
    /// The tag as an earlier process of this clone made it, before it was killed and could say so.
    pub(super) taken_up: Option<TagObject>,
    /// Whether its sub-project has versions already: whoever has two that differ in case alone goes on with both.
    pub(super) has_versions: bool,
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

    /// OWN047, where the sub-project of a tag about to be made differs from this one in case alone.
    pub(super) fn alike(&self, own: &str) -> Option<Violation> {
        look_alike(own, self.0.keys().filter_map(|name| near(name.as_str(), own)))
    }

    /// The tag about to be made beside which git has no room for one of this name.
    pub(super) fn in_the_way_of(&self, name: &TagName) -> Option<&TagName> {
        // Those around it in the order of names, not all: a run may make thousands.
        let text = name.as_str();
        let above = text.match_indices('/').filter_map(|(end, _)| text.get(..end)?.parse().ok());
        let mut above = above.filter_map(|other: TagName| self.0.get_key_value(&other));
        let behind = self.0.range(name.clone()..);
        let mut below = behind.take_while(|(other, _)| other.as_str().starts_with(text));
        let below = || below.find(|(other, _)| is_below(other.as_str(), text));
        above.next().or_else(below).map(|(other, _)| other)
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
    let commits = [request.to, snapshot.head().map(ObjectId::to_commit)];
    let (environment_folder, near_environment) = match tag.environment() {
        Some(name) => folder_of(repository, name, commits).await?,
        None => (None, None),
    };
    let version_commit = version_commit(&request, &snapshot, announced);
    let near_version = match version_commit {
        Some(_) => None,
        None => near_version(&request, &snapshot, announced),
    };
    let message = match existing.filter(|_| request.rewrites) {
        Some(_) => repository.tag(tag.name().as_str()).await?.map(|found| found.message),
        None => None,
    };
    let by_hand = authority.protected_push.as_ref().filter(|_| tag.is_movable());
    let published = published(repository, &request, existing.is_some(), announced).await?;
    let facts = TagFacts {
        existing: existing.filter(|_| own.is_none()).map(|found| found.target().to_commit()),
        in_the_way: in_the_way(&request, &snapshot, announced),
        alike: alike(&request, &snapshot, announced),
        version_commit,
        near_version,
        environment_folder,
        near_environment,
        published,
        message,
        on_remote: repository.remote().is_some(),
        in_ci: authority.in_ci,
        admin_override: authority.override_at(now).or(by_hand),
    };
    let has_versions = has_versions(request.tag.sub_project_path().as_str(), &snapshot);
    let object = existing.map(|found| found.object);
    Ok(TagSurvey { facts, object, taken_up, has_versions, request })
}

/// The tag that keeps a new one from being made, in git or among those that the same run makes.
fn in_the_way(request: &TagRequest, snapshot: &Snapshot, announced: &Announced) -> Option<String> {
    request.to?;
    let name = request.tag.name();
    let found = snapshot.in_the_way_of(&name.ref_name()).map(str::to_owned);
    found.or_else(|| announced.in_the_way_of(name).map(|other| other.ref_name().to_string()))
}

/// OWN047, where another sub-project that has versions differs from that of a new tag in case alone.
fn alike(request: &TagRequest, snapshot: &Snapshot, announced: &Announced) -> Option<Violation> {
    request.to?;
    let own = request.tag.sub_project_path().as_str();
    let recorded = snapshot.under("refs/tags/").map(|(name, _)| name);
    let planned = announced.0.keys().map(TagName::as_str);
    look_alike(own, recorded.chain(planned).filter_map(|name| near(name, own)))
}

/// Whether a sub-project has versions.
fn has_versions(own: &str, snapshot: &Snapshot) -> bool {
    snapshot.under("refs/tags/").any(|(name, _)| near(name, own) == Some(own))
}

/// The sub-project of a version's tag, where it is this one or differs in case alone.
fn near<'a>(tag: &'a str, own: &str) -> Option<&'a str> {
    let (project, version) = tag.rsplit_once('/')?;
    // There may be very many tags: most are told by this.
    (is_alike(project, own) && version.parse::<Version>().is_ok()).then_some(project)
}

/// Whether the remote leads to the commit that a tag is to come to.
async fn published(
    repository: &Repository,
    request: &TagRequest,
    exists: bool,
    announced: &Announced,
) -> Result<Published, GitError> {
    let stays = exists && request.seen == request.to;
    let Some(commit) = request.to.filter(|_| !stays) else { return Ok(Published::Yes) };
    // The tag of a version that is about to be made brings the commit there, and answers for it.
    let version = request.tag.state().and(request.tag.version());
    let version = version.and_then(|version| version.to_string().parse().ok());
    match version.and_then(|name| announced.get(&name)) {
        Some(other) if other == commit => Ok(Published::Yes),
        _ => repository.published(commit).await,
    }
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

/// For a state tag whose version is not there, the version with the nearest name.
fn near_version(
    request: &TagRequest,
    snapshot: &Snapshot,
    announced: &Announced,
) -> Option<String> {
    let wanted = request.tag.state().and(request.tag.version())?.to_string();
    let is_release = |name: &&str| name.parse::<Version>().is_ok_and(|it| !it.is_prerelease());
    let names = snapshot.tags().map(|(name, _)| name);
    let names = names.chain(announced.0.keys().map(TagName::as_str)).filter(is_release);
    did_you_mean(&wanted, names).map(str::to_owned)
}

/// Whether the environment has its folder, in the commit that the tag shall point at or in the
/// repository's head: an old version may be older than the folder. Where it has none, also the environment
/// with the nearest name.
async fn folder_of(
    repository: &Repository,
    name: &EnvironmentName,
    commits: [Option<CommitSha>; 2],
) -> Result<(Option<bool>, Option<String>), GitError> {
    let folder = name.folder();
    for commit in commits.into_iter().flatten() {
        let found = repository.file(commit, &folder).await?;
        if found.is_some_and(|entry| entry.kind == FileKind::Directory) {
            return Ok((Some(true), None));
        }
    }
    for commit in commits.into_iter().flatten() {
        let names = folders(repository, commit).await?;
        let near = did_you_mean(name.as_str(), names.iter().map(String::as_str));
        if let Some(near) = near {
            return Ok((Some(false), Some(near.to_owned())));
        }
    }
    Ok((Some(false), None))
}
