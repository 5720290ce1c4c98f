//! The simulator of deployments, built for speed and run with the arguments of the caller.

use clap::Args;
use pipeline_acceptance::Outcome;

use crate::cargo::{aloud, cargo};

/// Which schedules to run.
#[derive(Args)]
pub(crate) struct Schedules {
    /// How many schedules.
    #[arg(long)]
    seeds: Option<u64>,
    /// The first seed.
    #[arg(long)]
    from: Option<u64>,
    /// How many deployers a schedule has at most.
    #[arg(long)]
    deployers: Option<u64>,
    /// How many threads.
    #[arg(long)]
    jobs: Option<u64>,
    /// Replay the schedule of this seed, and print everything that happens.
    #[arg(long, conflicts_with_all = ["seeds", "from", "jobs"])]
    seed: Option<u64>,
}

/// Runs the simulator.
pub(crate) fn run(schedules: &Schedules) -> Outcome {
    let Schedules { seeds, from, deployers, jobs, seed } = *schedules;
    let mut run = cargo();
    run.args([
        "run",
        "--quiet",
        "--profile",
        "simulation",
        "--package",
        "pipeline-simulation",
        "--",
    ]);
    let named = [
        ("--seeds", seeds),
        ("--from", from),
        ("--deployers", deployers),
        ("--jobs", jobs),
        ("--seed", seed),
    ];
    for (name, value) in named {
        run.args(value.map(|value| [name.to_owned(), value.to_string()]).into_iter().flatten());
    }
    aloud(&mut run)
}
