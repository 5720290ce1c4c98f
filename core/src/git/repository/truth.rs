//! The refs of the truth: listed once for all who ask, and followed from then on.
//!
//! The truth is the remote where there is one, else the repository itself. A remote on this machine
//! is read directly.

use std::pin::pin;
use std::sync::Arc;

use super::board::{Board, Shared, Tell, Turn};
use super::neighbour::Neighbour;
use super::objects::Objects;
use super::settings::ATTEMPTS;
use super::transport::Transport;
use super::{listing, parse};
use crate::git::error::GitError;
use crate::git::object_id::ObjectId;
use crate::git::obstacle::OTHER_FORMAT;
use crate::git::snapshot::{RefTarget, Snapshot};
use crate::git::transaction::{RefUpdate, Transaction};

/// The refs of one repository's truth.
pub(crate) struct Truth {
    transport: Arc<Transport>,
    objects: Arc<Objects>,
    neighbour: Option<Neighbour>,
    ledger_prefix: String,
    board: Board,
}

impl Truth {
    pub(crate) const fn new(
        transport: Arc<Transport>,
        objects: Arc<Objects>,
        neighbour: Option<Neighbour>,
        ledger_prefix: String,
    ) -> Self {
        Self { transport, objects, neighbour, ledger_prefix, board: Board::new() }
    }

    pub(crate) fn ledger_prefix(&self) -> &str {
        &self.ledger_prefix
    }

    /// The remote on this machine.
    pub(crate) const fn neighbour(&self) -> Option<&Neighbour> {
        self.neighbour.as_ref()
    }

    /// The remote on this machine, if changing it directly has the effect of a push.
    pub(crate) fn plain_neighbour(&self) -> Option<&Neighbour> {
        self.neighbour.as_ref().filter(|neighbour| neighbour.is_plain())
    }

    /// The snapshot; who asks first makes a task fetch it, which goes on as long as anybody waits for it.
    pub(crate) async fn snapshot(self: &Arc<Self>) -> Shared<Snapshot> {
        let mut landing = match self.board.turn() {
            Turn::Take(shared) => return shared,
            Turn::Wait(landing) => landing,
            Turn::Fly { flight, tell, landing } => {
                let truth = Arc::clone(self);
                tokio::spawn(async move { truth.fly(flight, &tell).await });
                landing
            }
        };
        let landed = landing.wait_for(Option::is_some).await;
        landed.ok().and_then(|shared| shared.clone()).unwrap_or_else(|| Err(given_up()))
    }

    async fn fly(&self, flight: u64, tell: &Tell) {
        let mut listing = pin!(self.list());
        loop {
            tokio::select! {
                result = &mut listing => {
                    tell.send_replace(Some(self.board.land(flight, result)));
                    return;
                }
                () = tell.closed() => if self.board.is_deserted(flight, tell) { return },
            }
        }
    }

    /// The snapshot, if it is there.
    pub(crate) fn current(&self) -> Option<Arc<Snapshot>> {
        self.board.current()
    }

    /// Forgets the snapshot.
    pub(crate) fn forget(&self) {
        self.board.forget();
    }

    /// Lists the refs, with the retries of DEP054.
    async fn list(&self) -> Result<Snapshot, GitError> {
        let mut attempt = 1;
        loop {
            match self.list_once(&[]).await {
                Err(GitError::Transport { operation, detail, obstacle, .. }) => {
                    if attempt == ATTEMPTS || obstacle.is_permanent() {
                        return Err(self.transport.failure(operation, attempt, detail));
                    }
                    self.transport.pause_after(attempt).await;
                    attempt += 1;
                }
                other => return other,
            }
        }
    }

    /// Lists the refs, once: all, or those that patterns name.
    pub(crate) async fn list_once(&self, patterns: &[&str]) -> Result<Snapshot, GitError> {
        let listed = self.list_refs(patterns).await?;
        // In a clone that has few of them, each that is missing would be looked for anew.
        let here = self.objects.present(listed.tags().map(|(_, found)| found.target()))?;
        let known = |id| here.contains(&id).then(|| self.objects.kind(id).ok().flatten()).flatten();
        Ok(listed.with_kinds(|id| known(id).map(|kind| kind.str())))
    }

    async fn list_refs(&self, patterns: &[&str]) -> Result<Snapshot, GitError> {
        let ledger = &self.ledger_prefix;
        let Some(remote) = self.transport.remote() else {
            return self.objects.with(|git2| listing::list(git2, ledger));
        };
        if let Some(neighbour) = self.plain_neighbour() {
            return neighbour.list(ledger);
        }
        // Git never turns a pattern into a ref prefix of protocol 2 (only `--heads` and `--tags`
        // become prefixes, and these would leave the ledger out): it filters on this side.
        let mut arguments = vec!["ls-remote", "--quiet", "--", remote];
        arguments.extend(patterns);
        let arguments = arguments.into_iter().map(Into::into).collect();
        let answer = self.transport.call(arguments, Vec::new(), &[]).await?;
        if answer.success() && parse::is_sha256(&answer.stdout) {
            return Err(self.transport.failure("list the refs", 1, OTHER_FORMAT.to_owned()));
        }
        if answer.success() {
            return Ok(parse::ls_remote(&answer.stdout, ledger));
        }
        Err(self.transport.failure("list the refs", 1, answer.detail()))
    }

    /// Lists anew and puts the result in place for everybody.
    pub(crate) async fn relist(&self) -> Shared<Snapshot> {
        let snapshot = Arc::new(self.list_once(&[]).await?);
        self.board.replace(Arc::clone(&snapshot));
        Ok(snapshot)
    }

    /// Where the refs of a transaction are, as far as the snapshot is there.
    pub(crate) fn seen(&self, change: &Transaction) -> Vec<RefTarget> {
        let Some(snapshot) = self.board.current() else { return Vec::new() };
        change.updates().iter().filter_map(|update| snapshot.get(update.name.as_str())).collect()
    }

    /// Follows what a transaction changed.
    pub(crate) fn follow(&self, change: &Transaction) {
        let peeled = |update: &RefUpdate| self.objects.peel(update.new?).ok().flatten();
        let changes: Vec<_> =
            change.updates().iter().map(|update| (update.clone(), peeled(update))).collect();
        self.board.follow(&changes);
    }

    /// An object and where it leads: as it was seen, else as it is known here.
    pub(crate) fn target(&self, object: ObjectId, seen: &[RefTarget]) -> RefTarget {
        if let Some(target) = seen.iter().find(|target| target.object == object) {
            return *target;
        }
        let peeled = self.objects.peel(object).ok().flatten();
        RefTarget { object, peeled: peeled.filter(|peeled| *peeled != object) }
    }
}

fn given_up() -> GitError {
    GitError::failed("list the refs", "the listing was given up")
}
