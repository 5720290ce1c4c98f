//! Where runs and names of pipelines lie in the ledger, and what their rules ask about.

use super::pipeline::{Pipeline, PipelineName, RunKey};
use super::record::{PipelineRun, RunRecord, RunStatus};
use super::rules::RunFacts;
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

/// Looks at a run that is to be recorded, and at whose the name of its pipeline is.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn survey<S: RefStore>(
    ledger: &Ledger<S>,
    run: PipelineRun,
) -> Result<RegistrationSurvey<PipelineRun>, LedgerError> {
    let slot = ledger.pipeline(&run.name);
    ledger.check_room(&slot).await?;
    let pipeline = ledger.read(&slot).await?.map(|entry| entry.record);
    registration::survey::survey(ledger, run, RunFacts { pipeline }).await
}

/// The newest run of a pipeline, by the time in its ID.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn newest<S: RefStore>(
    ledger: &Ledger<S>,
    name: &PipelineName,
) -> Result<Option<RunKey>, LedgerError> {
    let (shelf, snapshot) = (ledger.runs().within(name), ledger.snapshot().await?);
    let ids = snapshot.under(shelf.prefix()).filter_map(|(id, _)| id.parse().ok());
    Ok(ids.max().map(|run_id| RunKey { name: name.clone(), run_id }))
}

/// Runs of one pipeline or of all, newest first, and the records that cannot be used.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn runs<S: RefStore>(
    ledger: &Ledger<S>,
    name: Option<&PipelineName>,
    status: Option<RunStatus>,
) -> Result<(Vec<RunRecord>, Vec<Unreadable>), LedgerError> {
    let all = ledger.runs();
    let shelf = name.map_or(all.clone(), |name| all.within(name));
    let (entries, unreadable) = ledger.survey(&shelf).await?;
    let records = entries.into_iter().map(|entry| entry.record);
    let wanted = |run: &RunRecord| status.is_none_or(|status| run.status == status);
    let mut records: Vec<RunRecord> = records.filter(wanted).collect();
    records.sort_by(|a, b| (b.run_id, &b.name).cmp(&(a.run_id, &a.name)));
    Ok((records, unreadable))
}
