//! Sixteen processes of the provider, one environment, one remote, and some of them are killed: who
//! came first is served first, never two at once, and nothing of it is lost.
//!
//! Who dies when is thrown with a seed, which every failure names; `PIPELINE_SEED` sets it.

mod contest;
mod fates;
mod gate;
mod history;
mod judge;

use std::thread;
use std::time::Instant;

use contest::Contest;
use pipeline_acceptance::git_server::available;
use pipeline_acceptance::scene::{noted, skipped};
use pipeline_acceptance::{Failure, Outcome};

use crate::team::Way;

/// How many contend.
const PROCESSES: usize = 16;

/// How long they hold the environment without a sign of life, in seconds: what each who is killed
/// costs, and how long a slow machine may stop for.
const LEASE: i64 = 3;

/// The seeds to run: two of them, or the one that was asked for.
fn seeds() -> Vec<u64> {
    let asked = std::env::var("PIPELINE_SEED").ok().and_then(|seed| seed.parse().ok());
    asked.map_or_else(|| vec![1, 2], |seed| vec![seed])
}

fn run(way: Way, seed: u64, lease: i64) -> Outcome {
    let begun = Instant::now();
    let contest = Contest::new(way, seed, lease)?;
    let story = contest.run()?;
    let verdict = judge::judge(&story)?;
    noted(&format!("contention, {way:?}, seed {seed}: {verdict}, {:.1?}", begun.elapsed()));
    Ok(())
}

/// Runs all seeds, each failure with its own.
fn run_all(way: Way, lease: i64) -> Outcome {
    let one = |seed| {
        let failed = |failure| Failure::new(format!("seed {seed}, {way:?}: {failure}"));
        run(way, seed, lease).map_err(failed)
    };
    thread::scope(|scope| {
        let runs: Vec<_> = seeds().into_iter().map(|seed| scope.spawn(move || one(seed))).collect();
        runs.into_iter().try_for_each(|run| {
            run.join().unwrap_or_else(|_| Err(Failure::new("a contest panicked")))
        })
    })
}

#[test]
fn sixteen_contend_for_an_environment_in_a_folder() -> Outcome {
    run_all(Way::Files, LEASE)
}

#[test]
fn sixteen_contend_for_an_environment_on_a_server() -> Outcome {
    if !available() {
        skipped("sixteen_contend…on_a_server", "git has no http-backend on this machine");
        return Ok(());
    }
    run_all(Way::Http, LEASE)
}
