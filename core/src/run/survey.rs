//! Where runs and names of pipelines lie in the ledger, and what their rules ask about.

use super::RunId;
use super::pipeline::{Pipeline, PipelineName, RunKey};
use super::record::{PipelineRun, RunRecord, RunStatus};
use super::rules::RunFacts;
use crate::Timestamp;
use crate::base::name::look_alike;
use crate::ledger::{Ledger, LedgerError, RefStore, Shelf, Slot, Unreadable};
use crate::registration::{self, RegistrationSurvey};

impl<S: RefStore> Ledger<S> {
    /// The runs of all pipelines.
    #[must_use]
    pub fn runs(&self) -> Shelf<RunRecord> {
        self.shelf()
    }

    /// One run.
    #[must_use]
    pub fn run(&self, key: &RunKey) -> Slot<RunRecord> {
        self.runs().slot(key)
    }

    /// Who has the name of a pipeline.
    #[must_use]
    pub fn pipeline(&self, name: &PipelineName) -> Slot<Pipeline> {
        self.shelf().slot(name)
    }
}

/// Looks at a run that is to be recorded now, and at whose the name of its pipeline is. `planned` are the runs
/// that the same plan records.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn survey<S: RefStore>(
    ledger: &Ledger<S>,
    run: PipelineRun,
    planned: &[PipelineRun],
    now: Timestamp,
) -> Result<RegistrationSurvey<PipelineRun>, LedgerError> {
    let slot = ledger.pipeline(&run.name);
    ledger.check_room(&slot).await?;
    let pipeline = ledger.read(&slot).await?.map(|entry| entry.record);
    let alike = match &pipeline {
        Some(_) => None,
        None => {
            let (shelf, snapshot) = (ledger.shelf::<Pipeline>(), ledger.snapshot().await?);
            let planned = planned.iter().map(|it| it.name.as_str());
            look_alike(
                run.name.as_str(),
                snapshot.under(shelf.prefix()).map(|it| it.0).chain(planned),
            )
        }
    };
    let other = |it: &&PipelineRun| it.name == run.name && it.run_id != run.run_id;
    let planned = planned.iter().find(other).cloned();
    registration::survey::survey(ledger, run, RunFacts { pipeline, planned, alike, now }).await
}

/// The newest run of a pipeline, by the time in its ID. One that is ahead of the clock is none.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn newest<S: RefStore>(
    ledger: &Ledger<S>,
    name: &PipelineName,
    now: Timestamp,
) -> Result<Option<RunKey>, LedgerError> {
    let (shelf, snapshot) = (ledger.runs().within(name), ledger.snapshot().await?);
    let ids = snapshot.under(shelf.prefix()).filter_map(|(id, _)| id.parse().ok());
    let begun = ids.filter(|id: &RunId| !id.is_beyond(now));
    Ok(begun.max().map(|run_id| RunKey { name: name.clone(), run_id }))
}

/// Runs of one pipeline or of all, newest first, and the records that cannot be used. What is ahead of the clock
/// comes last.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn runs<S: RefStore>(
    ledger: &Ledger<S>,
    name: Option<&PipelineName>,
    status: Option<RunStatus>,
    now: Timestamp,
) -> Result<(Vec<RunRecord>, Vec<Unreadable>), LedgerError> {
    let all = ledger.runs();
    let shelf = name.map_or(all.clone(), |name| all.within(name));
    let (entries, unreadable) = ledger.survey(&shelf).await?;
    let records = entries.into_iter().map(|entry| entry.record);
    let wanted = |run: &RunRecord| status.is_none_or(|status| run.status == status);
    let mut records: Vec<RunRecord> = records.filter(wanted).collect();
    let order = |run: &RunRecord| (!run.run_id.is_beyond(now), run.run_id, run.name.clone());
    records.sort_by_cached_key(|run| std::cmp::Reverse(order(run)));
    Ok((records, unreadable))
}
