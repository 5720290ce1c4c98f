//! Records: each change is one that the state machine knows, made by whom it concerns, together with the
//! change of the queue that goes with it.

use pipeline_core::{Deployment, DeploymentId, Progress, Status};

use super::Broken;
use crate::chronicle::Promise;
use crate::names::short;
use crate::truth::{Commit, Move, Place};

pub(super) fn judge(place: &Place, commit: &Commit, moved: &Move<'_>) -> Broken {
    let mut broken = Broken::new();
    for record in &commit.records {
        let before = place.records.get(&record.id);
        if !is_right(before, record, commit, moved) {
            let was = before.map(Deployment::status);
            let told = format!(
                "{} went from {was:?} to {:?} by {moved:?}",
                short(&record.id),
                record.status()
            );
            broken.push((Promise::Records, told));
        }
        if before.is_some_and(|before| !is_same(before, record)) {
            broken.push((Promise::Records, format!("{} became another one", short(&record.id))));
        }
    }
    broken.extend(missing(commit, moved));
    broken.extend(left_behind(place, commit));
    broken.extend(position(commit));
    broken
}

/// Whether a record may change like this, as part of this commit.
fn is_right(
    before: Option<&Deployment>,
    after: &Deployment,
    commit: &Commit,
    moved: &Move<'_>,
) -> bool {
    let own = after.id == commit.by;
    match (before.map(Deployment::status), after.status()) {
        (None, Status::Queued) => own && matches!(moved, Move::Enters { .. }),
        (None | Some(Status::Queued), Status::InProgress) => {
            own && matches!(moved, Move::Claims { .. })
        }
        (Some(Status::Queued), Status::Cancelled) => match moved {
            Move::Leaves => own,
            Move::Enters { gone } => gone.iter().any(|it| it.deployment_id == after.id),
            Move::Claims { passed, lost, .. } => {
                passed.iter().chain(lost).any(|missed| missed.deployment_id == after.id)
            }
            _ => false,
        },
        (Some(Status::InProgress), Status::Failed) if !own => {
            matches!(moved, Move::Claims { superseded: Some(dead), .. } if dead.deployment_id == after.id)
        }
        (Some(Status::InProgress), Status::Succeeded | Status::Failed | Status::Cancelled) => {
            own && *moved == Move::Releases
        }
        (Some(Status::Succeeded), Status::RolledBack) => {
            own_end(commit).is_some_and(|own| own.status() == Status::Succeeded)
        }
        _ => false,
    }
}

/// What never changes.
fn is_same(before: &Deployment, after: &Deployment) -> bool {
    let parts = |record: &Deployment| {
        let Deployment { id, uuid, version, environment, commit_sha, .. } = record.clone();
        let Deployment { requested_at, triggered_by, will_move_env_tag, .. } = record.clone();
        (id, uuid, version, environment, commit_sha, requested_at, triggered_by, will_move_env_tag)
    };
    parts(before) == parts(after)
}

/// Records that a change of the queue goes with and that are not there.
fn missing(commit: &Commit, moved: &Move<'_>) -> Broken {
    let mut wanted: Vec<(&DeploymentId, &[Status])> = Vec::new();
    match moved {
        Move::Enters { gone } => {
            wanted.push((&commit.by, &[Status::Queued]));
            wanted.extend(gone.iter().map(|it| (&it.deployment_id, &[Status::Cancelled][..])));
        }
        Move::Leaves => wanted.push((&commit.by, &[Status::Cancelled])),
        Move::Releases => {
            wanted.push((&commit.by, &[Status::Succeeded, Status::Failed, Status::Cancelled]))
        }
        Move::Claims { superseded, passed, lost, .. } => {
            wanted.push((&commit.by, &[Status::InProgress]));
            let dead = superseded.iter().map(|dead| (&dead.deployment_id, &[Status::Failed][..]));
            wanted.extend(dead);
            let missed = passed.iter().chain(lost);
            wanted.extend(missed.map(|it| (&it.deployment_id, &[Status::Cancelled][..])));
        }
        Move::Renews | Move::Keeps | Move::Unlocks | Move::Holds | Move::Nothing | Move::Odd => {}
    }
    let is_there = |(id, statuses): &(&DeploymentId, &[Status])| {
        let record = commit.records.iter().find(|record| record.id == **id);
        record.is_some_and(|record| statuses.contains(&record.status()))
    };
    wanted.retain(|wanted| !is_there(wanted));
    let told = |(id, statuses)| format!("{} should be {statuses:?} by {moved:?}", short(id));
    wanted.into_iter().map(|wanted| (Promise::Records, told(wanted))).collect()
}

/// A success that returns to a version takes the last good deployment of a newer one back, and no other.
fn left_behind(place: &Place, commit: &Commit) -> Broken {
    let taken = commit.records.iter().filter(|record| record.status() == Status::RolledBack);
    let taken: Vec<&DeploymentId> = taken.map(|record| &record.id).collect();
    let success = own_end(commit).filter(|own| own.status() == Status::Succeeded);
    let right: Vec<&DeploymentId> = success
        .and_then(|own| {
            let good = place.good.get(own.version.sub_project_path())?.last()?;
            let record = place.records.get(good)?;
            let ran = [Status::Succeeded, Status::RolledBack];
            let returns = place.records.values().any(|it| {
                it.version == own.version && it.id != own.id && ran.contains(&it.status())
            });
            (returns && record.version > own.version).then_some(good)
        })
        .into_iter()
        .collect();
    if taken == right {
        return Broken::new();
    }
    let told = format!("{:?} taken back instead of {:?}", names(&taken), names(&right));
    vec![(Promise::Records, told)]
}

fn names<'a>(ids: &[&'a DeploymentId]) -> Vec<&'a str> {
    ids.iter().map(|id| short(id)).collect()
}

/// Who enters is told its place.
fn position(commit: &Commit) -> Broken {
    let own = commit.records.iter().find(|record| record.id == commit.by);
    let (Some(own), Some((queue, _))) = (own, &commit.queue) else { return Broken::new() };
    let Progress::Queued { position, .. } = own.progress else { return Broken::new() };
    let right = queue.position(&own.id);
    if usize::try_from(position.get()).ok() == right {
        return Broken::new();
    }
    vec![(Promise::Order, format!("told place {position} instead of {right:?}"))]
}

/// The end of the deployment that made the commit.
fn own_end(commit: &Commit) -> Option<&Deployment> {
    commit.records.iter().find(|record| record.id == commit.by)
}
