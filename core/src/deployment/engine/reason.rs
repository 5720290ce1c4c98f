//! Why a deployment was no success, as facts, and the one place that words them.
//!
//! A reason says what it knows and leaves the rest to its source; [`in_full`] tells both. It leaves out what
//! a person does next, which depends on who asked.

use std::fmt;
use std::time::Duration;

use thiserror::Error;

use super::{Outcome, Unhealthy};
use crate::base::cause::{in_full, visible};
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, Violations};
use crate::ledger::LedgerError;
use crate::queue::{HeldBack, HeldBy};
use crate::rollout::{self, TaskFailure};
use crate::{Actor, DeploymentId, EnvironmentName, Timestamp};

/// Why a deployment failed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Failure {
    /// By the target's word.
    #[error(transparent)]
    Target(rollout::Failure),
    /// By a migration.
    #[error(transparent)]
    Migration(TaskFailure),
    /// By the health check.
    #[error(transparent)]
    Unhealthy(Unhealthy),
    /// By its tests.
    #[error(transparent)]
    Tests(TaskFailure),
    /// Its success could not be recorded.
    #[error(transparent)]
    Unrecorded(Unwritten),
    /// Its holder died, as far as whoever took over can tell.
    #[error(
        "its holder {} gave no sign of life, and its lease ran out at {lease_until}; {by} took over",
        holder.actor
    )]
    Died {
        /// Who held the environment.
        holder: Holder,
        /// Until when.
        lease_until: Timestamp,
        /// The deployment that took over.
        by: DeploymentId,
    },
    /// Its holder died, as far as whoever released its lock by hand can tell.
    #[error(
        "its holder {} gave no sign of life, its lease ran out at {lease_until}, and {by} released the lock",
        holder.actor
    )]
    Released {
        /// Who held the environment.
        holder: Holder,
        /// Until when.
        lease_until: Timestamp,
        /// Who released it.
        by: Actor,
    },
}

/// Why a deployment was cancelled.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Cancellation {
    /// Somebody interrupted.
    #[error("{}", visible(by))]
    Stopped {
        /// Who or what asked, in the words of the caller.
        by: String,
    },
    /// The time to wait in the queue was over.
    #[error(
        "it waited {} s for its turn, and {}{}",
        waited.as_secs(),
        first(holder.as_ref()),
        longer(*lease, *waited)
    )]
    WaitedTooLong {
        /// How long it was to wait.
        waited: Duration,
        /// Who holds the environment, as far as that was seen.
        holder: Option<Holder>,
        /// After how long without a sign of life that one is put aside.
        lease: Option<Duration>,
    },
    /// The time to wait was over, and it still might not begin.
    #[error("it waited {} s for {why}", waited.as_secs())]
    StillTooEarly {
        /// How long it was to wait.
        waited: Duration,
        /// What for.
        why: HeldBack,
    },
    /// It waited for more than its turn, and was still there long after its time to wait.
    #[error(
        "{holder} waited until {gives_up_at} at most, and {by} found it still there a day later"
    )]
    Lost {
        /// Who waited.
        holder: Actor,
        /// Until when, by its own clock.
        gives_up_at: Timestamp,
        /// The deployment that found it.
        by: DeploymentId,
    },
    /// It was its turn, and rules forbid to begin.
    #[error("it was its turn, and rules forbid it: {}", listed(rules))]
    Forbidden {
        /// The rules.
        rules: Vec<RuleId>,
    },
    /// It did not begin when it was its turn, and the next one did.
    #[error(
        "{holder} gave no sign of life for {seconds} s when it was its turn; {by} passed it over"
    )]
    PassedOver {
        /// Who waited.
        holder: Actor,
        /// For how long it was waited for.
        seconds: i64,
        /// The deployment that came next.
        by: DeploymentId,
    },
    /// A newer version entered the queue while it waited.
    #[error("{fault}")]
    Superseded {
        /// The rule, and the newer version.
        fault: Violation,
    },
    /// Somebody else ended it.
    #[error("{}", visible(said))]
    ByOthers {
        /// What the record says.
        said: String,
    },
}

/// Why a transaction of the ledger did not happen.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Unwritten {
    /// Git or the ledger could not, or was refused.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Others were first, each time it was tried.
    #[error("other deployments were first each time")]
    Outrun,
    /// What was to be written breaks rules.
    #[error("{0}")]
    Broken(#[from] Violations),
    /// There is nothing to write it to: nothing was claimed.
    #[error("nothing was claimed")]
    Unclaimed,
}

