//! The pre-release part of a version, such as `rc.1`.

use std::fmt;
use std::str::FromStr;

use super::fault;
use crate::base::violation::Violations;

/// A pre-release by SemVer 2.0: identifiers of letters, digits and hyphens, separated by dots.
///
/// The order is SemVer's: identifiers are compared one by one, numbers by value and below words,
/// and what has fewer identifiers comes first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prerelease(semver::Prerelease);

impl Prerelease {
    /// The text, without the hyphen before it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The identifiers between the dots.
    pub fn identifiers(&self) -> impl Iterator<Item = &str> {
        self.as_str().split('.')
    }

    /// What stands before the last identifier when that is a number: `rc` of `rc.1`.
    #[must_use]
    pub fn label(&self) -> &str {
        match self.as_str().rsplit_once('.') {
            Some((label, last)) if is_number(last) => label,
            _ if is_number(self.as_str()) => "",
            _ => self.as_str(),
        }
    }

    /// The last identifier, where it is a number that fits 64 bits.
    #[must_use]
    pub fn counter(&self) -> Option<u64> {
        self.identifiers().last().filter(|last| is_number(last))?.parse().ok()
    }

    /// None for the empty pre-release, with which `semver` marks a release.
    pub(super) fn from_semver(prerelease: &semver::Prerelease) -> Option<Self> {
        (!prerelease.is_empty()).then(|| Self(prerelease.clone()))
    }

    pub(super) fn into_semver(self) -> semver::Prerelease {
        self.0
    }
}

impl FromStr for Prerelease {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        let read = semver::Prerelease::new(text).ok().as_ref().and_then(Self::from_semver);
        read.ok_or_else(|| fault::of_prerelease(text))
    }
}

fn is_number(identifier: &str) -> bool {
    identifier.bytes().all(|byte| byte.is_ascii_digit())
}

impl fmt::Display for Prerelease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

text_serde!(Prerelease);
