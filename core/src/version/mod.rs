//! Semantic versions of sub-projects, such as `api/v1.2.3-rc.1`.
//!
//! Only what the tags of a repository can say: no build metadata, always with the `v`. Whether a
//! pre-release may be a tag is decided in [`crate::tag`].

mod bump;
mod constraint;
mod parts;
mod prerelease;

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

pub use bump::Bump;
pub use constraint::VersionConstraint;
pub use parts::VersionParts;
pub use prerelease::Prerelease;

use crate::base::path::SubProjectPath;
use crate::base::rule::RuleId;
use crate::base::violation::{Findings, Violation, Violations, quoted};

/// A version of a sub-project.
///
/// Versions of one sub-project are ordered by SemVer 2.0 precedence; those of different
/// sub-projects stand in the order of their paths.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Version {
    path: SubProjectPath,
    major: u64,
    minor: u64,
    patch: u64,
    prerelease: Option<Prerelease>,
}

impl Version {
    /// The release `major.minor.patch` of a sub-project.
    #[must_use]
    pub const fn release(path: SubProjectPath, major: u64, minor: u64, patch: u64) -> Self {
        Self { path, major, minor, patch, prerelease: None }
    }

    /// The same numbers as a pre-release, or as a release for `None`.
    #[must_use]
    pub fn with_prerelease(mut self, prerelease: Option<Prerelease>) -> Self {
        self.prerelease = prerelease;
        self
    }

    /// The sub-project.
    #[must_use]
    pub const fn sub_project_path(&self) -> &SubProjectPath {
        &self.path
    }

    /// The major number.
    #[must_use]
    pub const fn major(&self) -> u64 {
        self.major
    }

    /// The minor number.
    #[must_use]
    pub const fn minor(&self) -> u64 {
        self.minor
    }

    /// The patch number.
    #[must_use]
    pub const fn patch(&self) -> u64 {
        self.patch
    }

    /// What follows the hyphen, if this is a pre-release.
    #[must_use]
    pub const fn prerelease(&self) -> Option<&Prerelease> {
        self.prerelease.as_ref()
    }

    /// Whether this is a pre-release.
    #[must_use]
    pub const fn is_prerelease(&self) -> bool {
        self.prerelease.is_some()
    }

    /// The version without its sub-project, such as `v1.2.3-rc.1`.
    #[must_use]
    pub fn semver(&self) -> String {
        let Self { major, minor, patch, .. } = self;
        match &self.prerelease {
            None => format!("v{major}.{minor}.{patch}"),
            Some(prerelease) => format!("v{major}.{minor}.{patch}-{prerelease}"),
        }
    }

    /// Precedence by SemVer 2.0, whatever the sub-projects.
    #[must_use]
    pub fn precedence(&self, other: &Self) -> Ordering {
        self.numbers().cmp(&other.numbers()).then_with(|| {
            match (&self.prerelease, &other.prerelease) {
                (None, None) => Ordering::Equal,
                (None, Some(_)) => Ordering::Greater,
                (Some(_), None) => Ordering::Less,
                (Some(left), Some(right)) => left.cmp(right),
            }
        })
    }

    /// The same version as another sub-project's.
    #[must_use]
    pub fn in_project(mut self, path: SubProjectPath) -> Self {
        self.path = path;
        self
    }

    const fn numbers(&self) -> (u64, u64, u64) {
        (self.major, self.minor, self.patch)
    }

    /// Reads `v1.2.3-rc.1`, without a sub-project.
    pub(crate) fn parse_semver(text: &str, path: SubProjectPath) -> Result<Self, Violations> {
        let (core, suffix) = match text.split_once('-') {
            Some((core, suffix)) => (core, Some(suffix)),
            None => (text, None),
        };
        if let Some((before, metadata)) = text.split_once('+') {
            return Err(build_metadata(text, before, metadata).into());
        }
        let Some([major, minor, patch]) = core.strip_prefix('v').and_then(three_parts) else {
            return Err(wrong_shape(text).into());
        };
        let mut findings = Findings::new();
        let major = findings.take("major", number(major));
        let minor = findings.take("minor", number(minor));
        let patch = findings.take("patch", number(patch));
        let prerelease = findings.take_option("prerelease", suffix.map(str::parse));
        match (major, minor, patch) {
            (Some(major), Some(minor), Some(patch)) => {
                findings.finish(Self { path, major, minor, patch, prerelease })
            }
            _ => Err(findings.fail()),
        }
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.path.cmp(&other.path).then_with(|| self.precedence(other))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.path.join(&self.semver()))
    }
}

impl FromStr for Version {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        let (path, last) = SubProjectPath::split(text);
        let mut findings = Findings::new();
        let path = findings.take("sub_project_path", path);
        let version = findings.take("semver", Self::parse_semver(last, SubProjectPath::root()));
        match (path, version) {
            (Some(path), Some(version)) => findings.finish(version.in_project(path)),
            _ => Err(findings.fail()),
        }
    }
}

text_serde!(Version);

fn three_parts(core: &str) -> Option<[&str; 3]> {
    let mut parts = core.split('.');
    let three = [parts.next()?, parts.next()?, parts.next()?];
    (parts.next().is_none() && three.iter().all(|part| !part.is_empty())).then_some(three)
}

/// Reads one of the three numbers.
pub(crate) fn number(text: &str) -> Result<u64, Violations> {
    let expected = "a decimal number that fits 64 bits, without a leading zero";
    let broken = |next: String| Violation::new(RuleId::VER003, quoted(text), expected, next).into();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(broken("Write the digits 0 to 9 only.".to_owned()));
    }
    if text.len() > 1 && text.starts_with('0') {
        let trimmed = text.trim_start_matches('0');
        let shorter = if trimmed.is_empty() { "0" } else { trimmed };
        return Err(broken(format!("Write `{shorter}`.")));
    }
    text.parse().map_err(|_| broken(format!("Write at most {}.", u64::MAX)))
}

fn build_metadata(text: &str, before: &str, metadata: &str) -> Violation {
    Violation::new(
        RuleId::VER007,
        format!("{} with the build metadata {}", quoted(text), quoted(metadata)),
        "a version without build metadata, because a tag cannot carry it in its order",
        format!("Write {}.", quoted(before)),
    )
}

fn wrong_shape(text: &str) -> Violation {
    let likely = [format!("v{text}"), format!("{text}.0"), format!("v{text}.0"), lowered(text)];
    // The shape is checked first: a wrong one would bring this function back here.
    let right = |candidate: &&String| {
        let core = candidate.split('-').next().and_then(|core| core.strip_prefix('v'));
        core.and_then(three_parts).is_some()
            && Version::parse_semver(candidate, SubProjectPath::root()).is_ok()
    };
    let next = match likely.iter().find(right) {
        Some(version) => format!("Write `{version}`."),
        None => "Write three numbers after a `v`, such as `v1.2.3` or `v1.2.3-rc.1`.".to_owned(),
    };
    let expected = "a version of the form `vMAJOR.MINOR.PATCH` or `vMAJOR.MINOR.PATCH-PRERELEASE`";
    Violation::new(RuleId::VER001, quoted(text), expected, next)
}

fn lowered(text: &str) -> String {
    match text.strip_prefix('V') {
        Some(rest) => format!("v{rest}"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
