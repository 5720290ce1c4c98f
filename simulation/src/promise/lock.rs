//! Locks: while one holds an environment nobody else begins, and none of its process without it.
//!
//! That nobody is put aside too early is judged of a lock between two deployments; one with a deployment at work
//! goes with that one.

use pipeline_core::DeploymentId;
use pipeline_core::deployment::deployer::Closed;
use pipeline_core::queue::{EnvironmentLock, LockId};

use super::{Broken, Evidence};
use crate::chronicle::Promise;
use crate::known::Kept;
use crate::names::short;
use crate::truth::{Commit, Move, Place, lock_of};

pub(super) fn judge(
    place: &Place,
    commit: &Commit,
    moved: &Move<'_>,
    evidence: &Evidence<'_>,
) -> Broken {
    match moved {
        Move::Keeps | Move::Unlocks => by_its_keeper(place, commit, evidence).into_iter().collect(),
        Move::Claims { superseded, unlocked, .. } => {
            let mut broken = Broken::new();
            if let (Some(lock), None) = (unlocked, superseded) {
                broken.extend(put_aside(place, commit, lock, evidence));
            }
            let wrong = begins(place, commit, evidence);
            broken
                .extend(wrong.map(|told| (Promise::Lock, format!("{} {told}", short(&commit.by)))));
            broken
        }
        _ => Broken::new(),
    }
}

/// Nobody but its keeper goes on with a lock or gives it back.
fn by_its_keeper(
    place: &Place,
    commit: &Commit,
    evidence: &Evidence<'_>,
) -> Option<(Promise, String)> {
    let lock = lock_of(&place.queue)?;
    let kept = evidence.known.get(&commit.by).and_then(|known| known.keeps.as_ref());
    let told = || format!("{} wrote the lock {lock}, which it does not keep", short(&commit.by));
    kept.is_none_or(|kept| kept.lock != *lock).then(|| (Promise::Lock, told()))
}

/// What is wrong with the lock under which a deployment begins.
fn begins(place: &Place, commit: &Commit, evidence: &Evidence<'_>) -> Option<String> {
    let (queue, _) = commit.queue.as_ref()?;
    let process = evidence.known.get(&commit.by).and_then(|known| known.process);
    let mut keepers = evidence.keepers();
    let own = keepers.find(|(_, of, kept)| {
        *of == process && kept.environment == *evidence.environment && !kept.is_closed
    });
    let lock = lock_of(queue);
    if let Some((_, _, own)) = own
        && lock != Some(&own.lock)
    {
        return Some(format!("begins without {}", own.lock));
    }
    let lock = lock?;
    let is_its = |(_, of, kept): (_, Option<usize>, &Kept)| kept.lock == *lock && of == process;
    if !evidence.keepers().any(is_its) {
        return Some(format!("begins under {lock}, which is of another process"));
    }
    let is_new = lock_of(&place.queue) != Some(lock);
    (is_new && place.locks.contains(lock)).then(|| format!("begins under {lock}, which is lost"))
}

/// A lock is put aside only after its lease, and never where it is kept by one who lives and is reached.
fn put_aside(
    place: &Place,
    commit: &Commit,
    lock: &EnvironmentLock,
    evidence: &Evidence<'_>,
) -> Broken {
    let (id, mut broken) = (&lock.lock_id, Broken::new());
    if let Some(end) = place.lease_end().filter(|end| commit.at < *end) {
        let early = end.duration_since(commit.at);
        broken.push((Promise::Lease, format!("{id} put aside {early:?} too early")));
    }
    let since = place.sign.unwrap_or(commit.at);
    let keeper = evidence.keepers().find(|(_, _, kept)| kept.lock == *id);
    if keeper.is_some_and(|(who, ..)| !evidence.had_mishap(who, since, commit.at)) {
        let told = format!("{id} put aside, and nothing had happened to it");
        broken.push((Promise::Progress, told));
    }
    broken
}

impl Evidence<'_> {
    /// Who keeps locks: in which process, and which.
    fn keepers(&self) -> impl Iterator<Item = (&DeploymentId, Option<usize>, &Kept)> {
        self.known.iter().filter_map(|(id, it)| Some((id, it.process, it.keeps.as_ref()?)))
    }
}

/// What is reported of a lock that was given back, or lost, is what the ledger says.
pub(crate) fn closed<'a>(
    id: &LockId,
    closed: &Closed,
    places: impl IntoIterator<Item = &'a Place>,
) -> Broken {
    let holds = places.into_iter().any(|place| lock_of(&place.queue) == Some(id));
    let is_wrong = holds && matches!(closed, Closed::Released | Closed::Lost(_));
    let told = || (Promise::Verdict, format!("{id} is {closed:?}, and it holds an environment"));
    is_wrong.then(told).into_iter().collect()
}
