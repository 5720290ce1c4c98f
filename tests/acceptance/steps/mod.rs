//! A deployment that is cut off at every step it takes, by Ctrl-C or by `kill -9`: the record tells the
//! truth, the environment is free, and the next deployment goes through.
//!
//! The real provider is driven over its protocol, and a git server holds its requests, so that each
//! blow falls exactly where the table says.

mod case;
mod rollout;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

pub(crate) use case::expect;
use case::{Blow, Case, Step};
use pipeline_acceptance::git_server::available;
use pipeline_acceptance::scene::skipped;
use pipeline_acceptance::{Failure, Outcome};
use rollout::Step::{
    Asking, AskingInVain, Checking, Committing, Following, Registering, Restoring,
};
use rollout::{NEW, OLD};

use crate::team::Stage;

/// How many cases run at once: they mostly wait.
const AT_ONCE: usize = 6;

/// Every step and every blow, with what is on record in the end.
#[rustfmt::skip]
const TABLE: &[Case] = &[
    // Nothing was written yet.
    Case { step: Step::Looking,    blow: Blow::CtrlC,      on_record: None },
    Case { step: Step::Looking,    blow: Blow::Kill,       on_record: None },
    // The environment is free, and the claim is on its way.
    Case { step: Step::Entering,   blow: Blow::CtrlC,      on_record: Some("cancelled") },
    Case { step: Step::Entering,   blow: Blow::Kill,       on_record: Some("failed") },
    Case { step: Step::Entering,   blow: Blow::KillAndCut, on_record: None },
    // Somebody holds it, and the place in the queue is on its way.
    Case { step: Step::Queueing,   blow: Blow::CtrlC,      on_record: Some("cancelled") },
    Case { step: Step::Queueing,   blow: Blow::Kill,       on_record: Some("cancelled") },
    Case { step: Step::Queueing,   blow: Blow::KillAndCut, on_record: None },
    Case { step: Step::Waiting,    blow: Blow::CtrlC,      on_record: Some("cancelled") },
    Case { step: Step::Waiting,    blow: Blow::Kill,       on_record: Some("cancelled") },
    // It was our turn, and the claim is on its way.
    Case { step: Step::Claiming,   blow: Blow::CtrlC,      on_record: Some("cancelled") },
    Case { step: Step::Claiming,   blow: Blow::Kill,       on_record: Some("failed") },
    Case { step: Step::Claiming,   blow: Blow::KillAndCut, on_record: Some("cancelled") },
    Case { step: Step::Checking,   blow: Blow::CtrlC,      on_record: Some("cancelled") },
    Case { step: Step::Checking,   blow: Blow::Kill,       on_record: Some("failed") },
    // All is well, and the success is on its way: what is sent cannot be taken back.
    Case { step: Step::Committing, blow: Blow::CtrlC,      on_record: Some("succeeded") },
    Case { step: Step::Committing, blow: Blow::Kill,       on_record: Some("succeeded") },
    Case { step: Step::Committing, blow: Blow::KillAndCut, on_record: Some("failed") },
];

/// The same where a service of ECS is changed: nothing that was not confirmed stays in service, unless the
/// process is gone.
#[rustfmt::skip]
const ROLLOUTS: &[rollout::Case] = &[
    rollout::Case { step: Registering,  blow: Blow::CtrlC,      on_record: "cancelled", left: OLD },
    rollout::Case { step: Registering,  blow: Blow::Kill,       on_record: "failed",    left: OLD },
    rollout::Case { step: Asking,       blow: Blow::CtrlC,      on_record: "cancelled", left: OLD },
    rollout::Case { step: Asking,       blow: Blow::Kill,       on_record: "failed",    left: OLD },
    rollout::Case { step: AskingInVain, blow: Blow::CtrlC,      on_record: "cancelled", left: OLD },
    rollout::Case { step: AskingInVain, blow: Blow::Kill,       on_record: "failed",    left: NEW },
    rollout::Case { step: Following,    blow: Blow::CtrlC,      on_record: "cancelled", left: OLD },
    rollout::Case { step: Following,    blow: Blow::Kill,       on_record: "failed",    left: NEW },
    rollout::Case { step: Checking,     blow: Blow::CtrlC,      on_record: "cancelled", left: OLD },
    rollout::Case { step: Checking,     blow: Blow::Kill,       on_record: "failed",    left: NEW },
    // The health check failed: that is what is recorded, whoever interrupts.
    rollout::Case { step: Restoring,    blow: Blow::CtrlC,      on_record: "failed",    left: OLD },
    rollout::Case { step: Restoring,    blow: Blow::Kill,       on_record: "failed",    left: OLD },
    rollout::Case { step: Committing,   blow: Blow::KillAndCut, on_record: "failed",    left: NEW },
];

/// Plays all rows of a table, several at once, and tells what went wrong in which.
fn play_all<C: Sync>(
    table: &[C],
    play: impl Fn(&C) -> Outcome + Sync,
    told: impl Fn(&C) -> String + Sync,
) -> Outcome {
    let wrong = wrong_rows(table, AT_ONCE, play, told);
    if wrong.is_empty() { Ok(()) } else { Err(Failure::new(wrong.join("\n\n"))) }
}

/// Plays all rows of a table, so many at once: what went wrong, row by row.
pub(crate) fn wrong_rows<C: Sync>(
    table: &[C],
    at_once: usize,
    play: impl Fn(&C) -> Outcome + Sync,
    told: impl Fn(&C) -> String + Sync,
) -> Vec<String> {
    let (rows, failures) = (Mutex::new(table.iter()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                while let Some(case) = { lock(&rows).next() } {
                    if let Err(failure) = play(case) {
                        lock(&failures).push(format!("{}: {failure}", told(case)));
                    }
                }
            });
        }
    });
    failures.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether git serves HTTP here; says so where it does not.
fn is_served(test: &str) -> bool {
    if !available() {
        skipped(test, "git has no http-backend on this machine");
    }
    available()
}

#[test]
fn cut_off_at_any_step_a_deployment_leaves_the_truth_and_a_free_environment() -> Outcome {
    if !is_served("cut_off_at_any_step…") {
        return Ok(());
    }
    let stage = Stage::new(3)?;
    play_all(TABLE, |case| case.play(&stage), |case| format!("{:?}, {:?}", case.step, case.blow))
}

#[test]
fn cut_off_at_any_step_of_a_rollout_the_service_is_put_back_or_the_next_one_sees_to_it() -> Outcome
{
    if !is_served("cut_off_at_any_step_of_a_rollout…") {
        return Ok(());
    }
    let stage = Stage::new(3)?;
    play_all(ROLLOUTS, |case| case.play(&stage), |case| format!("{:?}, {:?}", case.step, case.blow))
}
