//! The five figures of DORA, for one sub-project in one environment. They are never summed over several:
//! a figure of two services is true of neither.

use std::collections::BTreeMap;

use serde::Serialize;

use super::facts::{Change, ReportFacts};
use super::{Lane, shown};
use crate::deployment::{Deployment, Rollout, Status};
use crate::{CommitSha, Timestamp};

/// Fewer deployments than these make no figure.
const FEWEST: usize = 5;

const DAY: i64 = 86_400;
const WEEK: i64 = 7 * DAY;

/// More weeks than these are not drawn.
const MOST_WEEKS: usize = 53;

/// The figures of a sub-project in an environment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LaneMetrics {
    /// Of which.
    #[serde(flatten)]
    pub lane: Lane,
    /// Since when deployments count.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Deployments that went into service.
    pub deployments: usize,
    /// How many of them in each week, the oldest first.
    pub per_week: Vec<u32>,
    /// The five figures.
    pub figures: Vec<Figure>,
}

/// One figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// `deployment_frequency`, `change_lead_time`, `change_fail_rate`, `failed_deployment_recovery_time` or
    /// `deployment_rework_rate`.
    pub key: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// Deployments in a week, seconds, or a share from 0 to 1; `None` where nothing can be said.
    pub value: Option<f64>,
    /// The unit of the value.
    pub unit: &'static str,
    /// The value as people read it, or why there is none.
    pub shown: String,
    /// How many deployments, commits or failures it is made from.
    pub n: usize,
    /// What is counted in `n`.
    pub of: &'static str,
    /// What it means here.
    pub definition: &'static str,
}

/// Pairs of what ran and what replaced it since a time: whose commits the change lead time asks about.
/// `records` are those of one environment in the order in which they ended.
#[must_use]
pub fn new_since(records: &[&Deployment], since: Timestamp) -> Vec<(CommitSha, CommitSha)> {
    steps(records, since).into_iter().map(|(before, record)| (before, record.commit_sha)).collect()
}

/// Each deployment that went into service since a time, with what the same place ran before it.
fn steps<'a>(records: &[&'a Deployment], since: Timestamp) -> Vec<(CommitSha, &'a Deployment)> {
    let mut last: BTreeMap<Lane, CommitSha> = BTreeMap::new();
    let mut found = Vec::new();
    for record in records.iter().filter(|it| is_success(it)) {
        let before = last.insert(Lane::of(record), record.commit_sha);
        let is_new = record.progress.completed_at().is_some_and(|at| at >= since);
        found.extend(before.filter(|_| is_new).map(|before| (before, *record)));
    }
    found
}

fn is_success(record: &Deployment) -> bool {
    matches!(record.status(), Status::Succeeded | Status::RolledBack)
}

/// Whether a failure reached whoever uses the service: something was put into service or put back.
fn failed_in_service(record: &Deployment) -> bool {
    record.status() == Status::Failed
        && (record.progress.rolled_back_to().is_some()
            || record.rollout.as_ref().is_some_and(Rollout::was_begun))
}

/// The figures of each sub-project in each environment; production first.
pub(super) fn all(facts: &ReportFacts, since: Timestamp, until: Timestamp) -> Vec<LaneMetrics> {
    let mut environments: Vec<_> = facts.environments.iter().collect();
    environments.sort_by_key(|it| !it.is_production);
    let mut found = Vec::new();
    for environment in environments {
        let mut projects: BTreeMap<Lane, Vec<&Deployment>> = BTreeMap::new();
        for record in environment.history.in_order() {
            projects.entry(Lane::of(record).whole()).or_default().push(record);
        }
        let of_one = |(lane, records): (Lane, Vec<&Deployment>)| {
            Period { facts, since, until, records }.figures(lane)
        };
        found.extend(projects.into_iter().map(of_one));
    }
    found
}

/// The deployments of a sub-project to an environment, and the time that is looked at.
struct Period<'a> {
    facts: &'a ReportFacts,
    since: Timestamp,
    until: Timestamp,
    records: Vec<&'a Deployment>,
}

