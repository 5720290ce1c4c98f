//! The end: nobody holds or waits, every record came to its end, and tag, record and service agree.

use pipeline_core::{Deployment, Status, TagGrammar};

use super::Broken;
use super::tags::tag_of;
use crate::chronicle::Promise;
use crate::names::short;
use crate::service::Service;
use crate::truth::Place;

/// What is wrong after the last deployment of a sub-project, which went well.
pub(crate) fn ending(place: &Place, last: &Deployment, service: Option<&mut Service>) -> Broken {
    let mut broken = Broken::new();
    let mut say = |told: String| broken.push((Promise::Recovery, told));
    if place.queue.current.is_some() || !place.queue.waiting.is_empty() {
        say(format!("the queue is not empty in the end: {:?}", place.queue));
    }
    let open = |record: &&Deployment| !is_over(record.status());
    for record in place.records.values().filter(open) {
        say(format!("{} is still {} in the end", short(&record.id), record.status()));
    }
    let stands = place.tags.get(&tag_of(last)).copied();
    if TagGrammar::default().has_tags(&last.environment) && stands != Some(last.commit_sha) {
        say(format!("the tag stands on {stands:?} in the end, not on {}", last.commit_sha));
    }
    if let Some(service) = service {
        service.settle();
        let runs = service.steady().and_then(|revision| service.version(revision));
        if runs != Some(&last.version) {
            say(format!("{runs:?} runs in the end, not {}", last.version));
        }
    }
    broken
}

const fn is_over(status: Status) -> bool {
    !matches!(status, Status::Queued | Status::InProgress)
}
