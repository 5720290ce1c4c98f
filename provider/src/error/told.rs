//! What git and the ledger could not do, in the words that every resource uses: a tag and a deployment that
//! meet with the same thing say the same.

use pipeline_core::base::cause::in_full;
use pipeline_core::base::retry;
use pipeline_core::git::{CommitError, GitError};
use pipeline_core::ledger::LedgerError;
use tfplugin::{Diagnostic, Diagnostics, Path};

use super::sentence;

/// What is to be said of a failure, before it is known where.
#[derive(Debug)]
pub(super) struct Told {
    summary: &'static str,
    /// What happened, complete, as a sentence without its capital.
    found: String,
    /// What of it stands.
    stands: &'static str,
    /// What to do.
    pub(super) next: &'static str,
    /// How often it was tried, where that was of no use.
    attempts: u32,
}

impl Told {
    /// What the ledger, or git below it, could not do.
    pub(super) fn of(error: &LedgerError) -> Self {
        let (summary, stands, next) = match error {
            LedgerError::Git(error) => of_git(error),
            LedgerError::Commit(error) => of_commit(error),
            LedgerError::NoRoom { .. } => (
                "Another ref is in the way",
                "",
                "Next: delete or rename that ref, or set another `ledger_ref_prefix` in the provider block.",
            ),
            _ => ("A record in the ledger cannot be used", "", ""),
        };
        Self { summary, found: in_full(error), stands, next, attempts: attempts(error) }
    }

    /// The same, blamed on `path`.
    pub(super) fn at(&self, path: Path) -> Diagnostics {
        let advice = [self.stands, self.next].join(" ");
        let found = sentence(&self.found);
        let parts = [found, advice.trim().to_owned(), self.exhausted()];
        let told: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        Diagnostic::error(path, self.summary, told.join("\n\n")).into()
    }

    /// DEP054, where attempting again was of no use.
    pub(super) fn exhausted(&self) -> String {
        retry::exhausted(self.attempts).map_or_else(String::new, |broken| broken.to_string())
    }
}

/// The remote cannot be had: the same to whoever reads and whoever writes.
const AWAY: (&str, &str) =
    ("The remote could not be reached", "Next: check the network and the credentials.");

fn of_git(error: &GitError) -> (&'static str, &'static str, &'static str) {
    let summary = match error {
        GitError::NoRepository { .. } => "There is no git repository",
        GitError::NotTrusted { .. } => "Git does not trust the repository",
        GitError::NoRemote { .. } => "There is no such remote",
        GitError::NotInstalled { .. } | GitError::TooOld { .. } => "Git cannot be used",
        GitError::Transport { .. } => return (AWAY.0, "", AWAY.1),
        GitError::UnknownRevision { .. } | GitError::InvalidRevision { .. } => {
            "The revision leads to no commit"
        }
        _ => "Git could not read the repository",
    };
    (summary, "", "")
}

/// Why a transaction did not happen.
fn of_commit(error: &CommitError) -> (&'static str, &'static str, &'static str) {
    match error {
        CommitError::Conflict { .. } => (
            "Somebody else changed the repository first",
            "Nothing was overwritten.",
            "Next: plan again to see what is there now. (TAG010: a tag moves by compare-and-swap)",
        ),
        CommitError::Rejected { .. } => (
            "The remote refused the change",
            "Nothing was changed.",
            "Next: see the remote's hooks and tag protection rules.",
        ),
        CommitError::NoAtomic { .. } => {
            ("The remote cannot update several refs at once", "Nothing was changed.", "")
        }
        CommitError::Transport { in_doubt: true, .. } => (
            "Whether the change arrived is not known",
            "",
            "Next: plan again; the next read shows what is there.",
        ),
        CommitError::Transport { .. } => (AWAY.0, "Nothing was changed.", AWAY.1),
        CommitError::Git(error) => of_git(error),
        _ => ("Git could not write the repository", "", ""),
    }
}

const fn attempts(error: &LedgerError) -> u32 {
    match error {
        LedgerError::Git(GitError::Transport { attempts, .. })
        | LedgerError::Commit(
            CommitError::Transport { attempts, .. }
            | CommitError::Git(GitError::Transport { attempts, .. }),
        ) => *attempts,
        _ => 0,
    }
}
