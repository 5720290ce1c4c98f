//! Many schedules, by several threads, each with seeds of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::lock::lock;
use crate::{Failure, Outcome, Promise, run};

/// Which schedules to run.
#[derive(Debug, Clone, Copy)]
pub struct Campaign {
    /// The first seed.
    pub from: u64,
    /// How many.
    pub seeds: u64,
    /// How many deployers a schedule has at most.
    pub deployers: usize,
    /// How many threads run them.
    pub jobs: usize,
}

/// What came of the schedules so far.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// How many were run.
    pub schedules: u64,
    /// How many deployers they had together.
    pub deployers: u64,
    /// How many of them shared their process with others.
    pub neighbours: u64,
    /// How many transactions happened.
    pub commits: u64,
    /// How many things happened.
    pub events: u64,
    /// As [`Outcome::ends`].
    pub ends: [u64; 5],
    /// As [`Outcome::locks`].
    pub locks: [u64; 2],
    /// How long they took by their own clocks.
    pub simulated: Duration,
    /// Those in which a promise was broken.
    pub broken: Vec<Outcome>,
    /// In how many schedules which promise was broken.
    pub promises: BTreeMap<Promise, u64>,
    /// Those that could not begin, and why.
    pub failures: Vec<(u64, String)>,
}

/// The tally now and then, and for how long it has been counted.
pub type Progress<'a> = &'a (dyn Fn(&Tally, Duration) + Sync);

impl Campaign {
    /// Runs them all; `tell` hears of the progress about once a second.
    #[must_use]
    pub fn run(&self, tell: Progress<'_>) -> (Tally, Duration) {
        let (next, tally) = (AtomicU64::new(self.from), Mutex::new(Tally::default()));
        let (begun, told) = (Instant::now(), Mutex::new(Duration::ZERO));
        let end = self.from.saturating_add(self.seeds);
        std::thread::scope(|scope| {
            for _ in 0..self.jobs.max(1) {
                scope.spawn(|| {
                    loop {
                        let seed = next.fetch_add(1, Ordering::Relaxed);
                        if seed >= end {
                            return;
                        }
                        let outcome = run(seed, self.deployers, false);
                        let mut tally = lock(&tally);
                        tally.add(seed, outcome);
                        let (mut told, now) = (lock(&told), begun.elapsed());
                        if now.saturating_sub(*told) > Duration::from_secs(1) {
                            *told = now;
                            tell(&tally, now);
                        }
                    }
                });
            }
        });
        let tally = std::mem::take(&mut *lock(&tally));
        (tally, begun.elapsed())
    }
}

impl Tally {
    fn add(&mut self, seed: u64, outcome: Result<Outcome, Failure>) {
        self.schedules += 1;
        match outcome {
            Ok(outcome) => self.count(outcome),
            Err(failure) => self.failures.push((seed, failure.to_string())),
        }
    }

    fn count(&mut self, outcome: Outcome) {
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        self.deployers += number(outcome.deployers);
        self.neighbours += number(outcome.neighbours);
        self.commits += outcome.commits;
        self.events += outcome.events;
        self.simulated += outcome.took;
        for (sum, count) in self.ends.iter_mut().zip(outcome.ends) {
            *sum += number(count);
        }
        for (sum, count) in self.locks.iter_mut().zip(outcome.locks) {
            *sum += number(count);
        }
        let broken: BTreeSet<_> = outcome.breaches.iter().map(|breach| breach.promise).collect();
        for promise in broken {
            *self.promises.entry(promise).or_default() += 1;
        }
        if !outcome.breaches.is_empty() {
            self.broken.push(outcome);
        }
    }

    /// Whether every promise was kept in every schedule.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.broken.is_empty() && self.failures.is_empty()
    }
}
