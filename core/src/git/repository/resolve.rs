//! From a revision that a person wrote to a commit.
//!
//! Tags and remote branches are the snapshot's: local copies of them may be stale, and every
//! machine has to come to the same answer.

use git2::{ErrorCode, ObjectType};

use super::Repository;
use super::fetch::Part;
use crate::CommitSha;
use crate::base::suggest::did_you_mean;
use crate::git::error::{GitError, RevisionFault, UnbornHead};
use crate::git::object_id::ObjectId;
use crate::git::snapshot::Snapshot;

/// A branch of a clone that is not where the remote has the branch of that name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalBranch {
    /// Its name, such as `main`.
    pub name: String,
    /// The name of the remote.
    pub remote: String,
    /// Where it is in the clone.
    pub here: CommitSha,
    /// Where it is on the remote, which is what its name means; `None`: it is only here.
    pub there: Option<CommitSha>,
}

impl Repository {
    /// The commit that a revision means: a full or abbreviated SHA, a tag, a branch (the remote's, then
    /// one that is only here), `HEAD`, each with `~2`, `^` and the like behind it.
    ///
    /// Objects that are missing are fetched; no ref is written.
    ///
    /// # Errors
    /// [`GitError::UnknownRevision`] says where was looked and what was perhaps meant;
    /// [`GitError::WrongKind`] that it is no commit.
    pub async fn resolve(&self, revision: &str) -> Result<CommitSha, GitError> {
        let (base, steps) = split(revision)?;
        let object = match base.parse::<ObjectId>() {
            Ok(id) => id,
            Err(_) => self.named(revision, base).await?,
        };
        let commit = self.commit_of(revision, object).await?;
        let commit =
            if steps.is_empty() { commit } else { self.walk(revision, commit, steps).await? };
        Ok(commit.to_commit())
    }

    /// Whether `ancestor` is `commit` itself or lies in its history.
    ///
    /// # Errors
    /// When one of them is missing and cannot be fetched.
    pub async fn is_ancestor(
        &self,
        ancestor: CommitSha,
        commit: CommitSha,
    ) -> Result<bool, GitError> {
        let (old, new) = (ObjectId::from(ancestor), ObjectId::from(commit));
        if old == new {
            return Ok(true);
        }
        self.bring(old, Part::Alone).await?;
        self.bring(new, Part::Alone).await?;
        self.parts
            .objects
            .with(|git2| git2.graph_descendant_of(new.to_oid(), old.to_oid()))
            .map_err(|error| GitError::local("compare two commits", error))
    }

