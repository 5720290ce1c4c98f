//! Gathers the queue of an environment and what is on record of its deployments.

use std::time::Duration;

use super::{QueueRecord, rules};
use crate::base::violation::Violations;
use crate::deployment::{History, survey};
use crate::ledger::{Ledger, LedgerError, RefStore, Shelf, Slot};
use crate::{EnvironmentName, RefName};

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
}

/// A queue, and what its estimates are made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueSurvey {
    /// The queue; empty where there is none yet.
    pub queue: QueueRecord,
    /// How long earlier deployments took, newest first; empty where nobody is in the queue.
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
    queue: QueueRecord,
    history: History,
    /// Whether it shows the whole of the transaction that last changed the queue.
    is_whole: bool,
}

/// Reads the queue of an environment, and checks it by the records of its deployments.
///
/// # Errors
/// When records cannot be had or used, and for QUE002 to QUE004.
pub async fn gather<S: RefStore>(
    ledger: &Ledger<S>,
    environment: &EnvironmentName,
) -> Result<QueueSurvey, QueueError> {
    let mut looks = 0;
    loop {
        let Look { queue, history, is_whole } = look(ledger, environment).await?;
        let faults = rules::check(&queue, |id| history.records().find(|record| record.id == *id));
        if looks < AGAIN && !faults.is_empty() {
            looks += 1;
            ledger.store().refresh();
            continue;
        }
        if is_whole {
            Violations::check(faults).map_err(QueueError::Broken)?;
        }
        return Ok(QueueSurvey { queue, durations: history.durations() });
    }
}

/// Where nobody is in the queue nobody asks for deployments.
async fn look<S: RefStore>(
    ledger: &Ledger<S>,
    environment: &EnvironmentName,
) -> Result<Look, LedgerError> {
    let snapshot = ledger.snapshot().await?;
    let found = ledger.read(&ledger.queue(environment)).await?;
    let queue = found.map_or_else(|| QueueRecord::new(environment.clone()), |entry| entry.record);
    let is_empty = queue.waiting.is_empty() && queue.current.is_none();
    let history =
        if is_empty { History::default() } else { survey::history(ledger, environment).await?.0 };
    let object_of = |name: &RefName| Some(snapshot.get(name.as_str())?.object.to_string());
    Ok(Look { is_whole: queue.is_shown_whole(object_of), queue, history })
}
