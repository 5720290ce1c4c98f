//! Handing over within one process: who waits for a neighbour makes no look for it, and begins as soon as
//! that one has ended.
//!
//! Judged only of processes to which nothing happened, and where every listing shows what is there.

use std::collections::BTreeMap;
use std::time::Duration;

use pipeline_core::DeploymentId;
use tokio::time::Instant;

use super::{Broken, Evidence};
use crate::chronicle::Promise;
use crate::known::Known;
use crate::names::short;
use crate::truth::{Commit, Move, Place};

/// How many trips a claim takes at most after the end before it: the answer to that, a listing, a fetch
/// and the claim itself.
const TRIPS: u32 = 6;

/// How many trips a look takes at most: a listing and a fetch.
const LOOK: u32 = 4;

/// The shortest pause before a listing is looked at again.
const PAUSE: Duration = Duration::from_millis(25);

/// Who takes the environment right after a neighbour gave it back did not wait any longer than that takes.
///
/// A person who changes a tag right after an end makes a listing look as if it showed that end in part:
/// whoever comes next cannot tell, and looks three times more, after pauses of one, two and four looks.
pub(super) fn judge(
    place: &Place,
    commit: &Commit,
    moved: &Move<'_>,
    evidence: &Evidence<'_>,
) -> Broken {
    let Move::Claims { passed, .. } = moved else { return Broken::new() };
    if !passed.is_empty() {
        return Broken::new();
    }
    let Some((before, freed)) = &place.freed else { return Broken::new() };
    let waited = place.queue.in_turn().any(|it| it.deployment_id == commit.by);
    if !waited || !are_calm_neighbours(evidence.known, before, &commit.by) {
        return Broken::new();
    }
    let took = commit.at.duration_since(*freed);
    let meddled = place.meddled.is_some_and(|at| *freed <= at && at <= commit.at);
    let enough = evidence.trip.map(|trip| {
        let looks =
            if meddled { trip * LOOK * 3 + (trip * LOOK).max(PAUSE) * 7 } else { Duration::ZERO };
        trip * TRIPS + looks
    });
    if enough.is_none_or(|enough| took <= enough) {
        return Broken::new();
    }
    let (by, before) = (short(&commit.by), short(before));
    vec![(Promise::Handover, format!("{by} began {took:?} after its neighbour {before} ended"))]
}

/// How long it takes at most to lose a race for the environment and to say so to the neighbours.
pub(super) const LEAVING: Duration = Duration::from_secs(2);

/// What is wrong with a look at the queue by one who waits.
pub(crate) fn look(
    place: &mut Place,
    who: &DeploymentId,
    known: &BTreeMap<DeploymentId, Known>,
    now: Instant,
) -> Option<String> {
    // Several may have thought that it was their turn when it was taken: they are about to leave.
    if place.taken.is_some_and(|taken| now < taken + LEAVING) {
        return None;
    }
    if place.queue.in_turn().all(|it| it.deployment_id != *who) {
        return None;
    }
    let ahead = place.queue.ahead(who);
    let missed = place.missed(now).len();
    let is_held = place.is_open_since(now).is_none();
    // Of who was let go just now, neighbours hear when the answer to that arrives.
    let is_heard = |id: &DeploymentId| place.let_go.get(id).is_none_or(|at| now >= *at + LEAVING);
    let relies = |id: &&DeploymentId| is_heard(id) && is_reliable(known, id, who, now);
    // Whose turn it is may be about to leave.
    let first = if is_held { 0 } else { missed + 1 };
    let ahead = place.queue.in_turn().take(ahead).skip(first);
    let ahead = ahead.map(|waiting| &waiting.deployment_id).filter(relies).last();
    let holder = place.holder().filter(|_| is_held).filter(relies);
    let neighbour = ahead.or(holder)?;
    Some(format!("{} looks for its neighbour {}", short(who), short(neighbour)))
}

fn are_calm_neighbours(
    known: &BTreeMap<DeploymentId, Known>,
    one: &DeploymentId,
    other: &DeploymentId,
) -> bool {
    let process = |id| known.get(id).and_then(|known: &Known| known.process);
    let Some(common) = process(one).filter(|of| process(other) == Some(*of)) else { return false };
    let mut members = known.values().filter(|known| known.process == Some(common));
    members.all(|known| !known.disturbed)
}

/// Whether one may rely on the other: it deploys, and nothing makes it leave.
fn is_reliable(
    known: &BTreeMap<DeploymentId, Known>,
    other: &DeploymentId,
    who: &DeploymentId,
    now: Instant,
) -> bool {
    let stays = known.get(other).is_some_and(|known| {
        known.said.is_none() && known.leaves.is_none_or(|leaves| now < leaves)
    });
    stays && are_calm_neighbours(known, other, who)
}

/// How long a trip takes at most, where a listing shows what is there.
pub(crate) fn trip(longest: Duration, tears: Duration) -> Option<Duration> {
    tears.is_zero().then_some(longest)
}
