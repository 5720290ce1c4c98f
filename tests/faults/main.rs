//! Deployments to an ECS that fails in every way that is known: a table of cases, each with the
//! verdict it must give.
//!
//! Each case goes through the whole deployer, over a ledger in memory and an ECS over HTTP. After it the
//! verdict, the record, the environment's tag and ECS itself have to agree.

#![allow(clippy::unwrap_used, reason = "a sample that cannot be made is a failed test")]

mod case;
mod copy;
mod ledger;
mod run;
mod spy;
mod table;

use std::sync::Arc;

use case::Case;
use pipeline_acceptance::{Failure, Outcome};
use run::{patience, run};
use tokio::sync::Semaphore;

/// So many cases run at a time: each mostly waits, but none may wait for the machine.
const AT_A_TIME: usize = 16;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_fault_gets_its_verdict() -> Outcome {
    let patience = patience().await?;
    let mut cases: Vec<Case> = table::cases();
    // Those that wait begin first.
    cases.sort_by_key(|case| !case.is_short);
    let count = cases.len();
    let places = Arc::new(Semaphore::new(AT_A_TIME));
    let start = |case| {
        let places = Arc::clone(&places);
        tokio::spawn(async move {
            let _place = places.acquire_owned().await.map_err(|closed| closed.to_string())?;
            run(case, patience).await
        })
    };
    let runs: Vec<_> = cases.into_iter().map(start).collect();
    let mut wrong = Vec::new();
    for one in runs {
        wrong.extend(one.await.map_err(|error| error.to_string())?.err());
    }
    eprintln!("{count} fault cases, {} wrong verdicts", wrong.len());
    if wrong.is_empty() { Ok(()) } else { Err(Failure::new(wrong.join("\n"))) }
}
