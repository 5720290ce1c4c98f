//! One deployment, from claiming its environment to the one transaction that records its end.
//!
//! The promises it keeps, whatever the order of events: nothing is reported as succeeded before the
//! transaction that moves the environment tag, writes the record and frees the environment is known
//! to have happened; a deployment that failed or was cancelled never asks for the tag to move; once
//! the lease is lost nothing more is written. It leaves out how effects are carried out, and time.

use crate::model::deployment::Status;
use crate::model::violation::Violation;

#[cfg(test)]
mod tests;

/// Where a deployment is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Nothing has been asked of the outside world.
    Requested,
    /// The claim is on its way; `stopped` once the person interrupted.
    Claiming {
        /// Why to cancel as soon as the answer is there.
        stopped: Option<String>,
    },
    /// The environment is ours, and the health check runs.
    Checking,
    /// The final transaction is on its way.
    Committing(Outcome),
    /// Nothing more will happen.
    Done(Verdict),
}

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
        /// The check that failed, where that was the cause.
        health: Option<Health>,
    },
    /// A person interrupted; the environment tag stays.
    Cancelled {
        /// What a person should read.
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
    /// It never started, and nothing was written.
    Refused(Refusal),
    /// The outside world did not say whether the last transaction happened.
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

/// What the outside world says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Begin.
    Start,
    /// The person interrupted.
    Stop {
        /// Who or what asked, in words.
        reason: String,
    },
    /// The environment is ours and the record says in progress.
    Claimed,
    /// The environment was not to be had.
    ClaimRefused(Refusal),
    /// The health check came to an end.
    HealthChecked(Health),
    /// The lease could not be renewed because somebody else holds the environment.
    LeaseLost {
        /// Who took over, in words.
        holder: String,
    },
    /// The final transaction happened.
    Committed,
    /// The final transaction did not happen, and the environment is still ours: the environment tag
    /// moved meanwhile, or the remote refused.
    CommitRefused {
        /// What a person should read.
        reason: String,
    },
    /// Nobody knows whether the transaction on its way, the claim or the end, happened.
    CommitUnknown {
        /// What is known, in words.
        reason: String,
    },
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Take the environment and write the record, in one transaction.
    Claim,
    /// Start the health check.
    CheckHealth,
    /// Stop the health check.
    AbandonHealthCheck,
    /// Write the end: record and queue, and the environment tag where it succeeded.
    Commit(Outcome),
}

/// What of the request decides the order of steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Steps {
    /// Whether a health check was asked for.
    pub health_check: bool,
}

impl Outcome {
    /// The status that the record gets.
    #[must_use]
    pub fn status(&self) -> Status {
        match self {
            Self::Succeeded { .. } => Status::Succeeded,
            Self::Failed { .. } => Status::Failed,
            Self::Cancelled { .. } => Status::Cancelled,
        }
    }

    /// The outcome in words.
    fn told(&self) -> String {
        match self {
            // Not a success before it is known to be recorded.
            Self::Succeeded { .. } => "the deployment went well so far".to_owned(),
            Self::Failed { reason, .. } => format!("the deployment failed ({reason})"),
            Self::Cancelled { reason } => format!("the deployment was cancelled ({reason})"),
        }
    }
}

impl State {
    /// The next state and what to do. An event that does not concern the state changes nothing.
    #[must_use]
    pub fn step(self, steps: Steps, event: Event) -> (Self, Vec<Effect>) {
        match (self, event) {
            (Self::Requested, Event::Start) => {
                (Self::Claiming { stopped: None }, vec![Effect::Claim])
            }
            (Self::Requested, Event::Stop { .. }) => {
                (Self::Done(Verdict::Refused(Refusal::Stopped)), Vec::new())
            }
            (Self::Claiming { stopped }, event) => claiming(stopped, steps, event),
            (Self::Checking, event) => checking(event),
            (Self::Committing(outcome), event) => committing(outcome, event),
            (state, _) => (state, Vec::new()),
        }
    }
}

/// A claim once sent cannot be taken back, so an interruption waits for its answer.
fn claiming(stopped: Option<String>, steps: Steps, event: Event) -> (State, Vec<Effect>) {
    match (event, stopped) {
        (Event::Claimed, Some(reason)) => commit(Outcome::Cancelled { reason }),
        (Event::Claimed, None) if steps.health_check => {
            (State::Checking, vec![Effect::CheckHealth])
        }
        (Event::Claimed, None) => commit(Outcome::Succeeded { health: None }),
        (Event::ClaimRefused(refusal), _) => (State::Done(Verdict::Refused(refusal)), Vec::new()),
        (Event::CommitUnknown { reason }, _) => unknown(reason),
        (Event::Stop { reason }, None) => (State::Claiming { stopped: Some(reason) }, Vec::new()),
        (_, stopped) => (State::Claiming { stopped }, Vec::new()),
    }
}

fn checking(event: Event) -> (State, Vec<Effect>) {
    match event {
        Event::HealthChecked(health) => commit(judged(health)),
        Event::Stop { reason } => {
            let (state, mut effects) = commit(Outcome::Cancelled { reason });
            effects.insert(0, Effect::AbandonHealthCheck);
            (state, effects)
        }
        Event::LeaseLost { holder } => {
            let reason = format!(
                "the lease ran out and {holder} holds the environment now; this deployment wrote nothing more"
            );
            (State::Done(Verdict::Unknown { reason }), vec![Effect::AbandonHealthCheck])
        }
        _ => (State::Checking, Vec::new()),
    }
}

fn committing(outcome: Outcome, event: Event) -> (State, Vec<Effect>) {
    match event {
        Event::Committed => (State::Done(Verdict::Recorded(outcome)), Vec::new()),
        Event::CommitRefused { reason } => match outcome {
            Outcome::Succeeded { health } => commit(Outcome::Failed { reason, health }),
            ended => unknown(format!("{}, and that could not be recorded: {reason}", ended.told())),
        },
        Event::LeaseLost { holder } => unknown(format!(
            "{}, and its end was not recorded: the lease ran out, and {holder} holds the environment now",
            outcome.told()
        )),
        Event::CommitUnknown { reason } => unknown(format!(
            "{}, but whether its end was recorded is not known: {reason}",
            outcome.told()
        )),
        // Too late to cancel: the answer to the transaction decides.
        _ => (State::Committing(outcome), Vec::new()),
    }
}

fn unknown(reason: String) -> (State, Vec<Effect>) {
    (State::Done(Verdict::Unknown { reason }), Vec::new())
}

fn judged(health: Health) -> Outcome {
    match &health {
        Health::Passed { .. } => Outcome::Succeeded { health: Some(health) },
        Health::Failed { reason } => Outcome::Failed {
            reason: format!("the health check failed: {reason}"),
            health: Some(health),
        },
        Health::TimedOut { reason } => Outcome::Failed {
            reason: format!("the health check did not pass in time: {reason}"),
            health: Some(health),
        },
    }
}

fn commit(outcome: Outcome) -> (State, Vec<Effect>) {
    (State::Committing(outcome.clone()), vec![Effect::Commit(outcome)])
}