/// Why nobody can say how a deployment ended.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Doubt {
    /// The target cannot be asked.
    #[error("the version may be in service or not")]
    Target(#[source] rollout::Failure),
    /// The environment was lost while something was being done.
    #[error(
        "the lease ran out and {} holds the environment now; this deployment did nothing more",
        told(by.as_ref())
    )]
    Superseded {
        /// Who holds it.
        by: Option<Holder>,
    },
    /// The environment was lost before what ran before was put back.
    #[error(
        "{}, and it was not put back by this deployment: {} holds the environment now",
        outcome.told(), told(by.as_ref())
    )]
    NotPutBack {
        /// How the work ended.
        outcome: Box<Outcome>,
        /// Who holds the environment.
        by: Option<Holder>,
    },
    /// The environment was lost before the end was recorded.
    #[error(
        "{}, and its end was not recorded: the lease ran out, and {} holds the environment now",
        outcome.told(), told(by.as_ref())
    )]
    Late {
        /// How the work ended.
        outcome: Box<Outcome>,
        /// Who holds the environment.
        by: Option<Holder>,
    },
    /// The end could not be recorded.
    #[error("{}, and that could not be recorded", outcome.told())]
    Unrecorded {
        /// How the work ended.
        outcome: Box<Outcome>,
        /// Why not.
        source: Unwritten,
    },
    /// Whether the end was recorded is not known.
    #[error("{}, but whether its end was recorded is not known", outcome.told())]
    Recorded {
        /// How the work ended.
        outcome: Box<Outcome>,
        /// What is known.
        source: Unwritten,
    },
    /// The place in the queue may still be there.
    #[error("the deployment did not begin, but its place in the queue could not be given up")]
    PlaceKept(#[source] Unwritten),
    /// Whether the environment was claimed is not known.
    #[error(
        "whether `{environment}` was claimed is not known; if it was, `{id}` holds it until {}, and the \
         next deployment after that records it as failed", time(until.as_ref())
    )]
    Claimed {
        /// The environment.
        environment: EnvironmentName,
        /// The deployment that may hold it.
        id: DeploymentId,
        /// Until when.
        until: Option<Timestamp>,
        /// What is known.
        source: Unwritten,
    },
    /// Whether the queue was entered is not known.
    #[error(
        "whether `{id}` entered the queue is not known; if it did, those behind it pass it over when its \
         turn is not taken"
    )]
    Queued {
        /// The deployment that may stand there.
        id: DeploymentId,
        /// What is known.
        source: Unwritten,
    },
    /// It began without knowing.
    #[error(
        "it began, but the answer got lost; another deployment records it as failed when its lease has \
         run out"
    )]
    Begun,
    /// No end was reached.
    #[error("the deployment stopped half-way")]
    HalfWay,
}

/// Who holds an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The deployment, or the lock between two of them.
    pub id: HeldBy,
    /// Whose.
    pub actor: Actor,
}

/// How a person finds out what became of a deployment whose end is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// The ref of its record.
    pub record: String,
    /// The environment.
    pub environment: EnvironmentName,
    /// Until when it may be held.
    pub until: Option<Timestamp>,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` of {}", self.id, self.actor)
    }
}

impl fmt::Display for Resolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { record, environment, until } = self;
        write!(
            f,
            "The record {record} says how it ended; as long as that is `in_progress`, `{environment}` is \
             held until {}, and the next deployment after that records this one as failed",
            time(until.as_ref())
        )
    }
}

impl Outcome {
    /// Why it was no success, and what was not put back: what its record says.
    #[must_use]
    pub fn error_message(&self) -> Option<String> {
        match self {
            Self::Succeeded { .. } => None,
            Self::Failed { reason, back, .. } => Some(format!("{}{back}", in_full(reason))),
            Self::Cancelled { reason, back } => Some(format!("{}{back}", in_full(reason))),
        }
    }

    /// The outcome in words.
    fn told(&self) -> String {
        let message = self.error_message().unwrap_or_default();
        match self {
            // Not a success before it is known to be recorded.
            Self::Succeeded { .. } => "the deployment went well so far".to_owned(),
            Self::Failed { .. } => format!("the deployment failed ({message})"),
            Self::Cancelled { .. } => format!("the deployment was cancelled ({message})"),
        }
    }
}

impl Failure {
    /// What could not be written to the ledger, where that is the reason.
    #[must_use]
    pub const fn unwritten(&self) -> Option<&Unwritten> {
        match self {
            Self::Unrecorded(why) => Some(why),
            _ => None,
        }
    }
}

impl Doubt {
    /// What could not be written to the ledger, where that is the reason.
    #[must_use]
    pub const fn unwritten(&self) -> Option<&Unwritten> {
        match self {
            Self::PlaceKept(source)
            | Self::Unrecorded { source, .. }
            | Self::Recorded { source, .. }
            | Self::Claimed { source, .. }
            | Self::Queued { source, .. } => Some(source),
            _ => None,
        }
    }

    /// What is known, and how to find the rest out.
    #[must_use]
    pub fn with(&self, resolution: Option<&Resolution>) -> String {
        match resolution {
            Some(resolution) => format!("{}. {resolution}", in_full(self)),
            None => in_full(self),
        }
    }
}

fn told(holder: Option<&Holder>) -> String {
    holder.map_or_else(|| "nobody".to_owned(), ToString::to_string)
}

fn first(holder: Option<&Holder>) -> String {
    match holder {
        Some(holder) => format!("{holder} still holds the environment"),
        None => "others still come first".to_owned(),
    }
}

/// What whoever waited for less than a lease has to know: whether the holder is dead was not to be seen.
fn longer(lease: Option<Duration>, waited: Duration) -> String {
    let lease = lease.filter(|lease| *lease >= waited).map(|lease| lease.as_secs());
    lease.map_or_else(String::new, |lease| {
        format!(
            "; a dead holder is put aside after {lease} s without a sign of life: \
             wait longer than that to see whether this one is dead"
        )
    })
}

fn time(until: Option<&Timestamp>) -> String {
    until.map_or_else(|| "no time".to_owned(), ToString::to_string)
}

fn listed(rules: &[RuleId]) -> String {
    rules.iter().map(|rule| rule.as_str()).collect::<Vec<_>>().join(", ")
}
