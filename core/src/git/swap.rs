//! Carries out one transaction in a repository on this machine, by git's own ref transaction.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::GitError;
use super::attempt::{new_objects, rejected};
use super::command::Call;
use super::commit::Pending;
use super::error::CommitError;
use super::objects::Needs;
use super::parse;
use super::ref_session::{LocalVerdict, RefSession};
use super::repository::Inner;
use super::settings::ATTEMPTS;
use super::transaction::Transaction;

/// How a transaction is carried out.
pub(crate) enum Way {
    /// In a repository on this machine, by git's ref transaction.
    Direct(Needs),
    /// By a push.
    Push,
}

impl Inner {
    /// How a transaction is carried out.
    pub(crate) async fn way(&self, change: &Transaction) -> Result<Way, GitError> {
        let needs = self.objects.needs(new_objects(&[change]));
        if self.remote.is_none() {
            return Ok(Way::Direct(needs));
        }
        let Some(neighbour) = self.plain_neighbour() else { return Ok(Way::Push) };
        let own = format!("{}/", self.settings.ledger_prefix);
        let mut names = change.updates().iter().map(|update| update.name.as_str());
        if !names.all(|name| name.starts_with("refs/tags/") || name.starts_with(&own)) {
            return Ok(Way::Push);
        }
        let snapshot = match self.board.current() {
            Some(snapshot) => snapshot,
            None => self.relist().await?,
        };
        let holds = neighbour.holds(&needs, &snapshot);
        Ok(if holds { Way::Direct(needs) } else { Way::Push })
    }

    /// One transaction in a repository on this machine.
    pub(crate) async fn swap(&self, pending: Pending, needs: &Needs, session: &mut RefSession) {
        let stored = match &self.neighbour {
            Some(neighbour) => neighbour.take(&self.objects, &needs.new),
            None => self.objects.store(&needs.new),
        };
        if let Err(error) = stored {
            return pending.answer(Err(error.into()));
        }
        let mut pending = pending;
        for attempt in 1..=ATTEMPTS {
            let verdict = match session.execute(&pending.change).await {
                Ok(LocalVerdict::Done) => {
                    self.succeed(pending);
                    self.objects.let_go(&needs.new);
                    return self.keep_tidy().await;
                }
                Ok(verdict) => verdict,
                Err(error) => return pending.answer(Err(error.into())),
            };
            let in_doubt = verdict == LocalVerdict::Silent;
            let now = match self.relist().await {
                Ok(now) => now,
                Err(error) => return pending.answer(Err(error.into())),
            };
            let Some(open) = self.settle(pending, &now, in_doubt) else { return };
            pending = open;
            if attempt == ATTEMPTS || !may_pass(&verdict) {
                let error = self.failure(&pending.change, verdict, attempt);
                return pending.answer(Err(error));
            }
            self.settings.sleep.wait(Duration::from_millis(100) * attempt).await;
        }
    }
}

impl Inner {
    fn failure(&self, change: &Transaction, verdict: LocalVerdict, attempts: u32) -> CommitError {
        match verdict {
            LocalVerdict::Refused(words) => rejected(change, &words),
            LocalVerdict::Done | LocalVerdict::Silent => CommitError::Transport {
                remote: self.shown.clone(),
                attempts,
                detail: "git gave no answer".to_owned(),
                in_doubt: true,
            },
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

/// After so many transactions git is asked whether it is time to pack: a push would ask each time.
const TIDY_EVERY: u32 = 500;

impl Inner {
    /// Lets git pack what has gathered. Nothing depends on whether it does.
    async fn keep_tidy(&self) {
        let done = self.swaps.fetch_add(1, Ordering::Relaxed) + 1;
        if let Some(neighbour) = self.neighbour.as_ref().filter(|_| done.is_multiple_of(TIDY_EVERY))
        {
            let _ = self.git.run(tidying(neighbour.git_dir())).await;
        }
    }
}

fn tidying(git_dir: &Path) -> Call<'_> {
    Call {
        git_dir,
        directory: git_dir,
        settings: Vec::new(),
        arguments: ["gc", "--auto", "--quiet"].map(Into::into).into(),
        stdin: Vec::new(),
        beside: &[],
    }
}
