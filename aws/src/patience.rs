//! How long a service of AWS is asked, and how often.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::time::Duration;

use tokio::time::Instant;

/// A pause after a fault grows to at most this many times the plain one.
const MOST_DOUBLINGS: u32 = 4;

/// The first pause between two looks is this part of the plain one: what ends soon is seen soon.
const FIRST_PART: u32 = 16;

/// The time that one piece of work may take, and the pauses within it.
#[derive(Debug)]
pub(crate) struct Patience {
    limit: Instant,
    interval: Duration,
    attempts: u32,
    next: Duration,
    faults: u32,
}

impl Patience {
    /// Patience for so long from now, in which a call that nothing depends on is made so often at most.
    pub(crate) fn new(timeout: Duration, interval: Duration, attempts: u32) -> Self {
        let (limit, next) = (Instant::now() + timeout, interval / FIRST_PART);
        Self { limit, interval, attempts, next, faults: 0 }
    }

    /// Asks until there is an answer that another try would not change. `may_pass` says of which faults that can be
    /// hoped.
    pub(crate) async fn ask<T, E, F>(
        &mut self,
        call: impl Fn() -> F,
        may_pass: impl Fn(&E) -> bool,
    ) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
    {
        let mut attempt = 1;
        loop {
            match call().await {
                Err(fault) if may_pass(&fault) && attempt < self.attempts && !self.is_over() => {
                    self.back_off().await;
                    attempt += 1;
                }
                answer => return answer,
            }
        }
    }

    /// Whether the time is up.
    pub(crate) fn is_over(&self) -> bool {
        Instant::now() >= self.limit
    }

    /// Waits until the next look at something that goes on: half as long again each time, up to the
    /// plain pause.
    pub(crate) async fn rest(&mut self) {
        self.faults = 0;
        self.sleep(self.next).await;
        self.next = (self.next * 3 / 2).min(self.interval);
    }

    /// Waits the plain pause, before a look that has to prove something.
    pub(crate) async fn pause(&mut self) {
        self.faults = 0;
        self.sleep(self.interval).await;
    }

    /// Waits after a fault: longer each time in a row, and not as long as others who met with the
    /// same one.
    pub(crate) async fn back_off(&mut self) {
        let longest = self.interval * (1 << self.faults.min(MOST_DOUBLINGS));
        self.faults += 1;
        let part = RandomState::new().hash_one(self.faults) % 1000;
        let part = u32::try_from(part).unwrap_or_default();
        self.sleep(longest / 2 + longest / 2 * part / 1000).await;
    }

    async fn sleep(&self, time: Duration) {
        // Never past the limit by more than a moment: a last look is still worth having then.
        tokio::time::sleep_until((Instant::now() + time).min(self.limit)).await;
    }
}
