//! A version written out in its parts, as document 001 shows it.

use serde::{Deserialize, Serialize};

use super::Version;
use crate::base::rule::RuleId;
use crate::base::violation::{Findings, Violation, Violations, quoted};

/// The attributes of a version in document 001. They are read into a [`Version`], which checks
/// that they agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VersionParts {
    /// Sub-project, slash and semantic version.
    pub full_version: String,
    /// The sub-project; empty at the root.
    #[serde(default)]
    pub sub_project_path: String,
    /// The semantic version with its `v`.
    pub semver: String,
    /// The major number.
    pub major: u64,
    /// The minor number.
    pub minor: u64,
    /// The patch number.
    pub patch: u64,
    /// The pre-release, without the hyphen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prerelease: Option<String>,
}

impl From<&Version> for VersionParts {
    fn from(version: &Version) -> Self {
        Self {
            full_version: version.to_string(),
            sub_project_path: version.sub_project_path().to_string(),
            semver: version.semver(),
            major: version.major(),
            minor: version.minor(),
            patch: version.patch(),
            prerelease: version.prerelease().map(|part| part.to_string()),
        }
    }
}

impl TryFrom<VersionParts> for Version {
    type Error = Violations;
    fn try_from(parts: VersionParts) -> Result<Self, Violations> {
        let mut findings = Findings::new();
        let path = findings.take("sub_project_path", parts.sub_project_path.parse());
        let path = path.unwrap_or_default();
        let version = findings.take("semver", Version::parse_semver(&parts.semver, path));
        let Some(version) = version else { return Err(findings.fail()) };
        findings.extend(disagreements(&parts, &VersionParts::from(&version)));
        findings.finish(version)
    }
}

/// The parts that say something else than the sub-project and the semantic version do.
fn disagreements(found: &VersionParts, right: &VersionParts) -> Vec<Violation> {
    let show = |prerelease: &Option<String>| prerelease.clone().unwrap_or_default();
    let parts = [
        ("full_version", RuleId::VER005, found.full_version.clone(), right.full_version.clone()),
        ("major", RuleId::VER003, found.major.to_string(), right.major.to_string()),
        ("minor", RuleId::VER003, found.minor.to_string(), right.minor.to_string()),
        ("patch", RuleId::VER003, found.patch.to_string(), right.patch.to_string()),
        ("prerelease", RuleId::VER004, show(&found.prerelease), show(&right.prerelease)),
    ];
    let differing = parts.into_iter().filter(|(_, _, found, right)| found != right);
    differing.map(|(field, rule, found, right)| differs(field, rule, &found, &right)).collect()
}

fn differs(field: &'static str, rule: RuleId, found: &str, right: &str) -> Violation {
    let expected = format!("{}, as the sub-project and `semver` say", quoted(right));
    let next = format!("Write {}, or correct the other parts.", quoted(right));
    Violation::new(rule, quoted(found), expected, next).under(field)
}
