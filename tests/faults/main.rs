//! Deployments to an ECS that fails in every way that is known: a table of cases, each with the
//! verdict it must give.
//!
//! Each case goes through the whole deployer, over a ledger in memory and an ECS over HTTP. After it the
//! verdict, the record, the environment's tag and ECS itself have to agree.

#![allow(clippy::unwrap_used, reason = "a sample that cannot be made is a failed test")]

mod case;
mod clock;
mod copy;
mod ledger;
mod run;
mod spy;
mod table;

use std::sync::{Mutex, PoisonError};
use std::thread;

use pipeline_acceptance::{Failure, Outcome};

/// So many cases run at a time: each has a clock of its own, and mostly waits for answers.
const AT_A_TIME: usize = 4;

#[test]
fn every_fault_gets_its_verdict() -> Outcome {
    let cases = table::cases();
    let (next, wrong) = (Mutex::new(cases.iter()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while let Some(case) =
                    { next.lock().unwrap_or_else(PoisonError::into_inner).next() }
                {
                    wrong
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .extend(run::run(case).err());
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap_or_else(PoisonError::into_inner);
    eprintln!("{} fault cases, {} wrong verdicts", cases.len(), wrong.len());
    if wrong.is_empty() { Ok(()) } else { Err(Failure::new(wrong.join("\n"))) }
}
