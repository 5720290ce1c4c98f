//! What git and the ledger could not do, in the words that every resource uses: a tag and a deployment that
//! meet with the same thing say the same.

use pipeline_core::base::cause::in_full;
use pipeline_core::base::retry;
use pipeline_core::git::{CommitError, GitError, Obstacle, Rejection};
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

/// Why the remote cannot be had, and what helps: the same to whoever reads and whoever writes.
fn of_obstacle(obstacle: Obstacle) -> (&'static str, &'static str) {
    const DENIED: &str = "The remote denied access";
    match obstacle {
        Obstacle::NoCredentials => (
            DENIED,
            "Next: give git credentials that this remote takes. In GitHub Actions `actions/checkout` leaves the \
             job's token unless `persist-credentials` is false; elsewhere `git config credential.helper` names \
             a helper, and `ssh-add -l` lists the keys.",
        ),
        Obstacle::Forbidden => (
            DENIED,
            "Next: use credentials that may do this, or give these the right. In GitHub Actions the job needs \
             `permissions: contents: write`; elsewhere see the scopes of the token, whether a deploy key may \
             write, and who may push tags.",
        ),
        Obstacle::NoRepository => (
            "The remote has no such repository",
            "Next: check the URL. A repository that these credentials may not read looks the same.",
        ),
        Obstacle::UnknownHost => (
            "SSH does not know the remote's host",
            "Next: compare the host's key with the one that it publishes, and add it to `known_hosts`.",
        ),
        Obstacle::Setting("push.pushOption") => (
            SETTING,
            "Next: unset `push.pushOption` where this runs; `git config --show-origin --get-all \
             push.pushOption` says where it is set.",
        ),
        Obstacle::Setting(_) => (
            SETTING,
            "Next: unset `push.gpgSign` where this runs, or let it be `if-asked`; `git config --show-origin \
             --get push.gpgSign` says where it is set.",
        ),
        Obstacle::ObjectFormat => (
            "The remote has another object format",
            "Next: use a repository with the SHA-1 object format, which `git init` makes unless told otherwise.",
        ),
        Obstacle::NotThere => {
            ("The remote does not have what was asked for", "Next: see what git said above.")
        }
        _ => ("The remote could not be reached", "Next: check the network."),
    }
}

const LEDGER: &str = "Next: let whoever applies read and write the refs below `ledger_ref_prefix` (`refs/ledger/*`): \
                      see the server's rules for refs that are neither branches nor tags, its hooks, and \
                      `transfer.hideRefs`, `uploadpack.hideRefs` and `receive.hideRefs`.";

const SETTING: &str = "A setting of git asks for what the remote does not offer";

/// Whether a refused ref is a record: neither a branch nor a tag.
fn is_of_ledger(rejection: &Rejection) -> bool {
    let name = rejection.name.as_str();
    !name.starts_with("refs/tags/") && !name.starts_with("refs/heads/")
}

fn of_git(error: &GitError) -> (&'static str, &'static str, &'static str) {
    let summary = match error {
        GitError::NoRepository { .. } => "There is no git repository",
        GitError::NotTrusted { .. } => "Git does not trust the repository",
        GitError::NoRemote { .. } => "There is no such remote",
        GitError::NotInstalled { .. } | GitError::TooOld { .. } => "Git cannot be used",
        GitError::Transport { obstacle, .. } => {
            let (summary, next) = of_obstacle(*obstacle);
            return (summary, "", next);
        }
        GitError::Unsigned { .. } => {
            return (
                "The tag could not be signed",
                "Nothing was changed.",
                "Next: let git reach the key or the certificate, as its agent or CI provides it, and the program \
                 that signs (`gpg.program`, `gpg.ssh.program`, `gpg.x509.program`), or set `tag.gpgSign` and \
                 `tag.forceSignAnnotated` to false.",
            );
        }
        GitError::MissingRecord { .. } => {
            return (
                "A record in the ledger cannot be used",
                "",
                "Next: push the object again from a clone that has it; or, when nobody needs the record, \
                 delete the ref.",
            );
        }
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
        CommitError::Rejected { rejections } if rejections.iter().any(is_of_ledger) => {
            ("The remote refuses the ledger", "Nothing was changed.", LEDGER)
        }
        CommitError::Hidden { .. } => {
            ("The remote hides the ledger", "The change arrived.", LEDGER)
        }
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
        CommitError::Transport { obstacle, .. } => {
            let (summary, next) = of_obstacle(*obstacle);
            (summary, "Nothing was changed.", next)
        }
        CommitError::Interrupted => ("Interrupted", "Nothing was changed.", "Next: run it again."),
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
