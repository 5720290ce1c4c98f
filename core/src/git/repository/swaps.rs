//! Carries out one transaction in a repository on this machine, by git's own ref transaction.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::command::Call;
use super::neighbour::Neighbour;
use super::objects::{Needs, Objects};
use super::parse;
use super::pending::Pending;
use super::ref_session::{LocalVerdict, RefSession};
use super::settings::ATTEMPTS;
use super::transport::Transport;
use super::truth::Truth;
use crate::git::commit_error::CommitError;
use crate::git::error::GitError;
use crate::git::obstacle::Obstacle;
use crate::git::transaction::Transaction;

/// After so many transactions git is asked whether it is time to pack: a push would ask each time.
const TIDY_EVERY: u32 = 500;

/// How a transaction is carried out.
pub(crate) enum Way {
    /// In a repository on this machine, by git's ref transaction.
    Direct(Needs),
    /// By a push.
    Push,
}

/// Transactions of one repository, or of its remote on this machine.
pub(crate) struct Swaps {
    transport: Arc<Transport>,
    objects: Arc<Objects>,
    truth: Arc<Truth>,
    session: RefSession,
    done: u32,
}

impl Swaps {
    pub(crate) fn new(
        (transport, objects, truth): (Arc<Transport>, Arc<Objects>, Arc<Truth>),
    ) -> Self {
        let git_dir = truth.neighbour().map_or_else(|| transport.git_dir(), Neighbour::git_dir);
        let session = RefSession::new(Arc::clone(transport.git()), git_dir.to_owned());
        Self { transport, objects, truth, session, done: 0 }
    }

    /// How a transaction is carried out.
    pub(crate) async fn way(&self, change: &Transaction) -> Result<Way, GitError> {
        let needs = self.objects.needs(change.new_objects());
        if self.transport.remote().is_none() {
            return Ok(Way::Direct(needs));
        }
        let Some(neighbour) = self.truth.plain_neighbour() else { return Ok(Way::Push) };
        let own = format!("{}/", self.truth.ledger_prefix());
        let mut names = change.updates().iter().map(|update| update.name.as_str());
        if !names.all(|name| name.starts_with("refs/tags/") || name.starts_with(&own)) {
            return Ok(Way::Push);
        }
        let snapshot = match self.truth.current() {
            Some(snapshot) => snapshot,
            None => self.truth.relist().await?,
        };
        let holds = neighbour.holds(&needs, &snapshot);
        Ok(if holds { Way::Direct(needs) } else { Way::Push })
    }

    /// One transaction in a repository on this machine.
    pub(crate) async fn carry_out(&mut self, pending: Pending, needs: &Needs) {
        let stored = match self.truth.neighbour() {
            Some(neighbour) => neighbour.take(&self.objects, &needs.new),
            None => self.objects.store(&needs.new),
        };
        if let Err(error) = stored {
            return pending.answer(Err(error.into()));
        }
        let mut pending = pending;
        for attempt in 1..=ATTEMPTS {
            pending.tried(attempt);
            let verdict = match self.session.execute(&pending.change).await {
                Ok(LocalVerdict::Done) => {
                    pending.succeed(&self.truth);
                    self.objects.let_go(&needs.new);
                    return self.keep_tidy().await;
                }
                Ok(verdict) => verdict,
                Err(error) => return pending.answer(Err(error.into())),
            };
            let in_doubt = verdict == LocalVerdict::Silent;
            let now = match self.truth.relist().await {
                Ok(now) => now,
                Err(error) => return pending.answer(Err(error.into())),
            };
            let Some(open) = pending.settle(&now, in_doubt, &self.truth) else { return };
            pending = open;
            if attempt == ATTEMPTS || !may_pass(&verdict) {
                let error = self.failure(&pending.change, verdict, attempt);
                return pending.answer(Err(error));
            }
            self.transport.sleep().wait(Duration::from_millis(100) * attempt).await;
        }
    }

    fn failure(&self, change: &Transaction, verdict: LocalVerdict, attempts: u32) -> CommitError {
        match verdict {
            LocalVerdict::Refused(words) => CommitError::rejected(change, &words),
            LocalVerdict::Done | LocalVerdict::Silent => CommitError::Transport {
                remote: self.transport.shown().to_owned(),
                obstacle: Obstacle::Away,
                attempts,
                detail: "git gave no answer".to_owned(),
                in_doubt: true,
            },
        }
    }

    /// Lets git pack what has gathered. Nothing depends on whether it does.
    async fn keep_tidy(&mut self) {
        self.done = self.done.wrapping_add(1);
        if let Some(neighbour) =
            self.truth.neighbour().filter(|_| self.done.is_multiple_of(TIDY_EVERY))
        {
            let _ = self.transport.git().run(tidying(neighbour.git_dir())).await;
        }
    }
}

/// Whether what was in the way may be gone the next time.
fn may_pass(verdict: &LocalVerdict) -> bool {
    match verdict {
        LocalVerdict::Refused(words) => parse::is_locked(words),
        LocalVerdict::Done | LocalVerdict::Silent => true,
    }
}

fn tidying(git_dir: &Path) -> Call<'_> {
    Call {
        git_dir,
        directory: git_dir,
        settings: Vec::new(),
        arguments: ["gc", "--auto", "--quiet"].map(Into::into).into(),
        stdin: Vec::new(),
        variables: Vec::new(),
        beside: &[],
    }
}
