//! Deployments over the ledger's twin in memory, with a clock that the tests turn.

mod attempts;
mod claiming;
mod concurrency;
mod early;
mod ending;
mod faults;
mod handover;
mod health;
mod lapses;
mod law;
mod lease;
mod lock;
mod past;
mod plain;
mod policies;
mod release;
mod store;
mod tasks;
mod torn;
mod waiting;
mod world;

use crate::base::cause::in_full;
use crate::deployment::engine::{Back, Cancellation, Outcome, Refusal, Unwritten, Verdict};
use crate::deployment::{HealthCheckResult, Status};
use crate::rollout::GitOnly;
use crate::{RuleId, Violation};
use store::Store;
use world::World;

use super::*;

/// The reason of a verdict that is unknown.
fn unknown(report: &Report) -> String {
    match &report.verdict {
        Verdict::Unknown { reason, resolution } => reason.with(resolution.as_ref()),
        verdict => panic!("{verdict:?}"),
    }
}

/// Why a deployment was recorded as failed.
fn failed(report: &Report) -> String {
    match &report.verdict {
        Verdict::Recorded(Outcome::Failed { reason, .. }) => in_full(reason),
        verdict => panic!("{verdict:?}"),
    }
}

/// A person interrupted.
fn interrupted() -> Outcome {
    let reason = Cancellation::Stopped { by: "Ctrl-C".to_owned() };
    Outcome::Cancelled { reason, back: Back::Unchanged }
}

/// Why a deployment was cancelled.
fn cancelled(report: &Report) -> String {
    match &report.verdict {
        Verdict::Recorded(Outcome::Cancelled { reason, .. }) => in_full(reason),
        verdict => panic!("{verdict:?}"),
    }
}

/// The rules that forbade a deployment.
fn forbidden(report: &Report) -> &[Violation] {
    match &report.verdict {
        Verdict::Refused(Refusal::Forbidden(faults)) => faults,
        verdict => panic!("{verdict:?}"),
    }
}

/// Why a claim could not be made.
fn unclaimed(report: &Report) -> String {
    match &report.verdict {
        Verdict::Refused(Refusal::Unclaimed(why)) => in_full(why),
        verdict => panic!("{verdict:?}"),
    }
}

fn rules(report: &Report) -> Vec<RuleId> {
    forbidden(report).iter().map(|fault| fault.rule).collect()
}

fn status(report: &Report) -> Option<Status> {
    report.deployment.as_ref().map(Deployment::status)
}

/// Nothing but git.
const NO_TARGET: Option<&GitOnly> = None;

const SUCCESS: Verdict = Verdict::Recorded(Outcome::Succeeded { health: None });
