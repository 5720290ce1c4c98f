//! Which version an environment can go back to, and what speaks against every other.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::standing::{Standing, moment, standing};
use super::target::{RejectedVersion, RollbackTarget, RollbackTargetParts, SelectionCriteria};
use crate::base::name::EnvironmentName;
use crate::base::path::SubProjectPath;
use crate::base::revision::CommitSha;
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, Violations};
use crate::deployment::{Deployment, Rollout, Status};
use crate::tag::State;
use crate::tag::releases::{Release, Releases};
use crate::version::Version;

/// What an environment runs of a sub-project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Current<'a> {
    /// Nothing.
    Nothing,
    /// A commit that no version tag names.
    Untagged(CommitSha),
    /// A version.
    Version(&'a Version),
}

/// What is the case in the repository, the ledger and ECS.
#[derive(Debug, Clone, Copy)]
pub struct RollbackFacts<'a> {
    /// The environment.
    pub environment: &'a EnvironmentName,
    /// The sub-project.
    pub project: &'a SubProjectPath,
    /// What runs.
    pub current: Current<'a>,
    /// The versions that have tags, with their states.
    pub releases: &'a Releases,
    /// The deployments to the environment, in any order.
    pub records: &'a [Deployment],
    /// Whether a revision of a task definition is still active, by its ARN; absent where nobody asked.
    pub revision_active: &'a BTreeMap<String, bool>,
}

/// A version that the environment can go back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate<'a> {
    /// The deployment that shows that it is good.
    pub deployment: &'a Deployment,
    /// What its state tags say.
    pub states: &'a BTreeSet<State>,
    /// Whether its revision is still active; `None` where it has none, or nobody asked.
    pub revision_active: Option<bool>,
}

/// What speaks against a version.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unfit<'a> {
    /// It is not lower than the one that runs.
    NotLower,
    /// It was never deployed to the environment.
    NeverDeployed,
    /// Its deployment is the newest that decided something, and it was taken back or failed.
    Bad(&'a Deployment),
    /// No deployment of it ever decided anything.
    Undecided(&'a Deployment),
    /// Its version tag is gone.
    Untagged,
    /// Its version tag stands on another commit than the one that was deployed.
    Moved {
        /// The commit that was deployed.
        deployed: CommitSha,
        /// The commit of the tag.
        tagged: CommitSha,
    },
    /// It has a `-deprecated` tag.
    Deprecated,
    /// It has an `-unstable` tag.
    Unstable,
    /// The revision that ran it cannot be put into service any more.
    Inactive(&'a str),
}

/// A version that the environment does not go back to, and everything that speaks against it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused<'a> {
    /// The version.
    pub version: &'a Version,
    /// What speaks against it; not empty.
    pub reasons: Vec<Unfit<'a>>,
}

/// The answer to the question what to go back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection<'a> {
    /// The version to go back to, or in words why there is none.
    pub target: Result<Candidate<'a>, String>,
    /// Every version that may be gone back to, highest first.
    pub candidates: Vec<Candidate<'a>>,
    /// Every other version that was deployed before, and those without a deployment that are higher
    /// than the target; highest first.
    pub rejected: Vec<Refused<'a>>,
}

/// Looks for the version to go back to: the highest candidate that is not deprecated, and among
/// those with a `-stable` tag first where they have priority.
#[must_use]
pub fn select<'a>(facts: &RollbackFacts<'a>, criteria: SelectionCriteria) -> Selection<'a> {
    let Current::Version(current) = facts.current else {
        let target = Err(nothing_to_leave(facts));
        return Selection { target, candidates: Vec::new(), rejected: Vec::new() };
    };
    let (mut candidates, mut rejected) = (Vec::new(), Vec::new());
    for version in deployed(facts) {
        match judge(facts, criteria, current, version) {
            Ok(candidate) => candidates.push(candidate),
            Err(reasons) => rejected.push(Refused { version, reasons }),
        }
    }
    let target = best(&candidates, criteria).cloned();
    if let Some(target) = &target {
        rejected.extend(never_deployed(facts, current, &target.deployment.version));
        rejected.sort_by(|a, b| b.version.cmp(a.version));
    }
    let target = target.ok_or_else(|| nothing_fits(facts, current, &candidates, &rejected));
    Selection { target, candidates, rejected }
}

