//! Values that several resources, data sources and functions show in the same form.

use pipeline_core::Violations;
use pipeline_core::base::secrecy::{recorded_secret, url_secret};
use pipeline_core::version::Version;
use tfplugin::{Model, Span};

/// A version, taken apart.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct VersionParts {
    /// The whole version with its sub-project path, such as `api/v1.2.3`.
    pub full_version: String,
    /// The sub-project's path in the repository; empty for the root project.
    pub sub_project_path: String,
    /// The version alone, such as `v1.2.3-rc.1`.
    pub semver: String,
    /// Major number.
    pub major: u64,
    /// Minor number.
    pub minor: u64,
    /// Patch number.
    pub patch: u64,
    /// Pre-release, such as `rc.1`; null for a release.
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

/// A version as a tag shows it: what the tag's name and `sub_project_path` do not say already.
///
/// Few parts, because a plan carries them for every tag; `parse_version` and the data sources take a
/// version apart in full.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct TaggedVersion {
    /// The version alone, such as `v1.2.3-rc.1`.
    pub semver: String,
    /// Pre-release, such as `rc.1`; null for a release.
    pub prerelease: Option<String>,
}

impl From<&Version> for TaggedVersion {
    fn from(version: &Version) -> Self {
        let prerelease = version.prerelease().map(|part| part.to_string());
        Self { semver: version.semver(), prerelease }
    }
}

/// Refuses a limit of time within which nothing can happen.
pub(crate) fn some_time(limit: &Span) -> Result<(), String> {
    if !limit.duration().is_zero() {
        return Ok(());
    }
    Err(format!(
        "Found \"{limit}\", which is no time at all; expected more. Next: write how long to wait, such as \
         \"5s\"."
    ))
}

/// Refuses a command without a program.
pub(crate) fn program(command: &[String]) -> Result<(), String> {
    if command.first().is_some_and(|program| !program.trim().is_empty()) {
        return Ok(());
    }
    Err("Found no program; expected a program and its arguments. Next: write one such as [\"make\", \"deploy\"]."
        .to_owned())
}

/// OWN046: refuses a text that would be recorded with a secret in a URL.
pub(crate) fn no_url_secret(text: &str) -> Result<(), Violations> {
    url_secret(text).map_or(Ok(()), |what| Err(recorded_secret(what).into()))
}
