//! One deployment, from entering the queue to the one transaction that records its end.
//!
//! The promises it keeps, whatever the order of events: nothing is reported as succeeded before the
//! transaction that moves the environment tag, writes the record and frees the environment is known
//! to have happened; a deployment that failed or was cancelled never asks for the tag to move, and
//! what it changed is put back before its end is recorded, the target first and its migrations then; once the
//! environment is lost nothing more is done. It leaves out how effects are carried out, and time.

mod health;
mod outcome;
pub mod reason;
#[cfg(test)]
mod tests;

pub use health::{Health, Miss, Unhealthy};
pub use outcome::{Back, NotBack, Outcome, Refusal, Verdict};
pub use reason::{Cancellation, Doubt, Failure, Holder, Resolution, Unwritten};

use std::time::Duration;

use crate::base::violation::Violation;
use crate::queue::HeldBack;
use crate::rollout::{Restored, Rolled, TaskFailure};

/// Where a deployment is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// Nothing has been asked of the outside world.
    Requested,
    /// The claim, or the entry into the queue, is on its way.
    Entering,
    /// Others come first.
    Waiting,
    /// It gives its place in the queue up.
    Leaving(Verdict),
    /// The environment is ours, and the migrations run.
    Migrating,
    /// The version is brought into service.
    RollingOut,
    /// The health check runs.
    Checking,
    /// The tests run.
    Testing(Option<Health>),
    /// The target is asked once more whether the version still runs.
    Confirming(Option<Health>),
    /// What ran before is put back.
    Restoring(Outcome),
    /// The migrations are rolled back.
    Reverting(Outcome),
    /// The final transaction is on its way.
    Committing(Outcome),
    /// Nothing more will happen.
    Done(Verdict),
}

/// What the outside world says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// Begin.
    Start,
    /// The person interrupted.
    Stop {
        /// Who or what asked, in the words of the caller.
        by: String,
    },
    /// The environment is ours and the record says in progress.
    Claimed {
        /// What interrupted while the claim was on its way; it cannot be taken back.
        stopped: Option<String>,
    },
    /// Others come first; the place in the queue is ours.
    Queued {
        /// What interrupted while the entry was on its way.
        stopped: Option<String>,
    },
    /// The environment was not to be had, and nothing was written.
    Refused(Refusal),
    /// It was our turn, and rules forbid to begin.
    TurnRefused(Vec<Violation>),
    /// The time that we were to wait is over.
    WaitedTooLong {
        /// How long.
        waited: Duration,
        /// For whom, as far as that was seen.
        holder: Option<Holder>,
        /// After how long without a sign of life that one is put aside.
        lease: Option<Duration>,
        /// What it still waited for besides its turn.
        held_back: Option<HeldBack>,
    },
    /// Others took us for dead and gave our place away.
    PassedOver {
        /// What they wrote into the record.
        said: String,
    },
    /// Our place in the queue is given up, and the record says so.
    Left,
    /// All migrations ran; or one failed, and those after it did not run.
    Migrated(Result<(), TaskFailure>),
    /// The target came to an end with the version.
    RolledOut(Rolled),
    /// The health check came to an end.
    HealthChecked(Health),
    /// The tests came to an end.
    Tested(Result<(), TaskFailure>),
    /// The target was asked once more.
    Confirmed(Rolled),
    /// The target came to an end with what ran before.
    Restored(Restored),
    /// What can be rolled back of the migrations is rolled back; or that failed.
    Reverted(Result<(), TaskFailure>),
    /// The lease could not be renewed because somebody else holds the environment.
    LeaseLost {
        /// Who took over.
        holder: Option<Holder>,
    },
    /// The final transaction happened.
    Committed,
    /// The final transaction did not happen, and the environment is still ours: the environment tag
    /// moved meanwhile, or the remote refused.
    CommitRefused(Unwritten),
    /// Nobody knows whether the transaction of a leave or an end happened.
    CommitUnknown(Unwritten),
    /// Nobody knows whether it was entered, or begun.
    EntryUnknown(Doubt),
}