    /// The object that a name means.
    async fn named(&self, revision: &str, base: &str) -> Result<ObjectId, GitError> {
        let snapshot = self.snapshot().await?;
        if let Some(id) = self.by_name(&snapshot, base) {
            return Ok(id);
        }
        if base.len() >= 4 && base.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return self.abbreviated(revision, base, &snapshot);
        }
        Err(self.unknown(revision, base, &snapshot))
    }

    fn by_name(&self, snapshot: &Snapshot, base: &str) -> Option<ObjectId> {
        if is_head(base) {
            return self.head(snapshot);
        }
        let tracked = base.strip_prefix("refs/remotes/").unwrap_or(base);
        if base.starts_with("refs/") && tracked == base {
            return snapshot.get(base).map(|target| target.object).or_else(|| self.local(base));
        }
        let branch = format!("refs/heads/{base}");
        snapshot
            .tag(base)
            .or_else(|| snapshot.get(&branch))
            .map(|target| target.object)
            .or_else(|| self.local(&branch))
            .or_else(|| self.remote_branch(snapshot, tracked))
            .or_else(|| self.local(base).filter(|_| tracked != base))
    }

    /// `origin/main` means what the remote's `main` is now.
    fn remote_branch(&self, snapshot: &Snapshot, base: &str) -> Option<ObjectId> {
        let branch = base.strip_prefix(self.remote()?)?.strip_prefix('/')?;
        snapshot.get(&format!("refs/heads/{branch}")).map(|target| target.object)
    }

    /// The branch of the clone that a revision names, where it is not what the remote has by that name:
    /// a person may have meant it.
    ///
    /// # Errors
    /// When the revision is written wrongly, or the remote cannot be listed.
    pub async fn local_branch(&self, revision: &str) -> Result<Option<LocalBranch>, GitError> {
        let (base, _) = split(revision)?;
        let snapshot = self.snapshot().await?;
        if self.parts.is_cache || base.parse::<ObjectId>().is_ok() || snapshot.tag(base).is_some() {
            return Ok(None);
        }
        let name = base.strip_prefix("refs/heads/").unwrap_or(base);
        let branch = format!("refs/heads/{name}");
        let (here, there) = (self.local(&branch), snapshot.get(&branch).map(|it| it.object));
        let Some((here, remote)) = here.zip(self.remote()) else { return Ok(None) };
        let (name, remote) = (name.to_owned(), remote.to_owned());
        let there = there.map(ObjectId::to_commit);
        let branch = LocalBranch { name, remote, here: here.to_commit(), there };
        Ok(Some(branch).filter(|branch| branch.there != Some(branch.here)))
    }

    fn head(&self, snapshot: &Snapshot) -> Option<ObjectId> {
        if self.parts.is_cache { snapshot.head() } else { self.local("HEAD") }
    }

    fn local(&self, name: &str) -> Option<ObjectId> {
        if self.parts.is_cache {
            return None;
        }
        self.parts.objects.with(|git2| git2.refname_to_id(name).ok()).map(ObjectId::from_oid)
    }

    fn abbreviated(
        &self,
        revision: &str,
        base: &str,
        snapshot: &Snapshot,
    ) -> Result<ObjectId, GitError> {
        let found = self.parts.objects.with(|git2| {
            git2.revparse_single(&format!("{base}^{{commit}}")).map(|object| object.id())
        });
        match found {
            Ok(oid) => Ok(ObjectId::from_oid(oid)),
            Err(error) if error.code() == ErrorCode::Ambiguous => Err(GitError::InvalidRevision {
                revision: revision.to_owned(),
                fault: RevisionFault::Ambiguous,
            }),
            Err(_) => self
                .abbreviated_in(snapshot, base)
                .ok_or_else(|| self.unknown(revision, base, snapshot)),
        }
    }

    /// A commit that is not here, but that a ref leads to.
    fn abbreviated_in(&self, snapshot: &Snapshot, base: &str) -> Option<ObjectId> {
        let base = base.to_ascii_lowercase();
        let mut targets = snapshot.iter().map(|(_, target)| target.target());
        targets.find(|id| id.to_string().starts_with(&base))
    }

    fn unknown(&self, revision: &str, base: &str, snapshot: &Snapshot) -> GitError {
        let at = self.shown();
        let mut searched = vec![format!("tags and branches of {at}")];
        if self.remote().is_some() && !self.parts.is_cache {
            searched.push("local branches".to_owned());
        }
        searched.push("commits that are here".to_owned());
        let names = snapshot.tags().chain(snapshot.branches()).map(|(name, _)| name);
        GitError::UnknownRevision {
            revision: revision.to_owned(),
            searched,
            suggestion: did_you_mean(base, names).map(str::to_owned),
            unborn: is_head(base).then(|| Box::new(self.unborn(snapshot))),
        }
    }

    /// What a `HEAD` names that leads nowhere.
    fn unborn(&self, snapshot: &Snapshot) -> UnbornHead {
        let branches = snapshot.branches().map(|(name, _)| name.to_owned()).collect();
        if self.parts.is_cache {
            // Git asks a remote for it, and shows it to `git clone` alone.
            return UnbornHead { at: self.shown().to_owned(), branch: None, branches };
        }
        let branch = self.parts.objects.with(|git2| {
            let head = git2.find_reference("HEAD").ok()?;
            let target = head.symbolic_target().ok().flatten()?;
            Some(target.strip_prefix("refs/heads/").unwrap_or(target).to_owned())
        });
        UnbornHead { at: self.git_dir().display().to_string(), branch, branches }
    }

    /// The commit that an object is or leads to.
    async fn commit_of(&self, revision: &str, id: ObjectId) -> Result<ObjectId, GitError> {
        self.bring_named(revision, id).await?;
        let target = match self.parts.objects.peel(id)? {
            Some(target) => target,
            None => {
                // A tag that came without what it stands for.
                self.parts.fetches.fetch_object(id, Part::Alone).await?;
                self.parts.objects.peel(id)?.ok_or_else(|| self.missing(id))?
            }
        };
        match self.parts.objects.kind(target)? {
            Some(ObjectType::Commit) => Ok(target),
            kind => Err(GitError::WrongKind {
                id: target,
                found: kind.map_or("missing object", |kind| kind.str()).to_owned(),
                expected: "commit",
            }),
        }
    }

    async fn bring_named(&self, revision: &str, id: ObjectId) -> Result<(), GitError> {
        match self.bring(id, Part::Alone).await {
            Err(GitError::MissingObject { .. }) if revision.starts_with(&id.to_string()) => {
                let snapshot = self.snapshot().await?;
                Err(self.unknown(revision, revision, &snapshot))
            }
            other => other,
        }
    }

    /// Goes the steps behind a name, such as `~2`.
    async fn walk(
        &self,
        revision: &str,
        from: ObjectId,
        steps: &str,
    ) -> Result<ObjectId, GitError> {
        let walk = || {
            let spec = format!("{from}{steps}^{{commit}}");
            self.parts.objects.with(|git2| git2.revparse_single(&spec).map(|object| object.id()))
        };
        if let Ok(oid) = walk() {
            return Ok(ObjectId::from_oid(oid));
        }
        self.parts.fetches.fetch_object(from, Part::Alone).await?;
        walk().map(ObjectId::from_oid).map_err(|error| GitError::InvalidRevision {
            revision: revision.to_owned(),
            fault: RevisionFault::NoSuchAncestor {
                from,
                said: error.message().to_owned(),
                is_shallow: self.parts.is_shallow,
            },
        })
    }
}

