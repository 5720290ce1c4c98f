//! The history: each deployment of the period, with how long its version ran.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Lane;
use super::facts::ReportFacts;
use super::timeline::service_spans;
use crate::approval::Approval;
use crate::audit::AuditRecord;
use crate::deployment::{Deployment, Status, TestsRun};
use crate::{Actor, CommitSha, DeploymentId, Timestamp, Version};

/// One deployment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HistoryEntry {
    /// Which.
    pub deployment_id: DeploymentId,
    /// Where.
    #[serde(flatten)]
    pub lane: Lane,
    /// What.
    pub version: Version,
    /// Its commit.
    pub commit_sha: CommitSha,
    /// What became of it.
    pub status: Status,
    /// Who asked for it.
    pub triggered_by: Actor,
    /// When.
    pub requested_at: Timestamp,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
    /// How many seconds it took.
    pub took_seconds: Option<u64>,
    /// For how many seconds its version ran, so far.
    pub ran_seconds: Option<i64>,
    /// Why it was asked for.
    pub reason: Option<String>,
    /// The deployment whose damage it makes good.
    pub fixes: Option<DeploymentId>,
    /// What became of its tests.
    pub tests: Option<TestsRun>,
    /// Why it failed or was cancelled.
    pub error_message: Option<String>,
    /// When it was taken back.
    pub rolled_back_at: Option<Timestamp>,
    /// What the environment was put back to.
    pub rolled_back_to: Option<Version>,
    /// Who agreed to it.
    pub approved_by: Option<Actor>,
    /// When.
    pub approved_at: Option<Timestamp>,
    /// Where that is written.
    pub approval_reference: Option<String>,
    /// Everybody who agreed, where more than one did.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<Approval>,
    /// The rules that were set aside while it was done.
    pub overrides: Vec<String>,
}

impl HistoryEntry {
    /// Everybody who agreed to it, and when.
    pub(super) fn approvers(&self) -> Vec<(&Actor, Option<Timestamp>)> {
        let first = self.approved_by.as_ref().map(|by| (by, self.approved_at));
        let others = self.approvals.iter().skip(1).map(|it| (&it.approved_by, it.approved_at));
        first.into_iter().chain(others).collect()
    }
}

/// The deployments that were asked for or ended in the period, newest first.
pub(super) fn entries(facts: &ReportFacts, since: Timestamp, now: Timestamp) -> Vec<HistoryEntry> {
    let mut found = Vec::new();
    for environment in &facts.environments {
        let records = environment.history.in_order();
        let ran: BTreeMap<&str, i64> = service_spans(&records, now)
            .into_iter()
            .map(|(record, end)| (record.id.as_str(), seconds(record, end)))
            .collect();
        let wanted = |it: &&&Deployment| {
            it.requested_at >= since || it.progress.completed_at().is_some_and(|at| at >= since)
        };
        let overrides = overrides_of(facts, environment.name.as_str());
        for record in records.iter().filter(wanted) {
            let mut entry = entry(record);
            entry.ran_seconds = ran.get(record.id.as_str()).copied();
            let during = overrides.iter().filter(|audit| concerns(audit, record));
            entry.overrides = during.flat_map(|audit| audit.rules.clone()).collect();
            found.push(entry);
        }
    }
    found.sort_by(|a, b| {
        (b.requested_at, &b.deployment_id).cmp(&(a.requested_at, &a.deployment_id))
    });
    found
}

fn seconds(record: &Deployment, end: Timestamp) -> i64 {
    record.progress.completed_at().map_or(0, |from| end.seconds_since(from))
}

/// Overrides of a tag of the environment.
fn overrides_of<'a>(facts: &'a ReportFacts, environment: &str) -> Vec<&'a AuditRecord> {
    let of_it = |audit: &&AuditRecord| {
        audit
            .action
            .split(|letter: char| letter == '/' || letter.is_whitespace())
            .any(|word| word == environment)
    };
    facts.audits.iter().filter(of_it).collect()
}

/// Whether the override was used while this deployment was done, for its commit.
fn concerns(audit: &AuditRecord, record: &Deployment) -> bool {
    let ended = record.progress.completed_at().unwrap_or(audit.at);
    audit.after == Some(record.commit_sha) && (record.requested_at..=ended).contains(&audit.at)
}

fn entry(record: &Deployment) -> HistoryEntry {
    let (progress, approval) = (&record.progress, record.approval.as_ref());
    HistoryEntry {
        deployment_id: record.id.clone(),
        lane: Lane::of(record),
        version: record.version.clone(),
        commit_sha: record.commit_sha,
        status: record.status(),
        triggered_by: record.triggered_by.clone(),
        requested_at: record.requested_at,
        started_at: progress.started_at(),
        completed_at: progress.completed_at(),
        took_seconds: record.duration_seconds(),
        ran_seconds: None,
        reason: record.reason.clone(),
        fixes: record.fixes.clone(),
        tests: record.tests,
        error_message: progress.error_message().map(str::to_owned),
        rolled_back_at: progress.rolled_back_at(),
        rolled_back_to: progress.rolled_back_to().cloned(),
        approved_by: approval.map(|it| it.approved_by.clone()),
        approved_at: approval.and_then(|it| it.approved_at),
        approval_reference: approval.and_then(|it| it.reference.clone()),
        approvals: if record.approvals.is_empty() {
            Vec::new()
        } else {
            record.all_approvals().cloned().collect()
        },
        overrides: Vec::new(),
    }
}
