//! Gathers what tasks ask about: which tasks there are, what is still needed, what has been kept long enough.

#[cfg(feature = "git")]
mod deprecation;

use std::collections::BTreeSet;

#[cfg(feature = "git")]
pub use deprecation::{Deprecations, Policy, deprecations};

use super::change::TaskChange;
use super::rules::{Keep, Needs};
use super::{MaintenanceTask, TaskId, TaskStatus};
use crate::archive::Expired;
use crate::deployment::Deployment;
use crate::environment::registered_names;
use crate::git::ObjectId;
use crate::ledger::{Ledger, LedgerError, Recorded, RefStore, Shelf, Slot};
use crate::record::Record as _;
use crate::report::survey as report;
use crate::{EnvironmentName, TagGrammar, Timestamp};

impl<S: RefStore> Ledger<S> {
    /// All maintenance tasks.
    #[must_use]
    pub fn maintenance_tasks(&self) -> Shelf<MaintenanceTask> {
        self.shelf()
    }

    /// One maintenance task.
    #[must_use]
    pub fn maintenance_task(&self, id: &TaskId) -> Slot<MaintenanceTask> {
        self.maintenance_tasks().slot(id)
    }
}

/// Looks at what is on record of a task that begins or ends. `is_dry`: it is to change nothing.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn survey<S: RefStore>(
    ledger: &Ledger<S>,
    next: MaintenanceTask,
    is_dry: bool,
) -> Result<TaskChange, LedgerError> {
    let slot = ledger.maintenance_task(&next.task_id);
    ledger.check_room(&slot).await?;
    let recorded = Recorded::read(ledger, slot).await?;
    Ok(TaskChange { next, recorded, is_dry })
}

/// Tasks that an earlier process of this configuration began, and was killed before they were over.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn abandoned<S: RefStore>(
    ledger: &Ledger<S>,
) -> Result<Vec<MaintenanceTask>, LedgerError> {
    let mut refs = ledger.refs(&ledger.maintenance_tasks()).await?;
    refs.retain(|(_, target)| ledger.store().wrote(target.object));
    let (entries, _) = ledger.sorted_out::<MaintenanceTask>(refs).await?;
    let left = entries.into_iter().map(|entry| entry.record);
    Ok(left.filter(|task| task.status() == TaskStatus::InProgress).collect())
}

/// What is still needed anywhere. A record of a deployment that cannot be used stops it: it may be of what
/// runs.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn needs<S: RefStore>(
    ledger: &Ledger<S>,
    grammar: &TagGrammar,
) -> Result<Needs, LedgerError> {
    ledger.list(&ledger.all_deployments()).await?;
    let (snapshot, releases) = (ledger.snapshot().await?, ledger.releases(grammar).await?);
    let mut names: BTreeSet<EnvironmentName> =
        registered_names(ledger).await?.into_iter().collect();
    names.extend(releases.pointers().map(|(_, name, _)| name.clone()));
    let shelf = ledger.all_deployments();
    let folders = snapshot.under(shelf.prefix()).filter_map(|(name, _)| name.split('/').next());
    names.extend(folders.filter_map(|name| name.parse().ok()));
    let names: Vec<EnvironmentName> = names.into_iter().collect();
    let facts = report::survey(ledger, grammar, Some(&names)).await?;
    Ok(Needs::of(&facts, &releases))
}

/// A record of which something has been kept long enough.
#[derive(Debug, Clone)]
pub struct Due {
    pub(super) expired: Expired,
    pub(super) object: ObjectId,
    pub(super) bytes: Vec<u8>,
    pub(super) rest: Deployment,
}

/// All that has been kept long enough and that nothing needs.
#[derive(Debug, Clone)]
pub struct Cleanup {
    due: Vec<Due>,
}

impl Cleanup {
    /// What goes, in parts that are one transaction each.
    pub fn batches(&self) -> impl Iterator<Item = &[Due]> {
        self.due.chunks(super::change::BATCH)
    }

    /// What would be done, one line for each kind.
    #[must_use]
    pub fn plan(&self) -> Vec<String> {
        let count = self.due.len();
        let plural = if count == 1 { "" } else { "s" };
        let line =
            format!("take the response times of health checks from {count} deployment{plural}");
        Some(line).filter(|_| count > 0).into_iter().collect()
    }
}

/// Looks for what has been kept long enough. Only what deployments leave is looked at; whole records that
/// expire are to be listed here as well, with nothing for a rest.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn cleanup<S: RefStore>(
    ledger: &Ledger<S>,
    grammar: &TagGrammar,
    keep: &Keep,
    now: Timestamp,
) -> Result<Cleanup, LedgerError> {
    let needs = needs(ledger, grammar).await?;
    let refs = ledger.refs(&ledger.all_deployments()).await?;
    let mut due = Vec::new();
    for stored in ledger.store().read_records(refs).await? {
        // What cannot be used has stopped the look at what is needed.
        let Ok(record) = Deployment::from_json(&stored.bytes) else { continue };
        let rest = keep.rest(&record, now).filter(|_| !needs.holds(&record));
        due.extend(rest.map(|rest| Due {
            expired: Expired::new(stored.name, stored.object.to_string()),
            object: stored.object,
            bytes: stored.bytes,
            rest,
        }));
    }
    Ok(Cleanup { due })
}
