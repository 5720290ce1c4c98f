//! Whether a queue and the records of its deployments agree.

use super::lock::many_queues;
use super::{Concurrency, QueueRecord, QueueScope};
use crate::base::violation::quoted;
use crate::environment::Environment;
use crate::{Deployment, DeploymentId, FieldPath, RuleId, Status, Violation};

/// Checks each deployment of a queue by its own record; `None` where it has none. Those that wait are
/// queued (QUE002), the current one is in progress (QUE004), and all go to the queue's environment
/// (QUE003).
#[must_use]
pub fn check<'a>(
    queue: &QueueRecord,
    record_of: impl Fn(&DeploymentId) -> Option<&'a Deployment>,
) -> Vec<Violation> {
    let waiting = queue.waiting.iter().enumerate().map(|(index, waiting)| {
        let at = FieldPath::from("waiting").index(index);
        (&waiting.deployment_id, RuleId::QUE002, Status::Queued, at)
    });
    let current = queue.current.iter().map(|claim| {
        let at = FieldPath::from("current");
        (&claim.deployment_id, RuleId::QUE004, Status::InProgress, at)
    });
    let faults = waiting.chain(current).flat_map(|(id, rule, status, at)| {
        let record = record_of(id);
        let elsewhere = record.and_then(|record| elsewhere(queue, record));
        let found = wrong_status(queue, rule, id, record.map(Deployment::status), status);
        elsewhere.into_iter().chain(found).map(move |fault| fault.under(at.clone()))
    });
    faults.collect()
}

/// Checks that an environment can be locked, by what is registered of it (BUS004). Deployments of several
/// sub-projects take their turns in several queues, in which two locks could wait for each other in a circle.
#[must_use]
pub fn check_lockable(environment: &Environment) -> Option<Violation> {
    (environment.concurrency == Concurrency::SubProject).then(|| many_queues(&environment.name))
}

fn wrong_status(
    queue: &QueueRecord,
    rule: RuleId,
    id: &DeploymentId,
    found: Option<Status>,
    right: Status,
) -> Option<Violation> {
    let next = next(queue, id);
    let id = quoted(id.as_str());
    let found = match found {
        Some(status) if status == right => return None,
        Some(status) => format!("{id}, which is `{status}` by its record"),
        None => format!("{id}, which has no record"),
    };
    Some(Violation::new(rule, found, format!("a deployment that is `{right}`"), next))
}

fn elsewhere(queue: &QueueRecord, record: &Deployment) -> Option<Violation> {
    let project = record.version.sub_project_path();
    let is_of_part = queue.sub_project_path.as_ref().is_none_or(|part| part == project);
    (record.environment != queue.environment || !is_of_part).then(|| {
        let (environment, id) = (record.environment.clone(), quoted(record.id.as_str()));
        let place = match &queue.sub_project_path {
            Some(_) => QueueScope::part(environment, project.clone()),
            None => QueueScope::whole(environment),
        };
        let (found, expected) =
            (format!("{id} for {place}"), format!("a deployment to {}", queue.scope()));
        Violation::new(RuleId::QUE003, found, expected, next(queue, &record.id))
    })
}

/// What to do about it: a queue mends itself, because nobody renews the lease of such a deployment.
fn next(queue: &QueueRecord, id: &DeploymentId) -> String {
    format!(
        "Deploy to {} again: the new deployment takes the place of `{id}` once its lease has run out.",
        queue.scope()
    )
}
