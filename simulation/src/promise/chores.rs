//! Migrations and tests: begun by who holds the environment, once for one deployment, and migrations that
//! somebody may have begun before it was killed by nobody else unasked.

use pipeline_core::{Deployment, DeploymentId, Status};
use tokio::time::Instant;

use super::Broken;
use crate::chronicle::Promise;
use crate::names::short;
use crate::truth::{Commit, Move, Place};

/// What is wrong with a task that begins now, for the so-and-so-many-th time for this deployment.
pub(crate) fn chore(place: &Place, who: &DeploymentId, time: u32, now: Instant) -> Option<String> {
    if place.holder() != Some(who) {
        let holder = place.holder().map_or("nobody", short);
        return Some(format!("begins while {holder} holds the environment"));
    }
    if place.lease_end().is_none_or(|end| end <= now) {
        return Some("begins after the lease ran out".to_owned());
    }
    (time > 1).then(|| format!("begins {time} times"))
}

/// Nobody begins with the migrations of a version that another deployment had begun, and of which nobody knows how
/// far they came: here nobody asks for them again.
pub(super) fn judge(place: &Place, commit: &Commit, moved: &Move<'_>) -> Broken {
    let Move::Claims { .. } = moved else { return Broken::new() };
    let Some(own) = commit.records.iter().find(|record| record.id == commit.by) else {
        return Broken::new();
    };
    if own.migrations.is_none() {
        return Broken::new();
    }
    let is_half = |it: &&Deployment| {
        it.version == own.version
            && it.id != own.id
            && !matches!(it.status(), Status::Queued | Status::InProgress)
            && it.migrations.as_ref().is_some_and(|it| it.is_unknown())
    };
    let others =
        place.records.values().filter(|it| !commit.records.iter().any(|new| new.id == it.id));
    let half = others.chain(&commit.records).find(is_half);
    let told = half.map(|half| {
        format!("{} runs the migrations that {} had begun", short(&own.id), short(&half.id))
    });
    told.map(|told| (Promise::Migrations, told)).into_iter().collect()
}
