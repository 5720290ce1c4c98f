//! Reports: what a deployer says in the end is what the ledger says, and it does not know only where
//! something went wrong.

use pipeline_core::base::cause::in_full;
use pipeline_core::deployment::deployer::Report;
use pipeline_core::deployment::engine::{Outcome, Refusal, Verdict};
use pipeline_core::{Deployment, DeploymentId, Status};

use super::Broken;
use crate::chronicle::Promise;
use crate::known::Known;
use crate::names::short;
use crate::truth::Place;

/// What is wrong with a report.
pub(crate) fn report(id: &DeploymentId, report: &Report, place: &Place, known: &Known) -> Broken {
    let record = place.records.get(id);
    let told = match &report.verdict {
        Verdict::Recorded(outcome) => {
            recorded(outcome.status(), report, record).or_else(|| another_reason(outcome, record))
        }
        Verdict::Refused(Refusal::Unclaimed(why)) if known.mishaps.is_empty() => {
            Some(format!("nothing had happened to it: {}", in_full(why)))
        }
        Verdict::Refused(_) => refused(record),
        Verdict::Unknown { reason, .. } => known
            .mishaps
            .is_empty()
            .then(|| format!("nothing had happened to it: {}", in_full(reason))),
    };
    let promise = match &report.verdict {
        Verdict::Unknown { .. } => Promise::Progress,
        _ => Promise::Verdict,
    };
    told.map(|told| (promise, format!("{}: {told}", short(id)))).into_iter().collect()
}

fn recorded(said: Status, report: &Report, record: Option<&Deployment>) -> Option<String> {
    let stands = record.map(Deployment::status);
    let taken_back = (said, stands) == (Status::Succeeded, Some(Status::RolledBack));
    if stands != Some(said) && !taken_back {
        return Some(format!("{said} is reported, and the record says {stands:?}"));
    }
    let shown = report.deployment.as_ref().map(Deployment::status);
    (shown != Some(said)).then(|| format!("{said} is reported, and {shown:?} is shown"))
}

/// The reason that is reported is the one that is recorded.
fn another_reason(outcome: &Outcome, record: Option<&Deployment>) -> Option<String> {
    let told = outcome.error_message()?;
    let written = record?.progress.error_message().unwrap_or_default();
    (written != told)
        .then(|| format!("the reason reported is {told:?}, and the one recorded {written:?}"))
}

/// One that was refused never began.
fn refused(record: Option<&Deployment>) -> Option<String> {
    let record = record?;
    let only_waited =
        record.status() == Status::Cancelled && record.progress.started_at().is_none();
    (!only_waited)
        .then(|| format!("a refusal is reported, and the record says {}", record.status()))
}
