//! The simulator as a program: runs many schedules and says which promises were broken, or replays one
//! with everything that happened in it.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use pipeline_simulation::{Campaign, Failure, Outcome, Tally, run};

/// How many broken schedules are told in full.
const SHOWN: usize = 25;

/// Runs seeded schedules of many deployers against one ledger in memory, and checks every promise.
#[derive(Parser)]
struct Arguments {
    /// How many schedules.
    #[arg(long, default_value_t = 10_000)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// How many deployers a schedule has at most.
    #[arg(long, default_value_t = 200)]
    deployers: usize,
    /// How many threads.
    #[arg(long)]
    jobs: Option<usize>,
    /// Replay the schedule of this seed, and print everything that happens.
    #[arg(long, conflicts_with_all = ["seeds", "from", "jobs"])]
    seed: Option<u64>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let clean = match arguments.seed {
        Some(seed) => replay(seed, arguments.deployers),
        None => Ok(campaign(&arguments)),
    };
    match clean {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            line(&format!("error: {failure}"));
            ExitCode::FAILURE
        }
    }
}

/// A reader that has gone away ends nothing.
fn line(text: &str) {
    drop(writeln!(std::io::stdout(), "{text}"));
}

fn replay(seed: u64, deployers: usize) -> Result<bool, Failure> {
    let outcome = run(seed, deployers, true)?;
    for happened in &outcome.lines {
        line(happened);
    }
    tell_broken(&outcome);
    line(&format!("seed {seed}: {} broken promises", outcome.breaches.len()));
    Ok(outcome.breaches.is_empty())
}

fn campaign(arguments: &Arguments) -> bool {
    let jobs = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let Arguments { from, seeds, deployers, jobs: wanted, .. } = *arguments;
    let jobs = wanted.unwrap_or(jobs);
    let (tally, took) = Campaign { from, seeds, deployers, jobs }.run(&tell);
    tell(&tally, took);
    for outcome in tally.broken.iter().take(SHOWN) {
        tell_broken(outcome);
    }
    for (seed, failure) in tally.failures.iter().take(SHOWN) {
        line(&format!("seed {seed} could not be run: {failure}"));
    }
    let mut seeds: Vec<u64> = tally.broken.iter().map(|outcome| outcome.seed).collect();
    seeds.sort_unstable();
    for (promise, count) in &tally.promises {
        line(&format!("{promise:?} was broken in {count} schedules"));
    }
    if !seeds.is_empty() {
        line(&format!("broken in {seeds:?}; replay one with `cargo xtask simulate --seed <seed>`"));
    }
    tally.is_clean()
}

fn tell_broken(outcome: &Outcome) {
    for breach in &outcome.breaches {
        line(&format!("seed {}, {} deployers: {breach}", outcome.seed, outcome.deployers));
    }
}

fn tell(tally: &Tally, took: Duration) {
    let per_second = |count: u64| {
        let count = u32::try_from(count).map_or(f64::from(u32::MAX), f64::from);
        count / took.as_secs_f64().max(0.001)
    };
    let Tally { schedules, deployers, neighbours, commits, ends, locks, broken, .. } = tally;
    let [locked, aside] = locks;
    let [succeeded, ended, refused, unknown, died] = ends;
    line(&format!(
        "{schedules} schedules in {:.0} s ({:.0}/s), {deployers} deployers, {neighbours} of them in \
         a process with others, {commits} commits ({:.0}/s), {succeeded} succeeded, {ended} failed \
         or cancelled, {refused} refused, {unknown} unknown, {died} died; {locked} locks, {aside} put aside; {} hours simulated; {} \
         schedules broken",
        took.as_secs_f64(),
        per_second(*schedules),
        per_second(*commits),
        tally.simulated.as_secs() / 3_600,
        broken.len()
    ));
}
