//! Approvals: what begins was approved when its deployer looked last, however long it waited.

use std::time::Duration;

use super::{Broken, Evidence};
use crate::chronicle::Promise;
use crate::names::short;
use crate::truth::{Commit, Move, Place, promise};

/// Judges who takes an environment that asks for an approval.
pub(super) fn judge(
    place: &Place,
    commit: &Commit,
    moved: &Move<'_>,
    evidence: &Evidence<'_>,
) -> Broken {
    let (Some(approvals), Move::Claims { .. }, Some((queue, written))) =
        (&place.approvals, moved, &commit.queue)
    else {
        return Broken::new();
    };
    let Some(record) = commit.records.iter().find(|record| record.id == commit.by) else {
        return Broken::new();
    };
    // Its lease begins when it looks: what it saw is no older when that is over. Healthy ones look and write within
    // a third of it, by the longest trips there are.
    let lease = queue.current.as_ref().map_or(Duration::ZERO, |it| promise(it.lease_seconds));
    let from = |age: Duration| written.checked_sub(age).unwrap_or(*written);
    let slept = evidence.had_mishap(&commit.by, from(lease), *written);
    let looked = from(if slept { lease } else { lease / 3 });
    if approvals.held(record.commit_sha, looked, *written) {
        return Broken::new();
    }
    let told =
        format!("{} began with {}, which is not approved", short(&commit.by), record.version);
    vec![(Promise::Approval, told)]
}
