//! Brings missing objects from the remote, many at once, without touching anybody's refs.
//!
//! A copy in the cache keeps refs for what it fetched, since they tell git what need not be sent
//! again. A person's clone does not: its refs belong to the person.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::parse;
use super::settings::ATTEMPTS;
use super::transport::Transport;
use crate::git::error::GitError;
use crate::git::object_id::ObjectId;

/// How long a remote that could not be reached is taken to be away.
const FAILURE_HOLDS: Duration = Duration::from_secs(30);

/// What one repository fetches. While one fetch runs, others gather for the next.
pub(crate) struct Fetches {
    transport: Arc<Transport>,
    /// Whether refs remember what was fetched.
    keeps_refs: bool,
    waiting: Mutex<BTreeSet<String>>,
    gate: tokio::sync::Mutex<Option<(GitError, Instant)>>,
}

impl Fetches {
    pub(crate) fn new(transport: Arc<Transport>, keeps_refs: bool) -> Self {
        let (waiting, gate) = (Mutex::default(), tokio::sync::Mutex::default());
        Self { transport, keeps_refs, waiting, gate }
    }

    fn add(&self, wanted: &[String]) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).extend(wanted.iter().cloned());
    }

    /// All that waits, if any of `wanted` still does.
    fn take(&self, wanted: &[String]) -> Option<BTreeSet<String>> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let any = wanted.iter().any(|name| waiting.contains(name));
        any.then(|| std::mem::take(&mut *waiting))
    }

    /// Fetches an object by its name, where there is a remote.
    pub(crate) async fn fetch_object(&self, id: ObjectId) -> Result<(), GitError> {
        self.fetch(&[id.to_string()]).await
    }

    /// Fetches refs of the remote, by full name, or objects. Afterwards those that exist are here.
    pub(crate) async fn fetch(&self, wanted: &[String]) -> Result<(), GitError> {
        let Some(remote) = self.transport.remote().filter(|_| !wanted.is_empty()) else {
            return Ok(());
        };
        self.add(wanted);
        let mut failure = self.gate.lock().await;
        if let Some((error, _)) = failure.as_ref().filter(|(_, at)| at.elapsed() < FAILURE_HOLDS) {
            return Err(error.clone());
        }
        let Some(together) = self.take(wanted) else { return Ok(()) };
        let mut result = self.fetch_with_retries(remote, &together).await;
        if is_refusal(&result) && together.len() > wanted.len() {
            // Somebody else's may be what the remote does not have.
            result = self.fetch_with_retries(remote, &wanted.iter().cloned().collect()).await;
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
    ) -> Result<(), GitError> {
        let mut attempt = 1;
        loop {
            let arguments = arguments(remote).map(Into::into).into();
            let answer = self.transport.call(arguments, self.refspecs(wanted), &[]).await?;
            if answer.success() {
                return Ok(());
            }
            if attempt == ATTEMPTS || parse::is_permanent(&answer.stderr) {
                return Err(self.transport.failure("fetch", attempt, answer.detail()));
            }
            self.transport.pause_after(attempt).await;
            attempt += 1;
        }
    }

    fn refspecs(&self, wanted: &BTreeSet<String>) -> Vec<u8> {
        let kept = |name: &String| match (self.keeps_refs, name.starts_with("refs/")) {
            (false, _) => format!("{name}\n"),
            (true, true) => format!("+{name}:{name}\n"),
            (true, false) => format!("+{name}:refs/fetched/{name}\n"),
        };
        wanted.iter().map(kept).collect::<String>().into_bytes()
    }
}

const fn arguments(remote: &str) -> [&str; 10] {
    [
        "fetch",
        "--quiet",
        "--no-tags",
        "--no-write-fetch-head",
        "--no-auto-maintenance",
        "--no-recurse-submodules",
        "--refmap=",
        "--stdin",
        "--",
        remote,
    ]
}

/// Whether the remote was reached, and does not have what was asked for.
fn is_refusal(result: &Result<(), GitError>) -> bool {
    let Err(GitError::Transport { detail, .. }) = result else { return false };
    ["couldn't find remote ref", "not our ref", "unadvertised object"]
        .iter()
        .any(|sign| detail.contains(sign))
}
