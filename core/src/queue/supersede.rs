//! Superseding: a newer version that enters a queue ends the older ones of its sub-project that wait there.
//!
//! Who is in progress is never superseded, nor who goes back to a version that ran before: that somebody
//! wants it says nothing about newer ones. Regions are judged one by one.

use super::QueueRecord;
use crate::base::violation::Violation;
use crate::{Deployment, DeploymentId, RuleId, Status};

/// The deployments that `new` supersedes as it enters a queue, in the order in which they wait, and what each is
/// told (POL007). `returns` says who goes back to a version that ran before.
pub fn superseded<'a>(
    queue: &QueueRecord,
    new: &Deployment,
    record_of: impl Fn(&DeploymentId) -> Option<&'a Deployment>,
    returns: impl Fn(&Deployment) -> bool,
) -> Vec<(&'a Deployment, Violation)> {
    let waiting = queue.waiting.iter().filter_map(|waiting| record_of(&waiting.deployment_id));
    let older = waiting.filter(|it| {
        it.status() == Status::Queued
            && it.version.sub_project_path() == new.version.sub_project_path()
            && it.region == new.region
            && it.version < new.version
            && !returns(it)
    });
    older.map(|it| (it, fault(queue, it, new))).collect()
}

fn fault(queue: &QueueRecord, older: &Deployment, new: &Deployment) -> Violation {
    Violation::new(
        RuleId::POL007,
        format!(
            "`{}` in the queue of {}, which `{}` of {} entered with the newer `{}`",
            older.version,
            queue.scope(),
            new.id,
            new.triggered_by,
            new.version
        ),
        "the newest version alone, because the environment's policy says `supersede_queued`",
        format!("Deploy `{}`, or this version again if that is meant.", new.version),
    )
    .under("version")
}