/// What to do next. Whatever was begun before has ended when the next effect is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Effect {
    /// Take the environment, or a place in its queue, and write the record, in one transaction.
    Enter,
    /// Wait until it is our turn, then take the environment.
    AwaitTurn,
    /// Give the place in the queue up, and record that with this reason.
    Leave(Cancellation),
    /// Run the migrations, in order, up to the first that fails.
    Migrate,
    /// Bring the version into service.
    RollOut,
    /// Run the health check.
    CheckHealth,
    /// Run the tests.
    Test,
    /// Ask the target once more.
    Confirm,
    /// Put back what ran before.
    Restore,
    /// Roll the migrations back that ran, the last one first.
    Revert,
    /// Write the end: record and queue, and the environment tag where it succeeded.
    Commit(Box<Outcome>),
}

/// What of the request decides the order of steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Steps {
    /// Whether it has migrations.
    pub migrations: bool,
    /// Whether something apart from git is changed.
    pub target: bool,
    /// Whether a health check was asked for.
    pub health_check: bool,
    /// Whether it has tests.
    pub tests: bool,
}

impl State {
    /// The next state and what to do. An event that does not concern the state changes nothing.
    #[must_use]
    pub fn step(self, steps: Steps, event: Event) -> (Self, Option<Effect>) {
        match (self, event) {
            (Self::Requested, Event::Start) => (Self::Entering, Some(Effect::Enter)),
            (Self::Requested, Event::Stop { .. }) => refused(Refusal::Stopped),
            (Self::Entering, event) => entering(steps, event),
            (Self::Waiting, event) => waiting(steps, event),
            (Self::Leaving(verdict), event) => leaving(verdict, event),
            (Self::Migrating, event) => migrating(steps, event),
            (Self::RollingOut, event) => rolling_out(steps, event),
            (Self::Checking, event) => checking(steps, event),
            (Self::Testing(health), event) => testing(steps, health, event),
            (Self::Confirming(health), event) => confirming(steps, health, event),
            (Self::Restoring(outcome), event) => restoring(steps, outcome, event),
            (Self::Reverting(outcome), event) => reverting(outcome, event),
            (Self::Committing(outcome), event) => committing(steps, outcome, event),
            (state, _) => (state, None),
        }
    }
}

type Step = (State, Option<Effect>);

fn entering(steps: Steps, event: Event) -> Step {
    match event {
        Event::Claimed { stopped } => claimed(steps, stopped),
        Event::Queued { stopped: None } => (State::Waiting, Some(Effect::AwaitTurn)),
        Event::Queued { stopped: Some(by) } => stop_waiting(Cancellation::Stopped { by }),
        Event::Refused(refusal) => refused(refusal),
        Event::EntryUnknown(doubt) => unknown(doubt),
        _ => (State::Entering, None),
    }
}

fn waiting(steps: Steps, event: Event) -> Step {
    match event {
        Event::Claimed { stopped } => claimed(steps, stopped),
        Event::Stop { by } => stop_waiting(Cancellation::Stopped { by }),
        Event::WaitedTooLong { waited, held_back: Some(why), .. } => {
            stop_waiting(Cancellation::StillTooEarly { waited, why })
        }
        Event::WaitedTooLong { waited, holder, lease, held_back: None } => {
            stop_waiting(Cancellation::WaitedTooLong { waited, holder, lease })
        }
        Event::TurnRefused(faults) => {
            let rules = faults.iter().map(|fault| fault.rule).collect();
            let reason = Cancellation::Forbidden { rules };
            let verdict = Verdict::Refused(Refusal::Forbidden(faults));
            (State::Leaving(verdict), Some(Effect::Leave(reason)))
        }
        Event::PassedOver { said } => passed_over(said),
        Event::EntryUnknown(doubt) => unknown(doubt),
        _ => (State::Waiting, None),
    }
}

fn passed_over(said: String) -> Step {
    let (reason, back) = (Cancellation::ByOthers { said }, Back::Unchanged);
    (State::Done(Verdict::Recorded(Outcome::Cancelled { reason, back })), None)
}

fn stop_waiting(reason: Cancellation) -> Step {
    let back = Back::Unchanged;
    let verdict = Verdict::Recorded(Outcome::Cancelled { reason: reason.clone(), back });
    (State::Leaving(verdict), Some(Effect::Leave(reason)))
}