fn is_head(base: &str) -> bool {
    base == "HEAD" || base == "@"
}

/// The name, and the steps from it.
fn split(revision: &str) -> Result<(&str, &str), GitError> {
    let invalid = |fault| Err(GitError::InvalidRevision { revision: revision.to_owned(), fault });
    let (base, steps) = revision.split_at(revision.find(['~', '^']).unwrap_or(revision.len()));
    if base.is_empty() {
        return invalid(RevisionFault::Empty);
    }
    if revision.contains("..") {
        return invalid(RevisionFault::Range);
    }
    if revision.contains(':') {
        return invalid(RevisionFault::File);
    }
    if revision.contains("@{") {
        return invalid(RevisionFault::Reflog);
    }
    if base.starts_with('-') || revision.chars().any(|c| c.is_control() || c == ' ') {
        return invalid(RevisionFault::NoName);
    }
    Ok((base, steps))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_names_from_steps() {
        assert_eq!(split("main").unwrap(), ("main", ""));
        assert_eq!(split("api/v1.0.0~2^2").unwrap(), ("api/v1.0.0", "~2^2"));
        assert_eq!(split("HEAD^").unwrap(), ("HEAD", "^"));
    }

    #[test]
    fn refuses_what_is_not_one_commit() {
        for text in ["", "~1", "a..b", "a:b", "main@{1}", "--all", "a b", "a\nb"] {
            assert!(matches!(split(text), Err(GitError::InvalidRevision { .. })), "{text:?}");
        }
    }
}
