//! The target of a rollback: the version to go back to, and why this one and no other.
//!
//! It is the entity `RollbackTarget` of the rules, as a value that cannot break them. It is computed and never
//! kept; how it is chosen is decided in [`crate::rollback`].

use std::collections::BTreeSet;

use serde::Serialize;

use crate::base::name::EnvironmentName;
use crate::base::rule::RuleId;
use crate::base::violation::{FieldPath, Findings, Violation, Violations};
use crate::tag::State;
use crate::version::Version;

/// What decides between versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SelectionCriteria {
    /// Whether a version with a `-stable` tag comes before a higher one without.
    pub prioritize_stable: bool,
    /// Whether a version with a `-deprecated` tag is no candidate. It is never the target.
    pub exclude_deprecated: bool,
    /// Whether a version with an `-unstable` tag is no candidate.
    pub exclude_unstable: bool,
}

impl Default for SelectionCriteria {
    fn default() -> Self {
        Self { prioritize_stable: true, exclude_deprecated: true, exclude_unstable: false }
    }
}

/// A version that was looked at and left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RejectedVersion {
    /// The version.
    pub version: Version,
    /// Why it was left out, as a sentence without its full stop.
    pub reason: String,
}

/// The attributes of a target, before they are checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollbackTargetParts {
    /// What the environment runs.
    pub current_version: Version,
    /// What it is to run.
    pub target_version: Version,
    /// What state tags say of the target.
    pub target_states: BTreeSet<State>,
    /// The environment.
    pub environment: EnvironmentName,
    /// What decided.
    pub selection_criteria: SelectionCriteria,
    /// Every version that may be gone back to, the target among them.
    pub candidate_versions: Vec<Version>,
    /// Every version that was left out.
    pub rejected_versions: Vec<RejectedVersion>,
}

/// The version that an environment can go back to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RollbackTarget {
    current_version: Version,
    target_version: Version,
    environment: EnvironmentName,
    selection_criteria: SelectionCriteria,
    candidate_versions: Vec<Version>,
    rejected_versions: Vec<RejectedVersion>,
}

impl RollbackTargetParts {
    /// Checks the parts.
    ///
    /// # Errors
    /// RBK001, RBK002, RBK004 and RBK005, all at once.
    pub fn check(self) -> Result<RollbackTarget, Violations> {
        let mut findings = Findings::new();
        let (current, target) = (&self.current_version, &self.target_version);
        let lower = current.sub_project_path() == target.sub_project_path() && target < current;
        findings.require(lower, || not_lower(target, current));
        let deprecated = self.target_states.contains(&State::Deprecated);
        findings.require(!deprecated, || is_deprecated(target));
        findings.require(self.candidate_versions.contains(target), || not_a_candidate(target));
        for (index, rejected) in self.rejected_versions.iter().enumerate() {
            let at = FieldPath::from("rejected_versions").index(index);
            findings.extend(rejection_fault(rejected, target).map(|fault| fault.under(at)));
        }
        findings.finish(RollbackTarget {
            current_version: self.current_version,
            target_version: self.target_version,
            environment: self.environment,
            selection_criteria: self.selection_criteria,
            candidate_versions: self.candidate_versions,
            rejected_versions: self.rejected_versions,
        })
    }
}

impl RollbackTarget {
    /// What the environment runs.
    #[must_use]
    pub const fn current_version(&self) -> &Version {
        &self.current_version
    }

    /// What it is to run.
    #[must_use]
    pub const fn target_version(&self) -> &Version {
        &self.target_version
    }

    /// The environment.
    #[must_use]
    pub const fn environment(&self) -> &EnvironmentName {
        &self.environment
    }

    /// What decided.
    #[must_use]
    pub const fn selection_criteria(&self) -> SelectionCriteria {
        self.selection_criteria
    }

    /// Every version that may be gone back to, the target among them.
    #[must_use]
    pub fn candidate_versions(&self) -> &[Version] {
        &self.candidate_versions
    }

    /// Every version that was left out.
    #[must_use]
    pub fn rejected_versions(&self) -> &[RejectedVersion] {
        &self.rejected_versions
    }
}

fn not_lower(target: &Version, current: &Version) -> Violation {
    let expected = format!("a version of the same sub-project that is lower than `{current}`");
    let next = format!("Choose one of `candidate_versions` that is lower than `{current}`.");
    Violation::new(RuleId::RBK001, format!("`{target}`"), expected, next).under("target_version")
}

fn is_deprecated(target: &Version) -> Violation {
    let found = format!("`{target}`, which has the tag `{target}-deprecated`");
    let next = format!("Choose a candidate without a tag such as `{target}-deprecated`.");
    Violation::new(RuleId::RBK002, found, "a version that is not deprecated", next)
        .under("target_version")
}

fn not_a_candidate(target: &Version) -> Violation {
    let found = format!("`{target}`, which is not among the candidates");
    let next = "Choose one of `candidate_versions`, or leave the choice to the data source.";
    Violation::new(RuleId::RBK004, found, "one of `candidate_versions`", next)
        .under("target_version")
}

fn rejection_fault(rejected: &RejectedVersion, target: &Version) -> Option<Violation> {
    let RejectedVersion { version, reason } = rejected;
    if version == target {
        let next = "Choose another target, or take it out of the rejected versions.";
        let found = format!("the target `{version}`");
        let violation = Violation::new(RuleId::RBK005, found, "a version that is left out", next);
        return Some(violation.under("version"));
    }
    reason.trim().is_empty().then(|| {
        let expected = format!("why `{version}` is left out");
        let next = format!("Say in `reason` why `{version}` is left out.");
        Violation::new(RuleId::RBK005, "no reason", expected, next).under("reason")
    })
}
