//! Semantic versions of sub-projects, such as `api/v1.2.3-rc.1`.
//!
//! The `semver` crate reads and orders what stands behind the `v`; the `v`, the sub-project and the
//! words for what is wrong are ours. Only what the tags of a repository can say: no build metadata,
//! always with the `v`. Whether a pre-release may be a tag is decided in [`crate::tag`].

mod bump;
mod constraint;
pub(crate) mod dialect;
mod fault;
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
use crate::base::violation::{Findings, Violations};

/// A version of a sub-project.
///
/// Versions of one sub-project are ordered by SemVer 2.0 precedence; those of different
/// sub-projects stand in the order of their paths.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Version {
    path: SubProjectPath,
    /// Without build metadata.
    semver: semver::Version,
}

impl Version {
    /// The release `major.minor.patch` of a sub-project.
    #[must_use]
    pub const fn release(path: SubProjectPath, major: u64, minor: u64, patch: u64) -> Self {
        Self { path, semver: semver::Version::new(major, minor, patch) }
    }

    /// The same numbers as a pre-release, or as a release for `None`.
    #[must_use]
    pub fn with_prerelease(mut self, prerelease: Option<Prerelease>) -> Self {
        self.semver.pre = prerelease.map(Prerelease::into_semver).unwrap_or_default();
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
        self.semver.major
    }

    /// The minor number.
    #[must_use]
    pub const fn minor(&self) -> u64 {
        self.semver.minor
    }

    /// The patch number.
    #[must_use]
    pub const fn patch(&self) -> u64 {
        self.semver.patch
    }

    /// What follows the hyphen, if this is a pre-release.
    #[must_use]
    pub fn prerelease(&self) -> Option<Prerelease> {
        Prerelease::from_semver(&self.semver.pre)
    }

    /// Whether this is a pre-release.
    #[must_use]
    pub fn is_prerelease(&self) -> bool {
        !self.semver.pre.is_empty()
    }

    /// The version without its sub-project, such as `v1.2.3-rc.1`.
    #[must_use]
    pub fn semver(&self) -> String {
        format!("v{}", self.semver)
    }

    /// Precedence by SemVer 2.0, whatever the sub-projects.
    #[must_use]
    pub fn precedence(&self, other: &Self) -> Ordering {
        self.semver.cmp_precedence(&other.semver)
    }

    /// The same version as another sub-project's.
    #[must_use]
    pub fn in_project(mut self, path: SubProjectPath) -> Self {
        self.path = path;
        self
    }

    /// Reads `v1.2.3-rc.1`, without a sub-project.
    pub(crate) fn parse_semver(text: &str, path: SubProjectPath) -> Result<Self, Violations> {
        match read(text) {
            Some(semver) => Ok(Self { path, semver }),
            None => Err(fault::of_version(text)),
        }
    }
}

/// The version behind a `v`, where it is one that a tag can carry.
fn read(text: &str) -> Option<semver::Version> {
    let version = semver::Version::parse(text.strip_prefix('v')?).ok()?;
    version.build.is_empty().then_some(version)
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

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
