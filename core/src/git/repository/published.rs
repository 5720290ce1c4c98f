//! Whether the remote knows of a commit by a branch or a tag. A clone may hold commits that it does not: a
//! merge that a tool made to try it, or work that nobody pushed.
//!
//! What is here decides where it can. Else the remote is asked, as cheaply as git allows: for trial merges by
//! a listing, for the last commits of some branches, and whether it has the commit at all.

use std::ffi::OsString;
use std::path::PathBuf;

use super::Repository;
use super::fetch::commits_only;
use super::neighbour::Neighbour;
use super::side_store::{Places, SideStore};
use crate::CommitSha;
use crate::base::published::Published;
use crate::git::error::GitError;
use crate::git::object_id::ObjectId;
use crate::git::snapshot::Snapshot;

/// Where servers keep the merges that they make to try them.
const TRIALS: [&str; 3] =
    ["refs/pull/*/merge", "refs/merge-requests/*/merge", "refs/pull-requests/*/merge"];

/// How far back a shallow clone asks: a branch that moved on since the checkout is at most so far ahead.
const DEPTH: u32 = 100;

impl Repository {
    /// Whether a branch or a tag of the remote leads to a commit.
    ///
    /// # Errors
    /// When the refs cannot be listed. What cannot be asked beyond that is [`Published::Unknown`].
    pub async fn published(&self, commit: CommitSha) -> Result<Published, GitError> {
        let Some(remote) = self.remote() else { return Ok(Published::Yes) };
        let (snapshot, id) = (self.snapshot().await?, ObjectId::from(commit));
        if snapshot.iter().any(|(_, target)| target.target() == id)
            || self.is_in_history_of(snapshot.head(), id)
            || self.is_under_any(&snapshot, id).await?
        {
            return Ok(Published::Yes);
        }
        let missing = self.missing_branches(&snapshot);
        let unseen = !missing.is_empty() || self.parts.is_shallow;
        if let Some(trial) = self.trial(remote, id).await {
            return Ok(Published::No { trial: Some(trial) });
        }
        if !unseen {
            return Ok(Published::No { trial: None });
        }
        // A failure leaves the question open.
        let answer = self.ask_remote(remote, &snapshot, missing, id).await;
        Ok(answer.unwrap_or(Published::Unknown))
    }

    fn is_in_history_of(&self, tip: Option<ObjectId>, id: ObjectId) -> bool {
        let Some(tip) = tip else { return false };
        let objects = &self.parts.objects;
        objects.exists(tip)
            && objects
                .with(|git2| git2.graph_descendant_of(tip.to_oid(), id.to_oid()).unwrap_or(false))
    }

    /// Whether the history of a branch or tag that is here leads to the commit.
    async fn is_under_any(&self, snapshot: &Snapshot, id: ObjectId) -> Result<bool, GitError> {
        let neighbour = self.parts.truth.neighbour().map(Neighbour::object_store);
        let beside: Vec<PathBuf> =
            neighbour.into_iter().chain(self.parts.fetches.object_store()).collect();
        let tips = snapshot.branches().chain(snapshot.tags()).map(|(_, target)| target.target());
        let tips = tips.filter(|tip| self.parts.objects.exists(*tip));
        let (arguments, asked) = reachability(id, tips);
        let answer = self.parts.transport.call(arguments, asked, &beside).await?;
        Ok(answer.success() && answer.stdout.is_empty())
    }

    /// The branches of the remote that are not here.
    fn missing_branches(&self, snapshot: &Snapshot) -> Vec<String> {
        let missing = snapshot.branches().filter(|(_, at)| !self.parts.objects.exists(at.object));
        missing.map(|(name, _)| format!("refs/heads/{name}")).collect()
    }

    /// The ref of the trial merge that the commit is.
    async fn trial(&self, remote: &str, id: ObjectId) -> Option<String> {
        let arguments = ["ls-remote", "--quiet", "--", remote].into_iter().chain(TRIALS);
        let arguments = arguments.map(Into::into).collect();
        let answer = self.parts.transport.call(arguments, Vec::new(), &[]).await.ok()?;
        let text = String::from_utf8_lossy(&answer.stdout).into_owned();
        let id = id.to_string();
        let mut lines = text.lines().filter_map(|line| line.split_once('\t'));
        lines.find(|(found, _)| *found == id).map(|(_, name)| name.to_owned())
    }

    /// Asks for history that is not here, and for the commit itself. All that comes is thrown away.
    async fn ask_remote(
        &self,
        remote: &str,
        snapshot: &Snapshot,
        missing: Vec<String>,
        id: ObjectId,
    ) -> Result<Published, GitError> {
        let transport = &self.parts.transport;
        let is_shallow = self.parts.is_shallow;
        let branches = if is_shallow { self.near_branches(snapshot) } else { missing };
        let places = self.parts.objects.with(Places::of);
        let side = SideStore::beside(transport, &places).await?;
        let arguments = commits_only(remote, is_shallow.then_some(DEPTH));
        let wanted = branches.iter().map(|name| format!("{name}\n")).collect::<String>();
        let fetched =
            transport.call_in(side.git_dir(), arguments, wanted.into_bytes(), &[]).await?;
        if !fetched.success() {
            return Ok(Published::Unknown);
        }
        let tips = branches.iter().filter_map(|name| Some(snapshot.get(name)?.object));
        let (arguments, asked) = reachability(id, tips);
        // The commit itself may have come by another fetch.
        let beside: Vec<PathBuf> = self.parts.fetches.object_store().into_iter().collect();
        let answer = transport.call_in(side.git_dir(), arguments, asked, &beside).await?;
        match (answer.success() && answer.stdout.is_empty(), is_shallow) {
            (true, _) => Ok(Published::Yes),
            (false, false) if answer.success() => Ok(Published::No { trial: None }),
            (false, false) => Ok(Published::Unknown),
            (false, true) => self.ask_for(remote, id).await,
        }
    }

    /// The branches that a shallow clone is likely to have been made from.
    fn near_branches(&self, snapshot: &Snapshot) -> Vec<String> {
        let remote = self.remote().unwrap_or_default();
        let is_tracked = |name: &str| {
            let tracking = format!("refs/remotes/{remote}/{name}");
            self.parts.objects.with(|git2| git2.refname_to_id(&tracking).is_ok())
        };
        let near = snapshot
            .branches()
            .filter(|(name, at)| Some(at.object) == snapshot.head() || is_tracked(name));
        near.map(|(name, _)| format!("refs/heads/{name}")).collect()
    }

    /// A commit that the remote does not have at all is under none of its refs.
    async fn ask_for(&self, remote: &str, id: ObjectId) -> Result<Published, GitError> {
        let transport = &self.parts.transport;
        let side = SideStore::apart(transport).await?;
        let (arguments, wanted) = (commits_only(remote, Some(1)), format!("{id}\n").into_bytes());
        let answer = transport.call_in(side.git_dir(), arguments, wanted, &[]).await?;
        let is_absent = !answer.success() && answer.stderr.contains("not our ref");
        Ok(if is_absent { Published::No { trial: None } } else { Published::Unknown })
    }
}

/// Asks git for the commit unless one of the tips leads to it. What is missing is not fetched.
fn reachability(id: ObjectId, tips: impl Iterator<Item = ObjectId>) -> (Vec<OsString>, Vec<u8>) {
    let arguments = ["rev-list", "--max-count=1", "--missing=allow-any", "--stdin"];
    let tips: String = tips.map(|tip| format!("^{tip}\n")).collect();
    (arguments.map(Into::into).into(), format!("{id}\n{tips}").into_bytes())
}
