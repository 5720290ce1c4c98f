//! What maintenance may touch: what is still needed, what has been kept long enough, which versions are old.

use std::collections::{BTreeMap, BTreeSet};

use crate::archive::retention::Kept;
use crate::base::rule::RuleId;
use crate::base::suggest::did_you_mean_or;
use crate::base::violation::{Findings, Violation, Violations, quoted};
use crate::deployment::{Deployment, HealthCheckResult};
use crate::report::{EnvironmentFacts, Lane, ReportFacts};
use crate::rollback::last_known_good;
use crate::run::{PipelineName, RunId, RunKey, RunRecord};
use crate::tag::State;
use crate::tag::releases::{Release, Releases};
use crate::{SubProjectPath, Timestamp, Version};

/// The versions that something still needs, each with the reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs(BTreeMap<Version, String>);

impl Needs {
    /// What runs, is about to run, is a last known good, or is what an environment would go back to.
    #[must_use]
    pub fn of(facts: &ReportFacts, releases: &Releases) -> Self {
        let mut needs = Self::default();
        for environment in &facts.environments {
            needs.look_at(environment, releases);
        }
        for (project, environment, commit) in releases.pointers() {
            for release in releases.at(project, commit) {
                needs.add(&release.version, format!("runs in `{environment}`, as its tag says"));
            }
        }
        needs
    }

    fn look_at(&mut self, facts: &EnvironmentFacts, releases: &Releases) {
        let name = &facts.name;
        for place in &facts.places {
            if let Some(running) = &place.running {
                let runs = format!("runs in `{name}`");
                let tagged = releases.at(&place.lane.sub_project_path, running.commit);
                tagged.for_each(|release| self.add(&release.version, runs.clone()));
                running.version.iter().for_each(|version| self.add(version, runs.clone()));
            }
            let here = facts.history.records().filter(|it| Lane::of(it) == place.lane);
            let all = last_known_good(facts.history.records(), Some(&place.lane.sub_project_path));
            for good in last_known_good(here, None).into_iter().chain(all) {
                self.add(&good.version, format!("is the last known good of `{name}`"));
            }
            if let Some(back) = place.way_back.as_ref().and_then(|back| back.target.as_ref()) {
                self.add(back, format!("is what `{name}` would go back to"));
            }
        }
        for record in facts.history.records().filter(|it| !it.status().is_terminal()) {
            self.add(&record.version, format!("is about to run in `{name}`"));
        }
    }

    /// The first reason counts: the one that says most.
    fn add(&mut self, version: &Version, reason: String) {
        self.0.entry(version.clone()).or_insert(reason);
    }

    /// MNT007: nothing needs the version any more.
    ///
    /// # Errors
    /// What does.
    pub fn check_deprecation(&self, version: &Version) -> Result<(), Violation> {
        let Some(reason) = self.0.get(version) else { return Ok(()) };
        let found = format!("{}, which {reason}", quoted(&version.to_string()));
        let next = "Deploy a newer version there first.";
        Err(Violation::new(RuleId::MNT007, found, "a version that nothing needs any more", next))
    }

    /// Whether something needs what is on record of a deployment.
    #[must_use]
    pub fn holds(&self, deployment: &Deployment) -> bool {
        self.0.contains_key(&deployment.version)
    }
}

/// The releases that are older than the newest `keep` of their sub-project and are not deprecated, newest
/// first. Pre-releases neither count nor are counted: they have no states.
///
/// # Errors
/// GLB004: one of the sub-projects has no version.
pub fn old_releases<'a>(
    releases: &'a Releases,
    keep: usize,
    sub_projects: &[SubProjectPath],
) -> Result<Vec<&'a Release>, Violations> {
    let mut findings = Findings::new();
    for (index, wanted) in sub_projects.iter().enumerate() {
        let known = || releases.sub_projects().map(SubProjectPath::as_str);
        findings.require(known().any(|it| it == wanted.as_str()), || {
            let otherwise = || "Name a sub-project that has a version tag.".to_owned();
            let next = did_you_mean_or(wanted.as_str(), known(), otherwise);
            let found = quoted(wanted.as_str());
            let bad = Violation::new(RuleId::GLB004, found, "a sub-project with versions", next);
            bad.under(crate::FieldPath::root().field("sub_projects").index(index))
        });
    }
    let wanted = |it: &&SubProjectPath| sub_projects.is_empty() || sub_projects.contains(it);
    let old = releases.sub_projects().filter(wanted).flat_map(|project| {
        let stable = releases.of(project).rev().filter(|it| !it.version.is_prerelease());
        stable.skip(keep).filter(|it| !it.states.contains(&State::Deprecated))
    });
    findings.finish(old.collect())
}