fn leaving(verdict: Verdict, event: Event) -> Step {
    match event {
        Event::Left => (State::Done(verdict), None),
        Event::PassedOver { said } => match verdict {
            Verdict::Recorded(_) => passed_over(said),
            refused => (State::Done(refused), None),
        },
        Event::CommitUnknown(why) | Event::CommitRefused(why) => unknown(Doubt::PlaceKept(why)),
        _ => (State::Leaving(verdict), None),
    }
}

fn claimed(steps: Steps, stopped: Option<String>) -> Step {
    match stopped {
        Some(by) => commit(stopped_by(by)),
        None if steps.migrations => (State::Migrating, Some(Effect::Migrate)),
        None => migrated(steps),
    }
}

fn migrating(steps: Steps, event: Event) -> Step {
    match event {
        Event::Migrated(Ok(())) => migrated(steps),
        // Those that ran before the one that failed are rolled back, as nothing is in service that needs them.
        Event::Migrated(Err(why)) => {
            let reason = Failure::Migration(why);
            revert(steps, Outcome::Failed { reason, health: None, back: Back::Unchanged })
        }
        Event::Stop { by } => revert(steps, stopped_by(by)),
        Event::LeaseLost { holder } => lost(holder),
        _ => (State::Migrating, None),
    }
}

/// Nothing stands before the version any more.
fn migrated(steps: Steps) -> Step {
    if steps.target { (State::RollingOut, Some(Effect::RollOut)) } else { in_service(steps) }
}

/// The version runs, as far as the target says.
fn in_service(steps: Steps) -> Step {
    if steps.health_check {
        (State::Checking, Some(Effect::CheckHealth))
    } else if steps.tests {
        (State::Testing(None), Some(Effect::Test))
    } else {
        commit(Outcome::Succeeded { health: None })
    }
}

/// Everything passed, and that took time.
fn passed(steps: Steps, health: Option<Health>) -> Step {
    if steps.target {
        (State::Confirming(health), Some(Effect::Confirm))
    } else {
        commit(Outcome::Succeeded { health })
    }
}

fn rolling_out(steps: Steps, event: Event) -> Step {
    match event {
        Event::RolledOut(Rolled::Out) => in_service(steps),
        Event::RolledOut(rolled) => not_in_service(steps, rolled, None),
        Event::Stop { by } => restore(stopped_by(by)),
        Event::LeaseLost { holder } => lost(holder),
        _ => (State::RollingOut, None),
    }
}

fn not_in_service(steps: Steps, rolled: Rolled, health: Option<Health>) -> Step {
    let failed = |reason, health, back| {
        let reason = Failure::Target(reason);
        Outcome::Failed { reason, health, back }
    };
    match rolled {
        Rolled::Out => commit(Outcome::Succeeded { health }),
        Rolled::Untouched { reason } => revert(steps, failed(reason, health, Back::Unchanged)),
        Rolled::Failed { reason } | Rolled::RollingBack { reason } => {
            restore(failed(reason, health, Back::Unchanged))
        }
        Rolled::Replaced { reason } => {
            commit(failed(reason, health, Back::Not(NotBack::Theirs(None))))
        }
        Rolled::Unknown { reason } => unknown(Doubt::Target(reason)),
    }
}

fn checking(steps: Steps, event: Event) -> Step {
    match event {
        Event::HealthChecked(health @ Health::Passed { .. }) if steps.tests => {
            (State::Testing(Some(health)), Some(Effect::Test))
        }
        Event::HealthChecked(health @ Health::Passed { .. }) => passed(steps, Some(health)),
        Event::HealthChecked(Health::Failed(why)) => {
            let health = Some(Health::Failed(why.clone()));
            let reason = Failure::Unhealthy(why);
            end(steps, Outcome::Failed { reason, health, back: Back::Unchanged })
        }
        Event::Stop { by } => end(steps, stopped_by(by)),
        Event::LeaseLost { holder } => lost(holder),
        _ => (State::Checking, None),
    }
}