impl<'a> Period<'a> {
    fn figures(&self, lane: Lane) -> LaneMetrics {
        let ended = self.ended();
        let served: Vec<&Deployment> =
            ended.iter().copied().filter(|it| is_success(it) || failed_in_service(it)).collect();
        let figures = vec![
            self.frequency(&served),
            self.lead_time(&served),
            self.fail_rate(&served),
            self.recovery(&served),
            self.rework(&served),
        ];
        LaneMetrics {
            lane,
            since: self.since,
            until: self.until,
            deployments: served.len(),
            per_week: self.per_week(&served),
            figures,
        }
    }

    fn ended(&self) -> Vec<&'a Deployment> {
        let within = |at: Timestamp| (self.since..=self.until).contains(&at);
        let wanted = |it: &&&Deployment| it.progress.completed_at().is_some_and(within);
        self.records.iter().filter(wanted).copied().collect()
    }

    fn frequency(&self, served: &[&Deployment]) -> Figure {
        let n = served.iter().filter(|it| is_success(it)).count();
        let weeks = as_number(self.until.seconds_since(self.since)) / as_number(WEEK);
        let value = (n >= FEWEST && weeks > 0.0).then(|| as_count(n) / weeks);
        Figure {
            key: "deployment_frequency",
            name: "Deployment frequency",
            value,
            unit: "per week",
            shown: value.map_or_else(|| too_few(n), |rate| format!("{rate:.1} per week")),
            n,
            of: "deployments",
            definition: "Deployments that succeeded, for each week of the period.",
        }
    }

    fn lead_time(&self, served: &[&Deployment]) -> Figure {
        let steps = steps(&self.records, self.since);
        let mut seconds = Vec::new();
        let mut is_known = true;
        for (before, record) in &steps {
            match self.facts.changes.get(&(*before, record.commit_sha)) {
                Some(Some(commits)) => seconds.extend(lead_times(commits, record)),
                Some(None) | None => is_known = false,
            }
        }
        let n = seconds.len();
        let (value, shown) = match median(seconds) {
            _ if served.len() < FEWEST => (None, too_few(served.len())),
            _ if !is_known => (None, "not known: shallow clone".to_owned()),
            None => (None, "no new commits".to_owned()),
            Some(median) => (Some(as_number(median)), shown::duration(median)),
        };
        Figure {
            key: "change_lead_time",
            name: "Change lead time",
            value,
            unit: "seconds",
            shown,
            n,
            of: "commits",
            definition: "Median time from a commit to the end of the deployment that first brought it here.",
        }
    }

    fn fail_rate(&self, served: &[&Deployment]) -> Figure {
        let n = served.len();
        let failed = served.iter().filter(|it| self.needed_help(it)).count();
        let value = (n >= FEWEST).then(|| as_count(failed) / as_count(n));
        let shown = |rate: f64| format!("{:.0} % ({failed} of {n})", rate * 100.0);
        Figure {
            key: "change_fail_rate",
            name: "Change fail rate",
            value,
            unit: "share",
            shown: value.map_or_else(|| too_few(n), shown),
            n,
            of: "deployments",
            definition: "Share of the deployments that went into service and failed there, were taken back or fixed.",
        }
    }

    fn recovery(&self, served: &[&Deployment]) -> Figure {
        let failed: Vec<&&Deployment> = served.iter().filter(|it| self.needed_help(it)).collect();
        let seconds: Vec<i64> = failed.iter().filter_map(|it| self.recovered_after(it)).collect();
        let n = seconds.len();
        let (value, shown) = match median(seconds) {
            _ if served.len() < FEWEST => (None, too_few(served.len())),
            None if failed.is_empty() => (None, "no failures".to_owned()),
            None => (None, "not recovered yet".to_owned()),
            Some(median) => (Some(as_number(median)), shown::duration(median)),
        };
        Figure {
            key: "failed_deployment_recovery_time",
            name: "Recovery time",
            value,
            unit: "seconds",
            shown,
            n,
            of: "failures",
            definition: "Median time from a deployment that failed in service, or had to be fixed, to the next good state.",
        }
    }

    /// Whether somebody had to put back or to fix what a deployment did.
    fn needed_help(&self, served: &Deployment) -> bool {
        served.status() != Status::Succeeded || self.fix_of(served).is_some()
    }

    /// Whether a deployment put back what ran there before.
    fn returns(&self, record: &Deployment) -> bool {
        let ended = record.progress.completed_at();
        self.records.iter().any(|it| {
            is_success(it)
                && it.version == record.version
                && it.region == record.region
                && it.progress.completed_at() < ended
        })
    }

    /// The first success that fixes a deployment.
    fn fix_of(&self, bad: &Deployment) -> Option<&'a Deployment> {
        let fixes = |it: &&&Deployment| is_success(it) && it.fixes.as_ref() == Some(&bad.id);
        self.records.iter().find(fixes).copied()
    }

    /// Seconds until what a bad deployment did was made good again.
    fn recovered_after(&self, bad: &Deployment) -> Option<i64> {
        let progress = &bad.progress;
        let (started, ended) = (progress.started_at()?, progress.completed_at()?);
        if let Some(taken_back) = progress.rolled_back_at() {
            return Some(taken_back.seconds_since(ended));
        }
        if progress.rolled_back_to().is_some() {
            return Some(ended.seconds_since(started));
        }
        if let Some(fix) = self.fix_of(bad) {
            return Some(fix.progress.completed_at()?.seconds_since(ended));
        }
        let later = |it: &&&Deployment| {
            is_success(it) && it.region == bad.region && it.progress.completed_at() > Some(ended)
        };
        let next = self.records.iter().find(later)?.progress.completed_at()?;
        Some(next.seconds_since(ended))
    }

    /// Deployments that fix another one, where some are marked so. A rollback is none: it puts back, and nothing
    /// new is made.
    fn rework(&self, served: &[&Deployment]) -> Figure {
        let is_rework = |it: &&&Deployment| it.fixes.is_some() && !self.returns(it);
        let (n, marked) = (served.len(), served.iter().filter(is_rework).count());
        // Nobody can tell whether those without a mark were planned, where nobody marks any.
        let value = (n >= FEWEST && marked > 0).then(|| as_count(marked) / as_count(n));
        let shown = match value {
            Some(rate) => format!("{:.0} % ({marked} of {n})", rate * 100.0),
            None if marked == 0 => "not recorded".to_owned(),
            None => too_few(n),
        };
        Figure {
            key: "deployment_rework_rate",
            name: "Rework rate",
            value,
            unit: "share",
            shown,
            n: if marked == 0 { 0 } else { n },
            of: "deployments",
            definition: "Share of the deployments that were made to fix another one (`fixes`).",
        }
    }

    fn per_week(&self, served: &[&Deployment]) -> Vec<u32> {
        let week = |from: Timestamp, at: Timestamp| at.seconds_since(from).div_euclid(WEEK);
        let Ok(last) = usize::try_from(week(self.since, self.until)) else { return Vec::new() };
        if last >= MOST_WEEKS {
            return Vec::new();
        }
        let mut weeks = vec![0; last + 1];
        for at in served.iter().filter_map(|it| it.progress.completed_at()) {
            let week = usize::try_from(week(self.since, at)).ok();
            if let Some(count) = week.and_then(|week| weeks.get_mut(week)) {
                *count += 1;
            }
        }
        weeks
    }
}

fn lead_times(commits: &[Change], record: &Deployment) -> Vec<i64> {
    let Some(done) = record.progress.completed_at() else { return Vec::new() };
    // A committer's clock may be ahead.
    let since = |it: &Change| it.committed_at.map(|at| done.seconds_since(at).max(0));
    commits.iter().filter_map(since).collect()
}

/// The lower one of the two in the middle.
fn median(mut seconds: Vec<i64>) -> Option<i64> {
    seconds.sort_unstable();
    seconds.get(seconds.len().checked_sub(1)? / 2).copied()
}

fn too_few(n: usize) -> String {
    format!("no figure: {n} of {FEWEST} deployments")
}

/// Exact for all lengths of time that the calendar holds.
#[allow(clippy::cast_precision_loss, reason = "a length of time that the calendar holds is exact")]
const fn as_number(seconds: i64) -> f64 {
    seconds as f64
}

fn as_count(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}
