//! Tests run again and again: in rounds of all of them, as many at a time as the machine has cores,
//! each in a process of its own, so that its time and its output are its own.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use pipeline_acceptance::Outcome;

use super::program::Test;
use super::table::{self, Tally};
use crate::screen;

/// How many tests run at a time: what `RUST_TEST_THREADS` says, as in cargo's own runs, else as many as
/// there are cores.
fn at_a_time() -> usize {
    let asked = std::env::var("RUST_TEST_THREADS").ok().and_then(|value| value.parse().ok());
    asked.filter(|count| *count > 0).unwrap_or_else(cores)
}

/// How many cores this machine has.
pub(super) fn cores() -> usize {
    thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Tests and their rounds.
pub(super) struct Repeat<'a> {
    pub(super) tests: Vec<Test<'a>>,
    pub(super) rounds: u32,
    /// Where the output of failed runs is kept.
    pub(super) folder: PathBuf,
}

/// How one run of a test ended.
struct Run {
    took: Duration,
    output: Output,
}

impl Repeat<'_> {
    /// Runs all rounds; each test by the command that `command` makes of it.
    pub(super) fn run(&self, command: impl Fn(&Test<'_>) -> Command + Sync) -> Outcome {
        let tallies: Vec<_> =
            self.tests.iter().map(|test| Mutex::new(Tally::new(test.title()))).collect();
        for round in 1..=self.rounds {
            let start = Instant::now();
            let failed = self.round(round, &tallies, &command)?;
            if self.rounds > 1 {
                let (of, took) = (self.rounds, screen::time(start.elapsed()));
                let text = format!("round {round} of {of}: {failed} failed, {took}");
                if failed == 0 { screen::good(&text) } else { screen::bad(&text) }
            }
        }
        let tallies: Vec<_> = tallies
            .into_iter()
            .map(|tally| tally.into_inner().unwrap_or_else(PoisonError::into_inner))
            .collect();
        if self.rounds > 1 {
            table::print(&tallies);
        }
        table::verdict(&tallies)
    }

    /// One round; how many tests failed in it.
    fn round(
        &self,
        number: u32,
        tallies: &[Mutex<Tally>],
        command: &(impl Fn(&Test<'_>) -> Command + Sync),
    ) -> Outcome<usize> {
        let next = Mutex::new(self.tests.iter().zip(tallies));
        let one_after_another = || {
            let mut failed = 0;
            loop {
                let taken = next.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some((test, tally)) = taken else { return Ok(failed) };
                let run = Run::of(&mut command(test))?;
                failed += usize::from(!run.output.status.success());
                self.note(test, number, tally, &run)?;
            }
        };
        let results: Vec<Outcome<usize>> = thread::scope(|scope| {
            let workers: Vec<_> =
                (0..at_a_time()).map(|_| scope.spawn(one_after_another)).collect();
            let joined = workers.into_iter().map(|worker| {
                worker.join().unwrap_or_else(|_| Err("a thread that runs tests panicked".into()))
            });
            joined.collect()
        });
        results.into_iter().sum()
    }

    /// Counts a run, keeps what a failed one said, and shows it the first time.
    fn note(&self, test: &Test<'_>, round: u32, tally: &Mutex<Tally>, run: &Run) -> Outcome {
        let passed = run.output.status.success();
        let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.count(passed, run.took);
        let line = format!("{} {}", test.title(), screen::time(run.took));
        if passed {
            if self.rounds == 1 {
                screen::good(&line);
            }
            if round == 1 {
                // What a test says past its harness is meant for whoever watches.
                let said = String::from_utf8_lossy(&run.output.stderr);
                said.lines().for_each(|line| screen::line(&format!("    {line}")));
            }
            return Ok(());
        }
        let log = test.log(&self.folder, round)?;
        let said = [run.output.stdout.as_slice(), &run.output.stderr].concat();
        std::fs::write(&log, &said)?;
        screen::bad(&line);
        if tally.failed == 1 {
            screen::line(String::from_utf8_lossy(&said).trim_end());
        }
        screen::line(&format!("    kept in {}", log.display()));
        Ok(())
    }
}

impl Run {
    fn of(command: &mut Command) -> Outcome<Self> {
        let start = Instant::now();
        let output = command.stdin(Stdio::null()).output()?;
        Ok(Self { took: start.elapsed(), output })
    }
}
