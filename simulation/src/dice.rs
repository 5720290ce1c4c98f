//! Drawing: everything that is left to chance is drawn here, from a seed.

use std::ops::RangeInclusive;
use std::time::Duration;

/// A source of chance that gives the same again for the same seed.
#[derive(Debug, Clone)]
pub(crate) struct Dice(fastrand::Rng);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// Another one, independent of what is drawn from this one later.
    pub(crate) fn fork(&mut self) -> Self {
        Self(self.0.fork())
    }

    /// Whether something happens that happens so many times in a thousand.
    pub(crate) fn chance(&mut self, per_mille: u32) -> bool {
        self.0.u32(0..1_000) < per_mille
    }

    pub(crate) fn number(&mut self, range: RangeInclusive<u64>) -> u64 {
        self.0.u64(range)
    }

    /// A time between the two, in milliseconds.
    pub(crate) fn time(&mut self, shortest: Duration, longest: Duration) -> Duration {
        let (shortest, longest) = (millis(shortest), millis(longest).max(millis(shortest)));
        Duration::from_millis(self.0.u64(shortest..=longest))
    }

    /// One of these; `None` where there are none.
    pub(crate) fn one<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        (!of.is_empty()).then(|| self.0.usize(0..of.len())).and_then(|index| of.get(index))
    }

    /// One of these, else the first value.
    pub(crate) fn pick<T: Copy, const N: usize>(&mut self, of: [T; N], otherwise: T) -> T {
        self.one(&of).copied().unwrap_or(otherwise)
    }

    pub(crate) fn bytes(&mut self) -> [u8; 16] {
        self.0.u128(..).to_be_bytes()
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
