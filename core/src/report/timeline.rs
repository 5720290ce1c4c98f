//! The timeline: which version was in service when, and what happened beside it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Lane;
use super::facts::ReportFacts;
use crate::deployment::{Deployment, Status};
use crate::{Timestamp, Version};

/// What happened in one place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TimelineLane {
    /// The place.
    pub lane: Lane,
    /// The versions that were in service, in order.
    pub bars: Vec<Bar>,
    /// What happened besides, in order.
    pub marks: Vec<Mark>,
}

/// A version was in service.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bar {
    /// Which.
    pub version: Version,
    /// Since when.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
    /// Whether it still is.
    pub is_current: bool,
    /// What became of its deployment.
    pub status: Status,
}

/// Something happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mark {
    /// When.
    pub at: Timestamp,
    /// `failed`, `cancelled`, `rolled_back` or `approved`.
    pub kind: &'static str,
    /// To which version.
    pub version: Version,
}

/// The deployments that put a version into service, and when that version left it. `records` are those of an
/// environment in the order in which they ended.
pub(super) fn service_spans<'a>(
    records: &[&'a Deployment],
    now: Timestamp,
) -> Vec<(&'a Deployment, Timestamp)> {
    let mut next: BTreeMap<Lane, Timestamp> = BTreeMap::new();
    let mut spans = Vec::new();
    for record in records.iter().rev() {
        if !matches!(record.status(), Status::Succeeded | Status::RolledBack) {
            continue;
        }
        let Some(from) = record.progress.completed_at() else { continue };
        let replaced = next.insert(Lane::of(record), from);
        let taken_back = record.progress.rolled_back_at();
        let end = [replaced, taken_back].into_iter().flatten().min().unwrap_or(now);
        spans.push((*record, end.max(from)));
    }
    spans.reverse();
    spans
}

/// What happened in each place since a time.
pub(super) fn lanes(facts: &ReportFacts, since: Timestamp, now: Timestamp) -> Vec<TimelineLane> {
    let mut found = Vec::new();
    for environment in &facts.environments {
        let records = environment.history.in_order();
        let mut lanes: BTreeMap<Lane, (Vec<Bar>, Vec<Mark>)> = BTreeMap::new();
        for (record, to) in service_spans(&records, now) {
            let Some(from) = record.progress.completed_at().filter(|_| to >= since) else {
                continue;
            };
            lanes.entry(Lane::of(record)).or_default().0.push(Bar {
                version: record.version.clone(),
                from: from.max(since),
                to,
                is_current: to == now && record.status() == Status::Succeeded,
                status: record.status(),
            });
        }
        for record in &records {
            let marks = marks(record).filter(|mark| mark.at >= since);
            let marks: Vec<Mark> = marks.collect();
            if !marks.is_empty() {
                lanes.entry(Lane::of(record)).or_default().1.extend(marks);
            }
        }
        for (lane, (bars, mut marks)) in lanes {
            marks.sort_by_key(|mark| mark.at);
            found.push(TimelineLane { lane, bars, marks });
        }
    }
    found
}

fn marks(record: &Deployment) -> impl Iterator<Item = Mark> {
    let progress = &record.progress;
    let ended = match record.status() {
        Status::Failed => progress.completed_at().map(|at| (at, "failed")),
        Status::Cancelled => progress.completed_at().map(|at| (at, "cancelled")),
        Status::RolledBack => progress.rolled_back_at().map(|at| (at, "rolled_back")),
        Status::Queued | Status::InProgress | Status::Succeeded => None,
    };
    let approved = record.all_approvals().filter_map(|it| Some((it.approved_at?, "approved")));
    let version = &record.version;
    ended.into_iter().chain(approved).map(|(at, kind)| Mark { at, kind, version: version.clone() })
}
