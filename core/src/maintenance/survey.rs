//! Gathers what tasks ask about: which tasks there are, what is still needed, what has been kept long enough.

#[cfg(feature = "git")]
mod deprecation;

use std::collections::BTreeSet;

#[cfg(feature = "git")]
pub use deprecation::{Deprecations, Policy, deprecations};

use super::change::TaskChange;
use super::rules::{Keep, Needs};
use super::{MaintenanceTask, TaskId, TaskStatus};
use crate::archive::{Expired, Expires};
use crate::deployment::Deployment;
use crate::environment::registered_names;
use crate::git::{ObjectId, StoredRecord};
use crate::ledger::{Ledger, LedgerError, Recorded, RefStore, Shelf, Slot};
use crate::record::Record;
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
    let facts = report::survey(ledger, grammar, Some(&names), None).await?;
    Ok(Needs::of(&facts, &releases))
}

/// A record of which something has been kept long enough.
#[derive(Debug, Clone)]
pub struct Due {
    pub(super) expired: Expired,
    pub(super) object: ObjectId,
    pub(super) bytes: Vec<u8>,
    /// What is left of it; nothing: it goes as a whole.
    pub(super) rest: Option<Deployment>,
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
        let whole = self.due.iter().filter(|due| due.rest.is_none()).count();
        let lines = [
            (whole, "delete the records of", "run"),
            (self.due.len() - whole, "take the response times of health checks from", "deployment"),
        ];
        let told = lines.into_iter().filter(|(count, ..)| *count > 0);
        told.map(|(count, what, of)| {
            let plural = if count == 1 { "" } else { "s" };
            format!("{what} {count} {of}{plural}")
        })
        .collect()
    }
}

/// Looks for what has been kept long enough.
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
    let (mut due, mut runs) = (Vec::new(), BTreeSet::new());
    for (stored, record) in stored(ledger, &ledger.all_deployments()).await? {
        if needs.holds(&record) {
            runs.extend(record.pipeline_run);
        } else if let Some(rest) = keep.rest(&record, now) {
            let expired = Expired::new(stored.name, stored.object.to_string());
            let (object, bytes) = (stored.object, stored.bytes);
            due.push(Due { expired, object, bytes, rest: Some(rest) });
        }
    }
    let all = stored(ledger, &ledger.runs()).await?;
    let over = keep.over(all.iter().map(|(_, run)| run), &runs, now);
    due.extend(all.into_iter().filter(|(_, run)| over.contains(&run.what.key())).map(whole));
    Ok(Cleanup { due })
}

/// A record that goes as a whole, which only one that may expire does.
fn whole<T: Expires>((stored, _): (StoredRecord, T)) -> Due {
    let StoredRecord { name, object, bytes, .. } = stored;
    Due { expired: Expired::new(name, object.to_string()), object, bytes, rest: None }
}

/// The records of a shelf with the bytes that they were read from, which is what the archive takes. One that
/// cannot be used stays where it is.
async fn stored<T: Record, S: RefStore>(
    ledger: &Ledger<S>,
    shelf: &Shelf<T>,
) -> Result<Vec<(StoredRecord, T)>, LedgerError> {
    let stored = ledger.store().read_records(ledger.refs(shelf).await?).await?;
    let read = |it: StoredRecord| T::from_json(&it.bytes).ok().map(|record| (it, record));
    Ok(stored.into_iter().filter_map(read).collect())
}
