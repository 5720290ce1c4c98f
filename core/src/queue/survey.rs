//! Gathers the queue of an environment and what is on record of its deployments.

use std::time::Duration;

use super::{Concurrency, QueueRecord, QueueScope, Queues, folder, rules};
use crate::base::violation::{Violation, Violations};
use crate::deployment::{History, survey};
use crate::git::ObjectId;
use crate::ledger::{Entry, Ledger, LedgerError, RefStore, Shelf, Slot};
use crate::{DeploymentId, EnvironmentName, RefName, SubProjectPath};

/// How often a queue is looked at again that its deployments do not agree with: to readers, a remote may
/// show the refs of one transaction one by one.
const AGAIN: u32 = 2;

impl<S: RefStore> Ledger<S> {
    /// The queues of all environments.
    #[must_use]
    pub fn queues(&self) -> Shelf<QueueRecord> {
        self.shelf()
    }

    /// The queue of one environment.
    #[must_use]
    pub fn queue(&self, environment: &EnvironmentName) -> Slot<QueueRecord> {
        self.queues().slot(environment)
    }

    /// The queues that sub-projects have of their own in one environment.
    #[must_use]
    pub fn queues_of_sub_projects(&self, environment: &EnvironmentName) -> Shelf<QueueRecord> {
        self.queues().within(&folder(environment))
    }

    /// The queue of these deployments.
    #[must_use]
    pub fn queue_of(&self, scope: &QueueScope) -> Slot<QueueRecord> {
        self.queues().slot(&scope.key())
    }
}

/// The queues of an environment, and what their estimates are made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueSurvey {
    /// The environment's own queue; empty where there is none yet.
    pub queue: QueueRecord,
    /// Those of its sub-projects, where they have their own, in their order.
    pub of_sub_projects: Vec<QueueRecord>,
    /// How long earlier deployments took, newest first; empty where nobody is in a queue.
    pub durations: Vec<Duration>,
}

/// Why the queue of an environment cannot be shown.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum QueueError {
    /// It cannot be had.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Its deployments say otherwise.
    #[error(transparent)]
    Broken(Violations),
}

/// One look.
struct Look {
    queues: Vec<QueueRecord>,
    history: History,
    /// Whether it shows the whole of the transactions that last changed the queues.
    is_whole: bool,
}

/// Reads the queues of an environment, and checks them by the records of its deployments.
///
/// # Errors
/// When records cannot be had or used, and for QUE002 to QUE004.
pub async fn gather<S: RefStore>(
    ledger: &Ledger<S>,
    environment: &EnvironmentName,
) -> Result<QueueSurvey, QueueError> {
    let mut looks = 0;
    loop {
        let Look { queues, history, is_whole } = look(ledger, environment).await?;
        let record_of = |id: &DeploymentId| history.records().find(|record| record.id == *id);
        let faults: Vec<Violation> =
            queues.iter().flat_map(|queue| rules::check(queue, record_of)).collect();
        if looks < AGAIN && !faults.is_empty() {
            looks += 1;
            ledger.store().refresh();
            continue;
        }
        if is_whole {
            Violations::check(faults).map_err(QueueError::Broken)?;
        }
        let (parts, own) = queues.into_iter().partition(|it| it.sub_project_path.is_some());
        let (mut of_sub_projects, own): (Vec<QueueRecord>, Vec<QueueRecord>) = (parts, own);
        of_sub_projects.sort_by(|a, b| a.sub_project_path.cmp(&b.sub_project_path));
        let queue = own.into_iter().next();
        return Ok(QueueSurvey {
            queue: queue.unwrap_or_else(|| QueueRecord::new(environment.clone())),
            of_sub_projects,
            durations: history.durations(),
        });
    }
}

/// Where nobody is in a queue nobody asks for deployments.
async fn look<S: RefStore>(
    ledger: &Ledger<S>,
    environment: &EnvironmentName,
) -> Result<Look, LedgerError> {
    let snapshot = ledger.snapshot().await?;
    let queues: Vec<QueueRecord> = all(ledger, environment).await?.all().cloned().collect();
    let history = if queues.iter().all(QueueRecord::is_idle) {
        History::default()
    } else {
        survey::history(ledger, environment).await?.0
    };
    let object_of = |name: &RefName| Some(snapshot.get(name.as_str())?.object.to_string());
    let is_whole = queues.iter().all(|queue| queue.is_shown_whole(object_of));
    Ok(Look { queues, history, is_whole })
}

/// Reads all queues of an environment.
///
/// # Errors
/// When records cannot be had or used.
pub async fn all<S: RefStore>(
    ledger: &Ledger<S>,
    environment: &EnvironmentName,
) -> Result<Queues, LedgerError> {
    let found = |entry: Entry<QueueRecord>| (entry.record, entry.object.to_string());
    let own = ledger.read(&ledger.queue(environment)).await?.map(found);
    let parts = ledger.list(&ledger.queues_of_sub_projects(environment)).await?;
    Ok(Queues { own, of_sub_projects: parts.into_iter().map(found).collect() })
}

/// The queue that a deployment of a sub-project enters.
#[derive(Debug, Clone)]
pub(crate) struct QueueToEnter {
    /// The queue; empty where there is none yet.
    pub(crate) record: QueueRecord,
    /// The object that it was read from.
    pub(crate) object: Option<ObjectId>,
    /// The environment's own queue, where it is another one and does not know of it yet: it is written with the
    /// first writing of this one.
    pub(crate) own: Option<(Option<ObjectId>, QueueRecord)>,
    /// BUS001, where its policy does not go with the queues that there are.
    pub(crate) fault: Option<Violation>,
}

/// Finds the queue that a deployment of a sub-project enters: its own where it has one or the registered policy
/// gives it one, as soon as nobody is in that of the environment. Beside it, the sub-projects that the
/// environment's own queue knows.
///
/// # Errors
/// When records cannot be had or used.
pub(crate) async fn to_enter<S: RefStore>(
    ledger: &Ledger<S>,
    scope: &QueueScope,
    policy: Concurrency,
) -> Result<(QueueToEnter, Vec<SubProjectPath>), LedgerError> {
    let own = ledger.read(&ledger.queue(&scope.environment)).await?;
    let object = own.as_ref().map(|entry| entry.object);
    let own = own.map_or_else(|| QueueRecord::new(scope.environment.clone()), |it| it.record);
    let succeeded = own.succeeded.iter().map(|it| &it.sub_project_path);
    let known = succeeded.chain(own.sub_projects.iter().flatten()).cloned().collect();
    let project = scope.sub_project_path.as_ref();
    let project =
        project.filter(|_| own.is_split() || (policy == Concurrency::SubProject && own.is_idle()));
    let Some(project) = project else {
        return Ok((QueueToEnter { record: own, object, own: None, fault: None }, known));
    };
    let part = ledger.read(&ledger.queue_of(scope)).await?;
    let part_object = part.as_ref().map(|entry| entry.object);
    let record = part.map_or_else(|| own.part(project), |entry| entry.record);
    let fault = own.is_of_parts().filter(|_| policy == Concurrency::Environment);
    let own = (!own.has_part(project)).then(|| (object, own.split_off(project)));
    Ok((QueueToEnter { record, object: part_object, own, fault }, known))
}
