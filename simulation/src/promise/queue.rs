//! The queue: who enters goes to the end, who takes the environment was first, who is put aside or
//! passed over had all the time that it was promised.

use pipeline_core::queue::{Claim, Waiting};
use pipeline_core::{DeploymentId, Status, Version};

use super::{Broken, Evidence};
use crate::chronicle::Promise;
use crate::names::short;
use crate::truth::{Commit, Move, Place, promise, waits};

pub(super) fn judge(
    place: &Place,
    commit: &Commit,
    moved: &Move<'_>,
    missed: &[DeploymentId],
    evidence: &Evidence<'_>,
) -> Broken {
    match moved {
        Move::Odd => vec![(Promise::Order, "an odd change of the queue".to_owned())],
        Move::Claims { superseded, passed } => {
            let mut broken = Broken::new();
            if let Some(dead) = superseded {
                broken.extend(put_aside(place, commit, dead, evidence));
            }
            broken.extend(passed_over(place, commit, passed, missed, evidence));
            broken
        }
        Move::Enters { superseded: found } => superseded(place, commit, found),
        _ => Broken::new(),
    }
}

/// Who enters supersedes those who wait with older versions of its sub-project, where the policy says so, and
/// nobody who goes back to what ran before.
fn superseded(place: &Place, commit: &Commit, found: &[&DeploymentId]) -> Broken {
    let Some(new) = commit.records.iter().find(|record| record.id == commit.by) else {
        return Broken::new();
    };
    let ran = |version: &Version| {
        let ended = [Status::Succeeded, Status::RolledBack];
        place.records.values().any(|it| it.version == *version && ended.contains(&it.status()))
    };
    let is_older = |id: &&DeploymentId| {
        place.records.get(*id).is_some_and(|it| {
            let same = it.version.sub_project_path() == new.version.sub_project_path();
            same && it.version < new.version && !ran(&it.version)
        })
    };
    let right: Vec<_> = waits(&place.queue).filter(|_| place.supersedes).filter(is_older).collect();
    if found == right {
        return Broken::new();
    }
    let names =
        |ids: &[&DeploymentId]| ids.iter().map(|id| short(id).to_owned()).collect::<Vec<_>>();
    let told = format!("{:?} superseded instead of {:?}", names(found), names(&right));
    vec![(Promise::Superseding, told)]
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
    missed: &[DeploymentId],
    evidence: &Evidence<'_>,
) -> Broken {
    let mut broken = Broken::new();
    for waiting in passed {
        let id = &waiting.deployment_id;
        if !missed.contains(id) {
            broken.push((Promise::Order, format!("{} passed over too early", short(id))));
        }
        // What went wrong shortly before may still keep it busy; and who slept while those before it
        // died cannot know that they did.
        let lease = promise(waiting.lease_seconds);
        let open = place.is_open_since(commit.at).unwrap_or(commit.at);
        let before = place.sign.map_or(open, |sign| sign.min(open));
        let before = before.checked_sub(lease).unwrap_or(before);
        let leaves = evidence.known.get(id).and_then(|known| known.leaves);
        let is_wanted = leaves.is_none_or(|leaves| commit.at < leaves);
        if is_wanted && !evidence.had_mishap(id, before, commit.at) {
            let told = format!("{} passed over, and nothing had happened to it", short(id));
            broken.push((Promise::Progress, told));
        }
    }
    broken
}
