//! Among many who write one queue: who waits before it tries again, and for how long.

use std::time::Duration;

use tokio::time::Instant;

use super::Deployer;
use crate::DeploymentId;
use crate::ledger::RefStore;

/// The least and the most time to wait after a lost race.
pub(super) const SHORTEST: Duration = Duration::from_millis(25);
const LONGEST: Duration = Duration::from_secs(30);

/// The most time between two listings that show a transaction in part.
const LONGEST_TORN: Duration = Duration::from_secs(2);

/// What to do after a lost race.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Retry {
    /// Wait, so that others who are busy with the queue get on.
    Later,
    /// Try again at once: the turn does not last.
    AtOnce,
}

impl<S: RefStore> Deployer<'_, S> {
    /// Waits after so many lost races, the last of which took so long: longer each time, and not all at
    /// the same moment. In a crowd, whoever tries again at once only takes the others' turns away.
    pub(super) async fn back_off(&self, id: &DeploymentId, losses: u32, took: Duration) {
        if losses > 0 {
            let doubled = 2_u32.saturating_pow(losses.min(6));
            let most = took.max(SHORTEST).saturating_mul(doubled).min(LONGEST);
            tokio::time::sleep(most.mul_f64(spread(id, losses))).await;
        }
    }
}

/// The work, unless it takes longer than until then.
pub(super) async fn by<T>(ends: Option<Instant>, work: impl Future<Output = T>) -> Option<T> {
    match ends {
        Some(ends) => tokio::time::timeout_at(ends, work).await.ok(),
        None => Some(work.await),
    }
}

/// Whether that moment is over.
pub(super) fn is_past(ends: Option<Instant>) -> bool {
    ends.is_some_and(|ends| ends <= Instant::now())
}

/// How long to wait after so many listings that show a transaction in part, when a look takes so long at
/// most: whoever looks again at once sees the same. It is longer each time and still short, as a turn does
/// not last.
pub(super) fn between_torn(torn: u32, took: Duration) -> Duration {
    let doubled = 2_u32.saturating_pow(torn.saturating_sub(1).min(6));
    took.max(SHORTEST).saturating_mul(doubled).min(LONGEST_TORN)
}

/// A number between 0 and 1 that differs from deployment to deployment and from time to time, so that
/// those who lost the same race do not meet again.
pub(super) fn spread(id: &DeploymentId, time: u32) -> f64 {
    let seed =
        id.as_str().bytes().fold(0xcbf2_9ce4_8422_2325_u64 ^ u64::from(time), |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    f64::from(u16::try_from((seed >> 24) & 0xffff).unwrap_or(0)) / f64::from(u16::MAX)
}
