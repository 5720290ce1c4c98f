//! The promises, as checks of one commit, of what stands after it, of one report, and of the end.

mod approvals;
mod chores;
mod ending;
mod handover;
mod lock;
mod queue;
mod records;
mod reports;
mod service;
mod tags;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use pipeline_core::{DeploymentId, EnvironmentName, Status};
use tokio::time::Instant;

pub(crate) use chores::chore;
pub(crate) use ending::ending;
pub(crate) use handover::{look, trip};
pub(crate) use lock::closed;
pub(crate) use reports::report;

use crate::chronicle::Promise;
use crate::known::{Known, ServiceKey};
use crate::names::short;
use crate::service::Service;
use crate::truth::{Commit, Place, waits};

/// Promises that were broken, and how.
pub(crate) type Broken = Vec<(Promise, String)>;

/// What is known beside the ledger when a commit happens.
pub(crate) struct Evidence<'a> {
    pub(crate) environment: &'a EnvironmentName,
    pub(crate) known: &'a BTreeMap<DeploymentId, Known>,
    pub(crate) services: &'a mut BTreeMap<ServiceKey, Service>,
    /// How long a request or a reply takes at most, where that tells how long a handover may take.
    pub(crate) trip: Option<Duration>,
}

/// Judges a commit by what the ledger said before it.
pub(crate) fn judge(place: &mut Place, commit: &Commit, evidence: Evidence<'_>) -> Broken {
    let missed = place.missed(commit.at).to_vec();
    let place = &*place;
    let moved = place.moved(commit);
    let mut broken = queue::judge(place, commit, &moved, &missed, &evidence);
    broken.extend(approvals::judge(place, commit, &moved, &evidence));
    broken.extend(lock::judge(place, commit, &moved, &evidence));
    broken.extend(handover::judge(place, commit, &moved, &evidence));
    broken.extend(records::judge(place, commit, &moved));
    broken.extend(chores::judge(place, commit, &moved));
    broken.extend(tags::judge(place, commit));
    broken.extend(service::judge(place, commit, evidence));
    broken
}

/// What must be so after every commit: who works holds the environment, who waits stands in the
/// queue once.
pub(crate) fn standing(place: &Place) -> Broken {
    let with = |status: Status| {
        let records = place.records.values().filter(move |record| record.status() == status);
        records.map(|record| &record.id)
    };
    let mut broken = Broken::new();
    if !with(Status::InProgress).eq(place.holder()) {
        let working: Vec<&str> = with(Status::InProgress).map(short).collect();
        let holder = place.holder().map(short);
        broken.push((Promise::Alone, format!("{working:?} work, and {holder:?} holds")));
    }
    let mut waiting: Vec<&DeploymentId> = waits(&place.queue).collect();
    waiting.sort_unstable();
    if !with(Status::Queued).eq(waiting.iter().copied()) {
        let queued: Vec<&str> = with(Status::Queued).map(short).collect();
        let waiting: Vec<&str> = waits(&place.queue).map(short).collect();
        broken.push((Promise::Order, format!("{queued:?} are queued, and {waiting:?} wait")));
    }
    broken
}

/// A commit in one line.
pub(crate) fn told(commit: &Commit) -> String {
    let mut parts = Vec::new();
    if let Some((queue, _)) = &commit.queue {
        let holder = queue.current.as_ref().map_or_else(
            || "free".to_owned(),
            |claim| format!("{} until {}", short(&claim.deployment_id), claim.lease_until),
        );
        let lock = queue.lock.as_ref();
        let lock = lock.map(|it| format!(" under {} until {}", it.lock_id, it.lease_until));
        let (lock, waiting) =
            (lock.unwrap_or_default(), waits(queue).map(short).collect::<Vec<_>>());
        parts.push(format!("{} [{holder}{lock}] {}", queue.scope(), waiting.join(" ")));
    }
    for record in &commit.records {
        let why = record.progress.error_message().unwrap_or_default();
        let back = record.progress.rolled_back_to().map(|to| format!(" -> {to}"));
        let (id, status) = (short(&record.id), record.status());
        let back = back.unwrap_or_default();
        parts.push(format!("{id} {} {status}{back} {why}", record.version));
    }
    for (tag, stands) in &commit.tags {
        let stands = stands.map_or_else(|| "gone".to_owned(), |commit| commit.short());
        parts.push(format!("tag {tag} {stands}"));
    }
    parts.join(" | ")
}

impl Evidence<'_> {
    /// Whether something went wrong for a deployer between the two moments.
    fn had_mishap(&self, id: &DeploymentId, from: Instant, to: Instant) -> bool {
        let known = self.known.get(id);
        known.is_some_and(|known| known.had_mishap(from, to))
    }

    fn permit_holds(&self, id: &DeploymentId) -> bool {
        let permit = self.known.get(id).and_then(|known| known.permit.as_ref());
        permit.is_some_and(pipeline_core::rollout::Permit::holds)
    }
}
