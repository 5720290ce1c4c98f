//! Record and service: a success is recorded while its version runs, and a version is said to be put back
//! only where it runs.

use pipeline_core::deployment::Rollout;
use pipeline_core::{Deployment, Status, Version};

use super::{Broken, Evidence};
use crate::chronicle::Promise;
use crate::names::short;
use crate::service::{By, Service, Standing};
use crate::truth::{Commit, Place};

pub(super) fn judge(place: &Place, commit: &Commit, evidence: Evidence<'_>) -> Broken {
    let Evidence { environment, services, .. } = evidence;
    let mut broken = Broken::new();
    for record in &commit.records {
        if place.status(&record.id) != Some(Status::InProgress) {
            continue;
        }
        let key = (environment.clone(), record.version.sub_project_path().clone());
        let Some(service) = services.get_mut(&key) else { continue };
        service.settle();
        let said = match record.status() {
            Status::Succeeded => success(record, service),
            Status::Failed | Status::Cancelled => put_back(record, service),
            _ => None,
        };
        broken.extend(said.map(|told| (Promise::Service, told)));
    }
    broken
}

/// What is wrong with a success, unless somebody else changed the service since.
fn success(record: &Deployment, service: &Service) -> Option<String> {
    record.rollout.as_ref()?;
    let by = service.changed_by();
    if matches!(by, Some(By::Person | By::Itself)) {
        return None;
    }
    let own = By::Deployment(record.id.clone());
    (by != Some(&own)).then(|| format!("{} succeeded, and {by:?} is in front", short(&record.id)))
}

/// What is wrong with the version that is said to have been put back.
fn put_back(record: &Deployment, service: &Service) -> Option<String> {
    let said = record.progress.rolled_back_to()?;
    if !service.was_changed_by(&record.id) || service.changed_by() == Some(&By::Person) {
        return None;
    }
    let front = service.rollout(service.front());
    let runs = front.filter(|it| it.standing() == Standing::Runs).map(|it| it.revision);
    let version = runs.and_then(|revision| service.version(revision));
    if version == Some(said) || said_by_tag(record, said, runs) {
        return None;
    }
    let is = version.map_or_else(|| format!("{front:?}"), ToString::to_string);
    Some(format!("{}: {said} is said to be put back, and there is {is}", short(&record.id)))
}

/// Whether the service is back at what it ran before, and that is said to be what the environment
/// ran by its tag.
fn said_by_tag(record: &Deployment, said: &Version, runs: Option<usize>) -> bool {
    let Some(rollout) = record.rollout.as_ref().and_then(Rollout::ecs) else { return false };
    let before = rollout.previous_task_definition.as_ref();
    let number = before.and_then(|before| before.parse().ok());
    number.is_some() && number == runs && record.previous_version.as_ref() == Some(said)
}