impl<'a> Selection<'a> {
    /// The version to go back to, and the deployment that shows that it is good: this one where it is a candidate, else
    /// the one that was found.
    ///
    /// # Errors
    /// Why there is none, or why this one is none: RBK001, RBK002, RBK004 and RBK006.
    pub fn choose(
        &self,
        facts: &RollbackFacts<'_>,
        selection_criteria: SelectionCriteria,
        wanted: Option<&Version>,
    ) -> Result<(RollbackTarget, &'a Deployment), Violations> {
        let Current::Version(current) = facts.current else {
            return Err(self.no_target(facts).into());
        };
        let target = match (wanted, &self.target) {
            (Some(wanted), _) => wanted,
            (None, Ok(target)) => &target.deployment.version,
            (None, Err(_)) => return Err(self.no_target(facts).into()),
        };
        let candidates = || self.candidates.iter();
        let rejected = self.rejected.iter().filter(|it| it.version != target);
        let parts = RollbackTargetParts {
            current_version: current.clone(),
            target_version: target.clone(),
            target_states: facts
                .releases
                .get(target)
                .map(|it| it.states.clone())
                .unwrap_or_default(),
            environment: facts.environment.clone(),
            selection_criteria,
            candidate_versions: candidates().map(|it| it.deployment.version.clone()).collect(),
            rejected_versions: rejected.map(RejectedVersion::from).collect(),
        };
        let chosen = parts.check().map_err(|bad| self.with_reasons(bad, target))?;
        let good = candidates().find(|it| it.deployment.version == *target);
        let good = good.ok_or_else(|| self.no_target(facts))?;
        Ok((chosen, good.deployment))
    }

    /// RBK006, with what the answer says.
    fn no_target(&self, facts: &RollbackFacts<'_>) -> Violation {
        let why = self.target.as_ref().err();
        let found = why.cloned().unwrap_or_else(|| "no version to go back to".to_owned());
        let expected = format!(
            "a version lower than the one that runs, which was deployed to `{}` with success and not taken back",
            facts.environment
        );
        let next = "Release a version that mends it, and deploy that.";
        Violation::new(RuleId::RBK006, found, expected, next)
    }

    /// Everything that speaks against a version that is no candidate, said with it.
    fn with_reasons(&self, faults: Violations, target: &Version) -> Violations {
        let Some(refused) = self.rejected.iter().find(|it| it.version == target) else {
            return faults;
        };
        let why = RejectedVersion::from(refused).reason;
        let told = faults.iter().cloned().map(|mut fault| {
            if fault.rule == RuleId::RBK004 {
                fault.found = format!("{}: {why}", fault.found);
            }
            fault
        });
        Violations::check(told.collect()).err().unwrap_or(faults)
    }
}

impl Selection<'_> {
    /// The answer as a rollback target; `None` where there is no target.
    ///
    /// # Errors
    /// Never for what [`select`] found; all that is wrong with an answer of other making.
    pub fn entity(
        &self,
        facts: &RollbackFacts<'_>,
        selection_criteria: SelectionCriteria,
    ) -> Result<Option<RollbackTarget>, Violations> {
        let (Ok(target), Current::Version(current)) = (&self.target, facts.current) else {
            return Ok(None);
        };
        let candidates = self.candidates.iter().map(|candidate| &candidate.deployment.version);
        let parts = RollbackTargetParts {
            current_version: current.clone(),
            target_version: target.deployment.version.clone(),
            target_states: target.states.clone(),
            environment: facts.environment.clone(),
            selection_criteria,
            candidate_versions: candidates.cloned().collect(),
            rejected_versions: self.rejected.iter().map(RejectedVersion::from).collect(),
        };
        parts.check().map(Some)
    }
}

impl From<&Refused<'_>> for RejectedVersion {
    fn from(refused: &Refused<'_>) -> Self {
        let reasons: Vec<String> = refused.reasons.iter().map(ToString::to_string).collect();
        Self { version: refused.version.clone(), reason: reasons.join("; ") }
    }
}

impl Candidate<'_> {
    /// Whether it counts as stable: said to be, and nothing said against it.
    #[must_use]
    pub fn is_stable(&self) -> bool {
        is_stable(self.states)
    }

    /// The revision of the task definition that ran it.
    #[must_use]
    pub fn task_definition(&self) -> Option<&str> {
        self.deployment.rollout.as_ref()?.ecs()?.task_definition.as_deref()
    }
}

pub(super) fn is_stable(states: &BTreeSet<State>) -> bool {
    states.contains(&State::Stable) && !states.contains(&State::Unstable)
}

/// Every version of the sub-project with a deployment on record, highest first, but for the one that
/// runs.
fn deployed<'a>(facts: &RollbackFacts<'a>) -> impl Iterator<Item = &'a Version> + use<'a> {
    let (project, current) = (facts.project, facts.current);
    let of_project = |record: &&Deployment| record.version.sub_project_path() == project;
    let versions = facts.records.iter().filter(of_project).map(|record| &record.version);
    let versions: BTreeSet<&Version> =
        versions.filter(|version| current != Current::Version(version)).collect();
    versions.into_iter().rev()
}

