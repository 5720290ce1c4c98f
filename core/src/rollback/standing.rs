//! What deployments on record say about a version.

use crate::base::path::SubProjectPath;
use crate::base::timestamp::Timestamp;
use crate::deployment::{Deployment, HealthCheckStatus, Rollout, Status};
use crate::version::Version;

/// What the records of an environment say about one version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing<'a> {
    /// It was deployed with success, and nothing was said against it since.
    Good(&'a Deployment),
    /// It was taken back, or failed when it was deployed last.
    Bad(&'a Deployment),
    /// It was tried, and nothing decided whether it is good: those deployments were cancelled, or
    /// failed before the version was in service.
    Undecided(&'a Deployment),
    /// It was never deployed.
    Unknown,
}

/// What these records say about a version.
pub fn standing<'a>(
    version: &Version,
    records: impl IntoIterator<Item = &'a Deployment>,
) -> Standing<'a> {
    let mut found = Standing::Unknown;
    let mut of_it: Vec<_> = records.into_iter().filter(|it| it.version == *version).collect();
    of_it.sort_by_key(|record| moment(record));
    for record in of_it {
        found = match record.status() {
            Status::Succeeded => Standing::Good(record),
            Status::RolledBack => Standing::Bad(record),
            Status::Failed if was_tried(record) => Standing::Bad(record),
            Status::Failed | Status::Cancelled | Status::InProgress | Status::Queued => match found
            {
                Standing::Good(_) | Standing::Bad(_) => found,
                Standing::Undecided(_) | Standing::Unknown => Standing::Undecided(record),
            },
        };
    }
    found
}

/// The newest deployment of a sub-project, or of any, that succeeded and was not taken back (DEP055).
/// One that failed or was cancelled changes nothing about it (DEP056).
pub fn last_known_good<'a>(
    records: impl IntoIterator<Item = &'a Deployment>,
    project: Option<&SubProjectPath>,
) -> Option<&'a Deployment> {
    records
        .into_iter()
        .filter(|record| record.status() == Status::Succeeded)
        .filter(|record| project.is_none_or(|project| record.version.sub_project_path() == project))
        .max_by_key(|record| moment(record))
}

/// When a record said its last word; its ID decides between two of the same second.
pub(super) fn moment(record: &Deployment) -> (Timestamp, &str) {
    let progress = &record.progress;
    let last = progress.rolled_back_at().or(progress.completed_at()).or(progress.started_at());
    (last.unwrap_or(record.requested_at), record.id.as_str())
}

/// Whether the version itself was in service when the deployment failed, or was about to be.
pub(super) fn was_tried(record: &Deployment) -> bool {
    match record.health_check.map(|check| check.status()) {
        Some(HealthCheckStatus::Passed) => false,
        Some(HealthCheckStatus::Failed | HealthCheckStatus::Timeout) => true,
        None => record.rollout.as_ref().is_some_and(Rollout::was_begun),
    }
}

/// Whether the service was put back after this deployment.
pub(super) fn was_put_back(record: &Deployment) -> bool {
    record.rollout.as_ref().is_some_and(Rollout::was_put_back)
}
