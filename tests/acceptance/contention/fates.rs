//! Who dies when, thrown by dice that fall the same way for the same seed.

use std::collections::BTreeMap;
use std::time::Duration;

/// What happens to a process; all others live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Killed so long after it was seen in the queue.
    Waiting(Duration),
    /// Killed so long after its health check began, which never ends.
    Holding(Duration),
    /// Killed while its last transaction is on the way, which arrives (true) or does not.
    Ending(bool),
}

/// Dice.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `end`.
    pub(super) fn below(&mut self, end: usize) -> usize {
        // SplitMix64: small, and every seed gives another sequence.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % end.max(1) as u64).unwrap_or(0)
    }

    /// So many milliseconds at most.
    pub(super) fn millis(&mut self, most: usize) -> Duration {
        Duration::from_millis(self.below(most + 1) as u64)
    }

    /// The numbers below `end`, in any order.
    pub(super) fn shuffled(&mut self, end: usize) -> Vec<usize> {
        let mut all: Vec<usize> = (0..end).collect();
        for last in (1..end).rev() {
            all.swap(last, self.below(last + 1));
        }
        all
    }
}

/// Fates by the order of arrival, counted from 0: two die waiting, one holding, one at its end. The
/// first ones are spared, since they may be done before anybody looks.
pub(super) fn thrown(dice: &mut Dice, processes: usize) -> BTreeMap<usize, Fate> {
    const SPARED: usize = 3;
    let ranks = dice.shuffled(processes - SPARED).into_iter().map(|rank| rank + SPARED);
    let fates = [
        Fate::Waiting(dice.millis(1500)),
        Fate::Waiting(dice.millis(1500)),
        Fate::Holding(dice.millis(300)),
        Fate::Ending(dice.below(2) == 1),
    ];
    ranks.zip(fates).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_throws_the_same_fates() {
        let of = |seed| thrown(&mut Dice::new(seed), 16);
        assert_eq!(of(7), of(7));
        assert_ne!(of(7), of(8));
        assert_eq!(of(7).len(), 4);
        assert!(of(7).keys().all(|rank| (3..16).contains(rank)));
    }
}
