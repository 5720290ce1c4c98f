//! A remote on this machine, taken as the repository it is.
//!
//! A push to a path starts half a dozen processes, whose work for a handful of refs is nearly all
//! overhead. Where the remote has nothing that a push would heed (no hooks of `receive-pack`, no
//! `receive.*` or `transfer.*` settings, no shared permissions), writing the objects and letting
//! git's own ref transaction swap the refs there has the same effect. Everywhere else, and
//! for everything but tags and the ledger, it remains a push.

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use git2::ObjectType;

use super::location::open_exactly;
use super::objects::{Needs, Objects};
use crate::git::error::GitError;
use crate::git::object_id::ObjectId;
use crate::git::snapshot::Snapshot;

/// The hooks that a push would run and a ref transaction does not.
const HOOKS: [&str; 5] = ["pre-receive", "update", "post-receive", "post-update", "proc-receive"];

/// Settings, by their start, that say how pushes are taken or files are written.
const HEEDED: [&str; 8] = [
    "receive.",
    "transfer.",
    "protocol.allow",
    "protocol.file.",
    "core.hookspath",
    "core.sharedrepository",
    "core.fsync",
    "core.createobject",
];

/// Settings of this side, by their start, that say how remotes are reached.
const HEEDED_HERE: [&str; 2] = ["protocol.allow", "protocol.file."];

/// A remote on this machine.
pub(crate) struct Neighbour {
    git2: Mutex<git2::Repository>,
    git_dir: PathBuf,
    plain: bool,
    reachable: Mutex<HashSet<ObjectId>>,
}

impl Neighbour {
    /// The remote, if its URL leads to a repository on this machine that can be read.
    pub(crate) fn of(git2: &git2::Repository, remote: &str) -> Option<Self> {
        let found = git2.find_remote(remote).ok()?;
        let base = git2.workdir().unwrap_or_else(|| git2.path());
        let fetched = local_path(found.url().ok()?, base)?;
        let pushed = found.pushurl().ok().flatten().map(|url| local_path(url, base));
        if pushed.is_some_and(|pushed| pushed.as_ref() != Some(&fetched)) {
            return None;
        }
        if has_own_transport(git2, remote) {
            return None;
        }
        let neighbour = open_exactly(&fetched).ok()?;
        let plain = is_plain(&neighbour);
        let git_dir = neighbour.commondir().to_owned();
        Some(Self { git2: Mutex::new(neighbour), git_dir, plain, reachable: Mutex::default() })
    }

    /// Where its objects are.
    pub(crate) fn object_store(&self) -> PathBuf {
        self.git_dir.join("objects")
    }

    pub(crate) fn git_dir(&self) -> &Path {
        &self.git_dir
    }

    /// Whether nothing is set up there that a push would heed.
    pub(crate) fn is_plain(&self) -> bool {
        self.plain
            && !HOOKS.iter().any(|hook| is_executable(&self.git_dir.join("hooks").join(hook)))
    }

    /// Its refs.
    pub(crate) fn list(&self, ledger: &str) -> Result<Snapshot, GitError> {
        self.with(|git2| super::listing::list(git2, ledger))
    }

    /// Whether what new objects rest on is there, with all its history.
    pub(crate) fn holds(&self, needs: &Needs, snapshot: &Snapshot) -> bool {
        let mut known = self.reachable.lock().unwrap_or_else(PoisonError::into_inner);
        needs.old.iter().all(|id| {
            known.contains(id) || {
                let reached = self.with(|git2| is_reachable(git2, *id, snapshot));
                reached && known.insert(*id)
            }
        })
    }

    /// Writes new objects there.
    pub(crate) fn take(&self, objects: &Objects, new: &BTreeSet<ObjectId>) -> Result<(), GitError> {
        self.with(|git2| objects.store_in(new, git2))
    }

    fn with<T>(&self, work: impl FnOnce(&git2::Repository) -> T) -> T {
        work(&self.git2.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The path that a URL means, if it means one.
fn local_path(url: &str, base: &Path) -> Option<PathBuf> {
    let path = match url.strip_prefix("file://") {
        // Git decodes %xx in URLs; such names are left to it.
        Some(path) if path.starts_with('/') && !path.contains('%') => Path::new(path),
        Some(_) => return None,
        None if super::location::is_url(url) => return None,
        None => Path::new(url),
    };
    std::fs::canonicalize(base.join(path)).ok()
}

fn is_plain(git2: &git2::Repository) -> bool {
    let heeded = |name: &str| HEEDED.iter().any(|start| name.starts_with(start));
    !git2.is_shallow() && !any_setting(git2, heeded).unwrap_or(true)
}

/// Whether this side says that the remote is reached in a way of its own.
fn has_own_transport(git2: &git2::Repository, remote: &str) -> bool {
    let own = ["receivepack", "uploadpack", "vcs"].map(|key| format!("remote.{remote}.{key}"));
    let own = |name: &str| {
        HEEDED_HERE.iter().any(|start| name.starts_with(start)) || own.iter().any(|key| key == name)
    };
    any_setting(git2, own).unwrap_or(true)
}

fn any_setting(
    git2: &git2::Repository,
    wanted: impl Fn(&str) -> bool,
) -> Result<bool, git2::Error> {
    let config = git2.config()?;
    let mut entries = config.entries(None)?;
    while let Some(entry) = entries.next() {
        if entry?.name().is_ok_and(&wanted) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

/// Whether a ref leads to the object, at once or through history.
fn is_reachable(git2: &git2::Repository, id: ObjectId, snapshot: &Snapshot) -> bool {
    if snapshot.iter().any(|(_, target)| target.object == id || target.peeled == Some(id)) {
        return true;
    }
    let kind = git2.odb().and_then(|odb| odb.read_header(id.to_oid())).map(|(_, kind)| kind);
    matches!(kind, Ok(ObjectType::Commit))
        && snapshot.branches().any(|(_, tip)| {
            git2.graph_descendant_of(tip.object.to_oid(), id.to_oid()).unwrap_or(false)
        })
}
