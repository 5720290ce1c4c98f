//! Why a transaction did not happen, with the facts as fields.
//!
//! No error holds a credential: text of git's own is redacted where it is read.

use std::fmt;

use thiserror::Error;

use super::error::{GitError, tried};
use super::obstacle::Obstacle;
use super::snapshot::RefTarget;
use super::transaction::Transaction;
use crate::RefName;
use crate::base::cause::visible;
use crate::deployment::Attempts;

/// Why a transaction did not happen. Except where it says otherwise, nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CommitError {
    /// Somebody else was first.
    #[error("{}", lines(conflicts))]
    Conflict {
        /// Every ref of the transaction that is not where it was expected.
        conflicts: Vec<Conflict>,
    },
    /// The remote (or a hook) said no.
    #[error("{}", refusal(rejections))]
    Rejected {
        /// Every ref that was refused, with the reason.
        rejections: Vec<Rejection>,
    },
    /// The remote cannot update several refs at once.
    #[error(
        "the remote {remote} does not offer atomic pushes, and {} refs must change together; set \
         `receive.advertiseAtomic` to true there, or use a remote that offers them", refs.len()
    )]
    NoAtomic {
        /// The remote.
        remote: String,
        /// The refs that would have changed together.
        refs: Vec<RefName>,
    },
    /// The remote took the change, but shows nobody what it took.
    #[error(
        "the remote {remote} took {name} and does not show it: it hides the ref from who reads \
         (`uploadpack.hideRefs`), so that its ledger looks empty; let it show `{ledger}/*`"
    )]
    Hidden {
        /// The remote: its name, or its URL without credentials.
        remote: String,
        /// The prefix of the ledger's refs.
        ledger: String,
        /// The record.
        name: RefName,
    },
    /// The remote could not be reached, or broke off. Unless `in_doubt`, nothing was changed.
    #[error(
        "git could not push to {remote}{}: {}{}",
        tried(*attempts, *obstacle),
        visible(detail),
        if *in_doubt { "; whether the push arrived is not known, the next read will show it" } else { "" }
    )]
    Transport {
        /// The remote: its name, or its URL without credentials.
        remote: String,
        /// What stood in the way.
        obstacle: Obstacle,
        /// How often it was tried.
        attempts: u32,
        /// What git said last, without credentials.
        detail: String,
        /// Whether the push may have arrived although no answer came.
        in_doubt: bool,
    },
    /// Whoever wanted it was interrupted before anything was on its way.
    #[error("it was interrupted before anything was pushed")]
    Interrupted,
    /// Git failed before anything was pushed.
    #[error(transparent)]
    Git(#[from] GitError),
}

impl CommitError {
    /// Every ref of the transaction was refused, in the same words.
    pub(crate) fn rejected(change: &Transaction, words: &str) -> Self {
        let names = change.updates().iter().map(|update| update.name.clone());
        let rejection = |name| Rejection { name, said: words.to_owned() };
        Self::Rejected { rejections: names.map(rejection).collect() }
    }

    /// How many attempts of a push there were.
    pub(crate) fn attempts(&self) -> Attempts {
        match self {
            Self::Transport { attempts, .. } => Attempts::of_one(*attempts),
            _ => Attempts::FIRST,
        }
    }

    /// Whether another writer was first.
    #[must_use]
    pub const fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict { .. })
    }
}

/// The refs and the reason; one line where the reason is the same.
fn refusal(rejections: &[Rejection]) -> String {
    match rejections {
        [first, others @ ..] if others.iter().all(|other| other.said == first.said) => {
            let names: Vec<&str> = rejections.iter().map(|one| one.name.as_str()).collect();
            format!("the change of {} was refused: {}", names.join(", "), visible(&first.said))
        }
        several => lines(several),
    }
}

fn lines<T: ToString>(items: &[T]) -> String {
    items.iter().map(T::to_string).collect::<Vec<_>>().join("\n")
}

/// A ref that is not where a transaction expected it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The ref.
    pub name: RefName,
    /// Where it was expected; `None`: nowhere.
    pub expected: Option<RefTarget>,
    /// Where it is; `None`: nowhere.
    pub found: Option<RefTarget>,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, expected, found } = self;
        match (expected, found) {
            (Some(expected), Some(found)) => {
                write!(
                    f,
                    "{name} was expected at {expected}, but somebody else moved it to {found}"
                )
            }
            (Some(expected), None) => {
                write!(f, "{name} was expected at {expected}, but somebody else deleted it")
            }
            (None, Some(found)) => write!(f, "{name} exists already, at {found}"),
            (None, None) => write!(
                f,
                "{name} is not shown by the remote, which does not let it be created either: it hides the \
                 ref (`uploadpack.hideRefs`), or somebody made it and deleted it meanwhile"
            ),
        }
    }
}

/// A ref that the remote, a hook or git itself refused to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The ref.
    pub name: RefName,
    /// What git said, hooks' own words included.
    pub said: String,
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the change of {} was refused: {}", self.name, visible(&self.said))
    }
}
