//! The queue: who enters goes to the end, who takes the environment was first, who is put aside or
//! passed over had all the time that it was promised.

use pipeline_core::DeploymentId;
use pipeline_core::queue::{Claim, Waiting};

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
        Move::Claims { superseded, passed, lost, .. } => {
            let mut broken = Broken::new();
            if let Some(dead) = superseded {
                broken.extend(put_aside(place, commit, dead, evidence));
            }
            broken.extend(passed_over(place, commit, passed, missed, evidence));
            broken.extend(found_dead(commit, lost, evidence));
            broken.extend(in_freeze(place, commit));
            broken
        }
        Move::Enters { gone } => superseded(place, commit, gone, evidence),
        _ => Broken::new(),
    }
}

/// Who enters supersedes those who wait with older versions of its sub-project, where the policy says so, and
/// nobody who goes back to what ran before. Others go only if they were found dead.
fn superseded(
    place: &Place,
    commit: &Commit,
    gone: &[&Waiting],
    evidence: &Evidence<'_>,
) -> Broken {
    let Some(new) = commit.records.iter().find(|record| record.id == commit.by) else {
        return Broken::new();
    };
    let is_older = |id: &&DeploymentId| {
        place.records.get(*id).is_some_and(|it| {
            let same = it.version.sub_project_path() == new.version.sub_project_path();
            same && it.version < new.version && !place.ran(&it.version)
        })
    };
    let right: Vec<_> = waits(&place.queue).filter(|_| place.supersedes).filter(is_older).collect();
    let (found, lost): (Vec<&Waiting>, Vec<&Waiting>) = gone
        .iter()
        .copied()
        .partition(|it| it.held_back.is_none() || right.contains(&&it.deployment_id));
    let mut broken = found_dead(commit, &lost, evidence);
    let found: Vec<_> = found.iter().map(|it| &it.deployment_id).collect();
    if found != right {
        let names =
            |ids: &[&DeploymentId]| ids.iter().map(|id| short(id).to_owned()).collect::<Vec<_>>();
        let told = format!("{:?} superseded instead of {:?}", names(&found), names(&right));
        broken.push((Promise::Superseding, told));
    }
    broken
}

/// Who may not begin yet is taken for dead only when it does not wait any more.
fn found_dead(commit: &Commit, lost: &[&Waiting], evidence: &Evidence<'_>) -> Broken {
    let mut broken = Broken::new();
    for waiting in lost {
        let id = &waiting.deployment_id;
        let leaves = evidence.known.get(id).and_then(|known| known.leaves);
        if waiting.held_back.is_none() || leaves.is_none_or(|leaves| commit.at < leaves) {
            broken.push((Promise::Order, format!("{} was found dead, and it waits", short(id))));
        }
    }
    broken
}

/// By its own clock nobody begins in a freeze with a version that is new there.
fn in_freeze(place: &Place, commit: &Commit) -> Option<(Promise, String)> {
    let (queue, _) = commit.queue.as_ref()?;
    let (claim, record) =
        (queue.current.as_ref()?, commit.records.iter().find(|it| it.id == commit.by)?);
    let at = claim.locked_at.unix_seconds();
    let freeze = place.freezes.iter().find(|(from, to)| (*from..*to).contains(&at))?;
    let told = || format!("{} began at {at} in the freeze {freeze:?}", short(&commit.by));
    (!place.ran(&record.version)).then(|| (Promise::Freeze, told()))
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
    passed: &[&Waiting],
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
