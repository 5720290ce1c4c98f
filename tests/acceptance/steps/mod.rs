//! A deployment that is cut off at every step it takes, by Ctrl-C or by `kill -9`: the record tells the
//! truth, the environment is free, and the next deployment goes through.
//!
//! The real provider is driven over its protocol, and a git server holds its requests, so that each
//! blow falls exactly where the table says.

mod case;

use std::sync::Mutex;
use std::sync::PoisonError;
use std::thread;

use case::{Blow, Case, Step};
use pipeline_acceptance::git_server::available;
use pipeline_acceptance::scene::skipped;
use pipeline_acceptance::{Failure, Outcome};

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

#[test]
fn cut_off_at_any_step_a_deployment_leaves_the_truth_and_a_free_environment() -> Outcome {
    if !available() {
        skipped("cut_off_at_any_step…", "git has no http-backend on this machine");
        return Ok(());
    }
    let stage = Stage::new(3)?;
    let (rows, failures) = (Mutex::new(TABLE.iter()), Mutex::new(Vec::new()));
    let lock = PoisonError::into_inner;
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(case) = { rows.lock().unwrap_or_else(lock).next() } {
                    if let Err(failure) = case.play(&stage) {
                        let told = format!("{:?}, {:?}: {failure}", case.step, case.blow);
                        failures.lock().unwrap_or_else(PoisonError::into_inner).push(told);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap_or_else(PoisonError::into_inner);
    if failures.is_empty() { Ok(()) } else { Err(Failure::new(failures.join("\n\n"))) }
}