fn testing(steps: Steps, health: Option<Health>, event: Event) -> Step {
    match event {
        Event::Tested(Ok(())) => passed(steps, health),
        Event::Tested(Err(why)) => {
            let reason = Failure::Tests(why);
            end(steps, Outcome::Failed { reason, health, back: Back::Unchanged })
        }
        Event::Stop { by } => end(steps, stopped_by(by)),
        Event::LeaseLost { holder } => lost(holder),
        _ => (State::Testing(health), None),
    }
}

fn confirming(steps: Steps, health: Option<Health>, event: Event) -> Step {
    match event {
        Event::Confirmed(rolled) => not_in_service(steps, rolled, health),
        Event::Stop { by } => end(steps, stopped_by(by)),
        Event::LeaseLost { holder } => lost(holder),
        _ => (State::Confirming(health), None),
    }
}

fn restoring(steps: Steps, outcome: Outcome, event: Event) -> Step {
    match event {
        Event::Restored(restored) => match Back::from(restored) {
            // The version is out of service, whatever came in its place.
            back @ Back::Not(NotBack::AsFound(_)) => revert(steps, outcome.with_back(back)),
            // What may still be in service may need what its migrations made.
            back @ Back::Not(_) => commit(outcome.with_back(back)),
            back => revert(steps, outcome.with_back(back)),
        },
        Event::LeaseLost { holder } => {
            unknown(Doubt::NotPutBack { outcome: Box::new(outcome), by: holder })
        }
        // A second interruption changes nothing: what is being put back has to be put back.
        _ => (State::Restoring(outcome), None),
    }
}

fn reverting(outcome: Outcome, event: Event) -> Step {
    match event {
        Event::Reverted(Ok(())) => commit(outcome),
        Event::Reverted(Err(why)) => {
            commit(outcome.with_back(Back::Not(NotBack::Migrations(Box::new(why)))))
        }
        Event::LeaseLost { holder } => {
            unknown(Doubt::NotPutBack { outcome: Box::new(outcome), by: holder })
        }
        // As with what is put back, a second interruption changes nothing.
        _ => (State::Reverting(outcome), None),
    }
}

fn committing(steps: Steps, outcome: Outcome, event: Event) -> Step {
    match event {
        Event::Committed => (State::Done(Verdict::Recorded(outcome)), None),
        Event::CommitRefused(source) => match outcome {
            Outcome::Succeeded { health } => {
                let reason = Failure::Unrecorded(source);
                end(steps, Outcome::Failed { reason, health, back: Back::Unchanged })
            }
            ended => unknown(Doubt::Unrecorded { outcome: Box::new(ended), source }),
        },
        Event::LeaseLost { holder } => {
            unknown(Doubt::Late { outcome: Box::new(outcome), by: holder })
        }
        Event::CommitUnknown(source) => {
            unknown(Doubt::Recorded { outcome: Box::new(outcome), source })
        }
        // Too late to cancel: the answer to the transaction decides.
        _ => (State::Committing(outcome), None),
    }
}

/// The end of work that did not go well: put back what was changed first.
fn end(steps: Steps, outcome: Outcome) -> Step {
    if steps.target { restore(outcome) } else { revert(steps, outcome) }
}

/// The end of work that left nothing in service: the migrations go back, where there are any.
fn revert(steps: Steps, outcome: Outcome) -> Step {
    if steps.migrations {
        (State::Reverting(outcome), Some(Effect::Revert))
    } else {
        commit(outcome)
    }
}

fn restore(outcome: Outcome) -> Step {
    (State::Restoring(outcome), Some(Effect::Restore))
}

fn commit(outcome: Outcome) -> Step {
    (State::Committing(outcome.clone()), Some(Effect::Commit(Box::new(outcome))))
}

fn refused(refusal: Refusal) -> Step {
    (State::Done(Verdict::Refused(refusal)), None)
}

fn unknown(reason: Doubt) -> Step {
    (State::Done(Verdict::Unknown { reason, resolution: None }), None)
}

fn lost(by: Option<Holder>) -> Step {
    unknown(Doubt::Superseded { by })
}

fn stopped_by(by: String) -> Outcome {
    Outcome::Cancelled { reason: Cancellation::Stopped { by }, back: Back::Unchanged }
}