/// For how many days what expires is kept where that is longer than the rules ask for, by kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keep(BTreeMap<String, u32>);

/// The kind of what health checks leave in a record.
const ANSWER: &str = "health_check_response";

/// The kind of the records of runs.
const RUN: &str = "run";

/// The kinds that cleaning up takes away.
const KINDS: &[&str] = &[ANSWER, RUN];

impl Keep {
    /// Takes the days.
    ///
    /// # Errors
    /// GLB004 for a kind that cleaning up leaves alone, RET001 to RET006 for fewer days than a kind is kept.
    pub fn new(days: impl IntoIterator<Item = (String, u64)>) -> Result<Self, Violations> {
        let (mut findings, mut keep) = (Findings::new(), BTreeMap::new());
        for (kind, days) in days {
            let at = crate::FieldPath::root().key(kind.clone());
            if !KINDS.contains(&kind.as_str()) {
                let bad = Violation::not_listed(RuleId::GLB004, &kind, KINDS.iter().copied());
                findings.extend([bad.under(at)]);
                continue;
            }
            let kept = kind.parse::<Kept>().and_then(|kept| Ok(kept.check_days(days)?));
            findings.extend(kept.err().map(|bad| bad.under(at)).into_iter().flatten());
            keep.insert(kind, u32::try_from(days).unwrap_or(u32::MAX));
        }
        findings.finish(Self(keep))
    }

    /// Whether something of this kind has been kept long enough to go `now`.
    fn is_over(&self, kind: &str, status: Option<&str>, at: Timestamp, now: Timestamp) -> bool {
        let over = |kept: Kept| kept.check_expired(status, at, now).is_ok();
        let longer = self.0.get(kind).map(|days| at.plus_seconds(i64::from(*days) * 86_400));
        kind.parse().is_ok_and(over) && longer.is_none_or(|until| until <= now)
    }

    /// Those of some runs that have been kept long enough (RET001, RET002), but neither the newest of a
    /// pipeline, which states of Terraform know, nor those that made a deployment that is `needed`.
    pub(super) fn over<'a>(
        &self,
        runs: impl Iterator<Item = &'a RunRecord> + Clone,
        needed: &BTreeSet<RunKey>,
        now: Timestamp,
    ) -> BTreeSet<RunKey> {
        let begun = runs.clone().filter(|run| !run.run_id.is_beyond(now));
        let newest: BTreeMap<&PipelineName, RunId> =
            begun.fold(BTreeMap::new(), |mut newest, run| {
                let known = newest.entry(&run.name).or_insert(run.run_id);
                *known = run.run_id.max(*known);
                newest
            });
        let over = |run: &&RunRecord| {
            let since = run.kept_since(run.written_at(), now);
            newest.get(&run.name) != Some(&run.run_id)
                && !needed.contains(&run.what.key())
                && self.is_over(RUN, Some(run.status.as_str()), since, now)
        };
        runs.filter(over).map(|run| run.what.key()).collect()
    }

    /// What is left of a deployment's record after what has been kept long enough is taken from it (RET004);
    /// nothing where nothing is to be taken.
    #[must_use]
    pub fn rest(&self, deployment: &Deployment, now: Timestamp) -> Option<Deployment> {
        let ended = deployment.progress.completed_at()?;
        let answered =
            deployment.health_check.is_some_and(|check| check.response_time_ms().is_some());
        let goes = answered && self.is_over(ANSWER, None, ended, now);
        let health_check = Some(HealthCheckResult::Passed { response_time_ms: None });
        goes.then(|| Deployment { health_check, ..deployment.clone() })
    }
}
