//! Record and service: a success is recorded while its version runs, and a version is said to be put back
//! only where it runs.

use pipeline_core::model::{Deployment, Status};

use super::{Broken, Evidence};
use crate::chronicle::Promise;
use crate::life::short;
use crate::service::{By, Service};
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
    let runs = service.steady().and_then(|revision| service.version(revision));
    (runs != Some(said)).then(|| {
        let runs = runs.map_or_else(|| "something else".to_owned(), ToString::to_string);
        format!("{}: {said} is said to be put back, and {runs} runs", short(&record.id))
    })
}
