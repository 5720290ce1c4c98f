//! How a deployment ended, and what can be said of it.

use crate::base::violation::Violation;
use crate::deployment::Status;
use crate::rollout::Restored;

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
        /// What a person should read.
        reason: String,
        /// The check, where it came that far.
        health: Option<Health>,
        /// What became of what ran before.
        back: Back,
    },
    /// A person interrupted; the environment tag stays.
    Cancelled {
        /// What a person should read.
        reason: String,
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
    /// That is not certain.
    Not {
        /// Why it was not put back.
        reason: String,
    },
}

/// The result of a health check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// It passed, answering in this many milliseconds.
    Passed {
        /// Of the attempt that passed.
        response_time_ms: u64,
    },
    /// It answered, and wrongly.
    Failed {
        /// The last answer, in words.
        reason: String,
    },
    /// It did not pass in the time given.
    TimedOut {
        /// The last answer, in words.
        reason: String,
    },
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
        /// What is known, and how to resolve it.
        reason: String,
    },
}

/// Why a deployment did not start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A rule forbids it: the environment is busy (BUS001), the version's tag is gone (XEN002).
    Forbidden(Vec<Violation>),
    /// The claim could not be made.
    Unclaimed {
        /// What a person should read.
        reason: String,
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

    /// The outcome in words.
    pub(super) fn told(&self) -> String {
        match self {
            // Not a success before it is known to be recorded.
            Self::Succeeded { .. } => "the deployment went well so far".to_owned(),
            Self::Failed { reason, back, .. } => {
                format!("the deployment failed ({reason}{})", back.told())
            }
            Self::Cancelled { reason, back } => {
                format!("the deployment was cancelled ({reason}{})", back.told())
            }
        }
    }
}

impl Back {
    /// What a person should read behind the reason of the failure; nothing where all is as it was.
    #[must_use]
    pub fn told(&self) -> String {
        match self {
            Self::Unchanged | Self::Restored => String::new(),
            Self::Not { reason } => format!("; nothing was put back: {reason}"),
        }
    }
}

impl From<Restored> for Back {
    fn from(restored: Restored) -> Self {
        match restored {
            Restored::Done => Self::Restored,
            Restored::Unchanged => Self::Unchanged,
            Restored::Nothing { reason } | Restored::Failed { reason } => Self::Not { reason },
            Restored::Replaced { reason } => Self::Not {
                reason: format!("what somebody else put there is not touched ({reason})"),
            },
            Restored::Unknown { reason } => {
                Self::Not { reason: format!("or whether it was is not known ({reason})") }
            }
        }
    }
}

impl Health {
    /// What is wrong, in words; `None` when it passed.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        match self {
            Self::Passed { .. } => None,
            Self::Failed { reason } => Some(format!("the health check failed: {reason}")),
            Self::TimedOut { reason } => {
                Some(format!("the health check did not pass in time: {reason}"))
            }
        }
    }
}
