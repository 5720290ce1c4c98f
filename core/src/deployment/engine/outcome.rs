//! How a deployment ended, and what can be said of it.

use std::fmt;
use std::time::Duration;

use thiserror::Error;

use super::Health;
use super::reason::{Cancellation, Doubt, Failure, Resolution, Unwritten};
use crate::base::cause::in_full;
use crate::base::violation::Violation;
use crate::deployment::Status;
use crate::rollout::{self, Restored, TaskFailure};

/// How the work itself ended, before it is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The version runs; `health` where a check was asked for.
    Succeeded {
        /// The passed check.
        health: Option<Health>,
    },
    /// It does not; the environment tag stays.
    Failed {
        /// Why.
        reason: Failure,
        /// The check, where it came that far.
        health: Option<Health>,
        /// What became of what ran before.
        back: Back,
    },
    /// A person interrupted; the environment tag stays.
    Cancelled {
        /// Why.
        reason: Cancellation,
        /// What became of what ran before.
        back: Back,
    },
}

/// What an environment runs after a deployment that was no success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Back {
    /// What it ran before: nothing had been changed.
    Unchanged,
    /// What it ran before: it was put back.
    Restored,
    /// That is not certain: it was not put back.
    Not(NotBack),
}

/// Why what ran before was not put back.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NotBack {
    /// The target could not, or had nothing.
    #[error(transparent)]
    Failed(rollout::Failure),
    /// It is back as it was found, which an earlier deployment left without success.
    #[error(transparent)]
    AsFound(rollout::Failure),
    /// It is somebody else's by now.
    #[error("what somebody else put there is not touched")]
    Theirs(#[source] Option<rollout::Failure>),
    /// The target cannot tell.
    #[error("or whether it was is not known")]
    Unknown(#[source] rollout::Failure),
    /// What ran before runs again, beside migrations that could not be rolled back.
    #[error("its migrations were not rolled back: {0}")]
    Migrations(Box<TaskFailure>),
}

/// What can be said of a deployment in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The outcome stands in the ledger.
    Recorded(Outcome),
    /// It never started.
    Refused(Refusal),
    /// The outside world did not say whether the last step happened.
    Unknown {
        /// What is known.
        reason: Doubt,
        /// How to find out, where something had been claimed.
        resolution: Option<Resolution>,
    },
}

/// Why a deployment did not start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A rule forbids it: the environment is busy (BUS001), the version's tag is gone (XEN002).
    Forbidden(Vec<Violation>),
    /// The claim could not be made.
    Unclaimed(Unwritten),
    /// The time to wait was over before it had a place in the queue.
    OutOfTime {
        /// How long that was.
        waited: Duration,
    },
    /// The person interrupted before anything was claimed.
    Stopped,
}

impl Outcome {
    /// The status that the record gets.
    #[must_use]
    pub const fn status(&self) -> Status {
        match self {
            Self::Succeeded { .. } => Status::Succeeded,
            Self::Failed { .. } => Status::Failed,
            Self::Cancelled { .. } => Status::Cancelled,
        }
    }

    /// The same outcome, after what ran before was or was not put back.
    pub(super) fn with_back(mut self, now: Back) -> Self {
        match &mut self {
            Self::Succeeded { .. } => {}
            Self::Failed { back, .. } | Self::Cancelled { back, .. } => *back = now,
        }
        self
    }
}

impl fmt::Display for Back {
    /// What a person should read behind the reason of the failure; nothing where all is as it was.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unchanged | Self::Restored => Ok(()),
            Self::Not(NotBack::Migrations(why)) => {
                write!(f, "; what ran before runs, but the migrations were not rolled back: {why}")
            }
            Self::Not(NotBack::AsFound(left)) => {
                write!(
                    f,
                    "; it is as this deployment found it, and nobody says what that is: {}",
                    in_full(left)
                )
            }
            Self::Not(why) => write!(f, "; nothing was put back: {}", in_full(why)),
        }
    }
}

impl From<Restored> for Back {
    fn from(restored: Restored) -> Self {
        match restored {
            Restored::Done => Self::Restored,
            Restored::Unchanged => Self::Unchanged,
            Restored::AsFound { reason } => Self::Not(NotBack::AsFound(reason)),
            Restored::Nothing { reason } | Restored::Failed { reason } => {
                Self::Not(NotBack::Failed(reason))
            }
            Restored::Replaced { reason } => Self::Not(NotBack::Theirs(Some(reason))),
            Restored::Unknown { reason } => Self::Not(NotBack::Unknown(reason)),
        }
    }
}
