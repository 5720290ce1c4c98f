//! Clocks on the wall: each deployer's is wrong in its own way.

use std::time::Duration;

use pipeline_core::Timestamp;
use tokio::time::Instant;

/// When every schedule begins, by the true time.
pub(crate) const EPOCH: i64 = 1_760_000_000;

/// After how long a clock that drifts has come to its other offset.
const DRIFT: Duration = Duration::from_secs(3_600);

/// The clock of one machine: ahead of the true time by the first offset in the beginning and by the
/// second one an hour later, and between them in between. Offsets are in milliseconds.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct WallClock {
    pub(crate) first: u32,
    pub(crate) later: u32,
}

impl WallClock {
    /// The time that it shows, when so much time has passed since the beginning.
    pub(crate) fn shows(self, passed: Duration) -> Timestamp {
        let share = passed.min(DRIFT).as_secs_f64() / DRIFT.as_secs_f64();
        let (first, later) = (f64::from(self.first), f64::from(self.later));
        let ahead = Duration::from_secs_f64((later - first).mul_add(share, first) / 1_000.0);
        let seconds = i64::try_from((passed + ahead).as_secs()).unwrap_or_default();
        Timestamp::from_unix_seconds(EPOCH + seconds).unwrap_or_else(|| self.shows(Duration::ZERO))
    }

    /// The time that it shows now.
    pub(crate) fn now(self, start: Instant) -> Timestamp {
        self.shows(start.elapsed())
    }
}
