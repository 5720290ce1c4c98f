//! How long a deployment will probably wait for its turn, judged by how long earlier ones took.
//!
//! The median of the newest durations is what one deployment takes: a holder that died and was put
//! aside a day later, or one quick failure, says nothing about the next. Nothing is estimated where
//! nothing is known. It leaves out who waits, which is the queue's to say.

use std::time::Duration;

use crate::base::timestamp::Timestamp;
use crate::deployment::{Deployment, Status};

/// From how many past deployments, the newest ones, the estimate is made.
pub const SAMPLE: usize = 20;

/// How long the newest deployments held their environment, newest first, at most [`SAMPLE`].
///
/// Those that succeeded, failed or were taken back later count: each of them held the environment
/// until its work was done. One that was cancelled does not, because a person chose its end.
pub fn durations<'a>(records: impl IntoIterator<Item = &'a Deployment>) -> Vec<Duration> {
    let mut ended: Vec<(Timestamp, &str, u64)> = records
        .into_iter()
        .filter(|record| {
            matches!(record.status(), Status::Succeeded | Status::Failed | Status::RolledBack)
        })
        .filter_map(|record| {
            Some((record.progress.completed_at()?, record.id.as_str(), record.duration_seconds()?))
        })
        .collect();
    ended.sort_unstable_by(|a, b| b.cmp(a));
    ended.into_iter().take(SAMPLE).map(|(_, _, seconds)| Duration::from_secs(seconds)).collect()
}

/// The median of these durations, the lower one of two; `None` where there are none.
#[must_use]
pub fn median(durations: &[Duration]) -> Option<Duration> {
    let mut sorted = durations.to_vec();
    sorted.sort_unstable();
    let middle = sorted.len().checked_sub(1)? / 2;
    sorted.get(middle).copied()
}

/// How long the deployment at this place, counted from 1, will probably wait. `holder_started_at` is
/// when the deployment in progress began; `None` where the environment is free.
///
/// The deployment in progress is judged by those that took longer than it has taken so far. `None`
/// where nothing can be said: no deployment is on record, or none ever took as long as the one in
/// progress.
#[must_use]
pub fn estimated_wait(
    position: u32,
    durations: &[Duration],
    holder_started_at: Option<Timestamp>,
    now: Timestamp,
) -> Option<Duration> {
    let first = match holder_started_at {
        None => Duration::ZERO,
        Some(started_at) => remaining(durations, started_at, now)?,
    };
    match position.saturating_sub(1) {
        0 => Some(first),
        before => Some(median(durations)?.saturating_mul(before).saturating_add(first)),
    }
}

/// How long a deployment that began then will probably still take: the median of what the longer
/// ones took from here.
fn remaining(durations: &[Duration], started_at: Timestamp, now: Timestamp) -> Option<Duration> {
    let spent = u64::try_from(now.seconds_since(started_at)).unwrap_or(0);
    let spent = Duration::from_secs(spent);
    let longer: Vec<Duration> = durations
        .iter()
        .filter_map(|duration| duration.checked_sub(spent))
        .filter(|left| !left.is_zero())
        .collect();
    median(&longer)
}

#[cfg(test)]
mod tests;
