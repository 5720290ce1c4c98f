//! Brings missing objects from the remote, many at once, without touching anybody's refs.
//!
//! A copy in the cache keeps refs for what it fetched, since they tell git what need not be sent
//! again. A person's clone does not: its refs belong to the person. Beside a clone that is shallow or
//! partial, what is missing goes to a [`SideStore`].

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::objects::Objects;
use super::settings::ATTEMPTS;
use super::side_store::{Places, SideStore};
use super::transport::Transport;
use crate::git::error::GitError;
use crate::git::object_id::ObjectId;
use crate::git::obstacle::Obstacle;

/// How long a remote that could not be reached is taken to be away.
const FAILURE_HOLDS: Duration = Duration::from_secs(30);

/// What is wanted of an object that is missing, beside a clone that does not hold everything anyway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// A tag or a commit alone.
    Alone,
    /// A folder with all that are in it, without the bytes of files.
    Folders,
    /// All that it leads to but history.
    Whole,
}

impl Part {
    const fn filter(self) -> Option<&'static str> {
        match self {
            Self::Alone => Some("--filter=tree:0"),
            Self::Folders => Some("--filter=blob:none"),
            Self::Whole => None,
        }
    }
}

/// Where fetched objects go.
pub(crate) enum Destination {
    /// Into a copy in the cache, with refs that remember them.
    Cache,
    /// Into the clone.
    Clone,
    /// Beside a clone that is shallow or partial.
    Beside(Places),
}

/// What one repository fetches. While one fetch runs, others gather for the next.
pub(crate) struct Fetches {
    transport: Arc<Transport>,
    objects: Arc<Objects>,
    into: Destination,
    side: OnceCell<SideStore>,
    waiting: Mutex<BTreeSet<(Part, String)>>,
    gate: tokio::sync::Mutex<Option<(GitError, Instant)>>,
}

impl Fetches {
    pub(crate) fn new(transport: Arc<Transport>, objects: Arc<Objects>, into: Destination) -> Self {
        let (waiting, gate) = (Mutex::default(), tokio::sync::Mutex::default());
        Self { transport, objects, into, side: OnceCell::new(), waiting, gate }
    }

    /// Whether the clone has the history of what it has.
    pub(crate) const fn has_all_history(&self) -> bool {
        matches!(self.into, Destination::Clone)
    }

    /// Where objects are that were fetched beside the clone.
    pub(crate) fn object_store(&self) -> Option<PathBuf> {
        self.side.get().map(SideStore::object_store)
    }

    fn add(&self, wanted: &[String], part: Part) {
        let wanted = wanted.iter().map(|name| (part, name.clone()));
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).extend(wanted);
    }

    /// All that waits for this part, if any of `wanted` still does.
    fn take(&self, wanted: &[String], part: Part) -> Option<BTreeSet<String>> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if !wanted.iter().any(|name| waiting.contains(&(part, name.clone()))) {
            return None;
        }
        let (taken, left) = std::mem::take(&mut *waiting).into_iter().partition(|it| it.0 == part);
        *waiting = left;
        Some(BTreeSet::into_iter(taken).map(|(_, name)| name).collect())
    }

    /// Fetches an object by its name, where there is a remote.
    pub(crate) async fn fetch_object(&self, id: ObjectId, part: Part) -> Result<(), GitError> {
        self.fetch(&[id.to_string()], part).await
    }

    /// Fetches refs of the remote, by full name, or objects. Afterwards those that exist are here.
    pub(crate) async fn fetch(&self, wanted: &[String], part: Part) -> Result<(), GitError> {
        let Some(remote) = self.transport.remote().filter(|_| !wanted.is_empty()) else {
            return Ok(());
        };
        self.add(wanted, part);
        let mut failure = self.gate.lock().await;
        if let Some((error, _)) = failure.as_ref().filter(|(_, at)| at.elapsed() < FAILURE_HOLDS) {
            return Err(error.clone());
        }
        let Some(together) = self.take(wanted, part) else { return Ok(()) };
        let mut result = self.fetch_with_retries(remote, &together, part).await;
        if is_refusal(&result) && together.len() > wanted.len() {
            // Somebody else's may be what the remote does not have.
            let own = wanted.iter().cloned().collect();
            result = self.fetch_with_retries(remote, &own, part).await;
        }
        if is_refusal(&result) {
            return Ok(());
        }
        if let Err(error) = &result {
            *failure = Some((error.clone(), Instant::now()));
        }
        result
    }

    async fn fetch_with_retries(
        &self,
        remote: &str,
        wanted: &BTreeSet<String>,
        part: Part,
    ) -> Result<(), GitError> {
        let side = self.side().await?;
        let git_dir = side.map_or_else(|| self.transport.git_dir(), SideStore::git_dir);
        let mut attempt = 1;
        loop {
            let arguments = arguments(remote, side.map(|_| part));
            let refspecs = self.refspecs(wanted);
            let answer = self.transport.call_in(git_dir, arguments, refspecs, &[]).await?;
            if answer.success() {
                return Ok(());
            }
            if attempt == ATTEMPTS || Obstacle::read(&answer.stderr).is_permanent() {
                return Err(self.transport.failure("fetch", attempt, answer.detail()));
            }
            self.transport.pause_after(attempt).await;
            attempt += 1;
        }
    }

    /// The repository beside the clone, where there is to be one.
    async fn side(&self) -> Result<Option<&SideStore>, GitError> {
        let Destination::Beside(places) = &self.into else { return Ok(None) };
        let make = async || {
            let side = SideStore::beside(&self.transport, places).await?;
            self.objects.read_also(&side.object_store())?;
            Ok(side)
        };
        self.side.get_or_try_init(make).await.map(Some)
    }

    fn refspecs(&self, wanted: &BTreeSet<String>) -> Vec<u8> {
        let keeps_refs = matches!(self.into, Destination::Cache);
        let kept = |name: &String| match (keeps_refs, name.starts_with("refs/")) {
            (false, _) => format!("{name}\n"),
            (true, true) => format!("+{name}:{name}\n"),
            (true, false) => format!("+{name}:refs/fetched/{name}\n"),
        };
        wanted.iter().map(kept).collect::<String>().into_bytes()
    }
}

/// The arguments of a fetch; `part`: of each object only so much, and no history.
fn arguments(remote: &str, part: Option<Part>) -> Vec<OsString> {
    let mut arguments = vec![
        "fetch",
        "--quiet",
        "--no-tags",
        "--no-write-fetch-head",
        "--no-auto-maintenance",
        "--no-recurse-submodules",
        "--refmap=",
        "--stdin",
    ];
    if let Some(part) = part {
        arguments.push("--depth=1");
        arguments.extend(part.filter());
    }
    arguments.extend(["--", remote]);
    arguments.into_iter().map(OsString::from).collect()
}

/// The arguments of a fetch of commits alone, their last `depth` where that is given.
pub(crate) fn commits_only(remote: &str, depth: Option<u32>) -> Vec<OsString> {
    let mut arguments = arguments(remote, None);
    let place = arguments.len() - 2;
    let depth = depth.map(|depth| format!("--depth={depth}").into());
    arguments.splice(place..place, depth.into_iter().chain(["--filter=tree:0".into()]));
    arguments
}

/// Whether the remote was reached, and does not have what was asked for.
fn is_refusal(result: &Result<(), GitError>) -> bool {
    let Err(GitError::Transport { detail, .. }) = result else { return false };
    ["couldn't find remote ref", "not our ref", "unadvertised object"]
        .iter()
        .any(|sign| detail.contains(sign))
}
