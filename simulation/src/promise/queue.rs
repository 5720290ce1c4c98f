//! The queue: who enters goes to the end, who takes the environment was first, who is put aside or
//! passed over had all the time that it was promised.

use pipeline_core::record::{Claim, Waiting};
use tokio::time::Instant;

use super::{Broken, Evidence};
use crate::chronicle::Promise;
use crate::life::short;
use crate::truth::{Commit, Move, Place, promise};

pub(super) fn judge(
    place: &Place,
    commit: &Commit,
    moved: &Move<'_>,
    evidence: &Evidence<'_>,
) -> Broken {
    match moved {
        Move::Odd => vec![(Promise::Order, "an odd change of the queue".to_owned())],
        Move::Claims { superseded, passed } => {
            let mut broken = Broken::new();
            if let Some(dead) = superseded {
                broken.extend(put_aside(place, commit, dead, evidence));
            }
            broken.extend(passed_over(place, commit, passed, evidence));
            broken
        }
        _ => Broken::new(),
    }
}

/// A holder is put aside only after its lease, by the true time and by its own permit; and one that
/// lives and is reached never.
fn put_aside(place: &Place, commit: &Commit, dead: &Claim, evidence: &Evidence<'_>) -> Broken {
    let (id, mut broken) = (&dead.deployment_id, Broken::new());
    let early = place.lease_end().filter(|end| commit.at < *end);
    if let Some(end) = early {
        let early = end.duration_since(commit.at);
        broken.push((Promise::Lease, format!("{} put aside {early:?} too early", short(id))));
    }
    if evidence.permit_holds(id) {
        let told = format!("{} put aside while its permit holds", short(id));
        broken.push((Promise::Lease, told));
    }
    let since = place.sign.unwrap_or(commit.at);
    if !evidence.had_mishap(id, since, commit.at) {
        let told = format!("{} put aside, and nothing had happened to it", short(id));
        broken.push((Promise::Progress, told));
    }
    broken
}

/// Each one before the new holder had its turn for as long as it had promised to begin within.
fn passed_over(
    place: &Place,
    commit: &Commit,
    passed: &[Waiting],
    evidence: &Evidence<'_>,
) -> Broken {
    let (mut ends, mut broken) = (turn(place), Broken::new());
    for missed in passed {
        let (id, lease) = (&missed.deployment_id, promise(missed.lease_seconds));
        ends += lease;
        if commit.at < ends {
            let early = ends.duration_since(commit.at);
            broken.push((Promise::Order, format!("{} passed over {early:?} too early", short(id))));
        }
        // What went wrong shortly before may still keep it busy; and who slept while those before it
        // died cannot know that they did.
        let before = place.sign.map_or(turn(place), |sign| sign.min(turn(place)));
        let before = before.checked_sub(lease).unwrap_or(before);
        if !evidence.had_mishap(id, before, commit.at) {
            let told = format!("{} passed over, and nothing had happened to it", short(id));
            broken.push((Promise::Progress, told));
        }
    }
    broken
}

/// When the turn of the first who waits began.
fn turn(place: &Place) -> Instant {
    let open = place.lease_end().unwrap_or(place.free_since);
    open.max(place.first_since)
}