/// A candidate, or everything that speaks against the version.
fn judge<'a>(
    facts: &RollbackFacts<'a>,
    criteria: SelectionCriteria,
    current: &Version,
    version: &Version,
) -> Result<Candidate<'a>, Vec<Unfit<'a>>> {
    let lower = (version >= current).then_some(Unfit::NotLower);
    let mut against: Vec<Unfit<'a>> = lower.into_iter().collect();
    let good = match standing(version, facts.records) {
        Standing::Good(deployment) => Ok(deployment),
        Standing::Bad(deployment) => Err(Unfit::Bad(deployment)),
        Standing::Undecided(deployment) => Err(Unfit::Undecided(deployment)),
        Standing::Unknown => Err(Unfit::NeverDeployed),
    };
    let release = facts.releases.get(version).ok_or(Unfit::Untagged);
    if let Ok(release) = release {
        against.extend(state_faults(release, criteria));
    }
    match (good, release) {
        (Ok(deployment), Ok(release)) => {
            let moved = deployment.commit_sha != release.commit;
            let (deployed, tagged) = (deployment.commit_sha, release.commit);
            against.extend(moved.then_some(Unfit::Moved { deployed, tagged }));
            let revision = deployment
                .rollout
                .as_ref()
                .and_then(Rollout::ecs)
                .and_then(|it| it.task_definition.as_deref());
            let asked = revision.and_then(|arn| Some((arn, *facts.revision_active.get(arn)?)));
            let gone = asked.filter(|(_, active)| !active);
            against.extend(gone.map(|(arn, _)| Unfit::Inactive(arn)));
            if against.is_empty() {
                let revision_active = asked.map(|(_, active)| active);
                return Ok(Candidate { deployment, states: &release.states, revision_active });
            }
        }
        (good, release) => against.extend(good.err().into_iter().chain(release.err())),
    }
    Err(against)
}

fn state_faults<'a>(
    release: &Release,
    criteria: SelectionCriteria,
) -> impl Iterator<Item = Unfit<'a>> {
    let deprecated = criteria.exclude_deprecated && release.states.contains(&State::Deprecated);
    let unstable = criteria.exclude_unstable && release.states.contains(&State::Unstable);
    let deprecated = deprecated.then_some(Unfit::Deprecated);
    deprecated.into_iter().chain(unstable.then_some(Unfit::Unstable))
}

/// The best of the candidates, which are in order, highest first.
fn best<'c, 'a>(
    candidates: &'c [Candidate<'a>],
    criteria: SelectionCriteria,
) -> Option<&'c Candidate<'a>> {
    let mut fit = candidates.iter().filter(|it| !it.states.contains(&State::Deprecated));
    let stable = fit.clone().find(|candidate| candidate.is_stable());
    stable.filter(|_| criteria.prioritize_stable).or_else(|| fit.next())
}

/// Versions that would come before the target if they had been deployed.
fn never_deployed<'a>(
    facts: &RollbackFacts<'a>,
    current: &'a Version,
    target: &'a Version,
) -> impl Iterator<Item = Refused<'a>> {
    let records = facts.records;
    let between = facts.releases.of(facts.project).map(|release| &release.version);
    between
        .filter(move |version| *version > target && *version < current)
        .filter(move |version| !records.iter().any(|record| record.version == **version))
        .map(|version| Refused { version, reasons: vec![Unfit::NeverDeployed] })
}

fn nothing_to_leave(facts: &RollbackFacts<'_>) -> String {
    let (environment, project) = (facts.environment, project_told(facts.project));
    match facts.current {
        Current::Untagged(commit) => format!(
            "`{environment}` runs commit `{commit}` of {project}, which no version tag names, so no \
             version is known to be lower"
        ),
        _ => format!("`{environment}` runs nothing of {project}"),
    }
}

fn nothing_fits(
    facts: &RollbackFacts<'_>,
    current: &Version,
    candidates: &[Candidate<'_>],
    rejected: &[Refused<'_>],
) -> String {
    let environment = facts.environment;
    let lower = rejected.iter().any(|refused| refused.version < current);
    match (candidates, lower) {
        ([], false) => {
            format!("no version lower than `{current}` was ever deployed to `{environment}`")
        }
        ([], true) => format!(
            "every version lower than `{current}` that was deployed to `{environment}` is rejected"
        ),
        _ => format!("every candidate for `{environment}` is deprecated"),
    }
}

fn project_told(project: &SubProjectPath) -> String {
    if project.is_root() { "the root project".to_owned() } else { format!("`{project}`") }
}

impl fmt::Display for Unfit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotLower => f.write_str("it is not lower than the version that runs"),
            Self::NeverDeployed => f.write_str("it was never deployed to this environment"),
            Self::Bad(record) => write!(f, "its deployment {}", ended(record)),
            Self::Undecided(record) => {
                write!(f, "it never succeeded here: its deployment {}", ended(record))
            }
            Self::Untagged => f.write_str("its version tag is gone"),
            Self::Moved { deployed, tagged } => write!(
                f,
                "its version tag stands on commit {tagged}, and commit {deployed} was deployed"
            ),
            Self::Deprecated => f.write_str("it is deprecated"),
            Self::Unstable => f.write_str("it is unstable"),
            Self::Inactive(arn) => write!(f, "its task definition {arn} is not active any more"),
        }
    }
}

/// Which deployment, and how it ended.
fn ended(record: &Deployment) -> String {
    let (at, id) = moment(record);
    match record.status() {
        Status::Queued => format!("{id} waits since {at}"),
        Status::InProgress => format!("{id} is in progress since {at}"),
        Status::RolledBack => format!("{id} was rolled back at {at}"),
        status => format!("{id} {status} at {at}"),
    }
}
