//! The next version.

use std::str::FromStr;

use super::{Prerelease, Version};
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, Violations};

/// Which part of a version to raise.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Bump {
    /// The next major release.
    Major,
    /// The next minor release.
    Minor,
    /// The next patch release.
    Patch,
    /// The next pre-release, with this label or, for `None`, the label there is (`rc` for the
    /// first one).
    Prerelease(Option<Prerelease>),
}

impl FromStr for Bump {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        match text {
            "major" => Ok(Self::Major),
            "minor" => Ok(Self::Minor),
            "patch" => Ok(Self::Patch),
            "prerelease" => Ok(Self::Prerelease(None)),
            other => Err(Violation::not_listed(RuleId::OWN005, other, PARTS).into()),
        }
    }
}

/// The words for [`Bump`].
const PARTS: [&str; 4] = ["major", "minor", "patch", "prerelease"];

impl Version {
    /// The next version; it always has a higher precedence than this one.
    ///
    /// A pre-release counts as the way to its release: the patch after `v1.2.3-rc.1` is `v1.2.3`,
    /// and the major after `v2.0.0-rc.1` is `v2.0.0`.
    ///
    /// # Errors
    /// VER003 when a number would not fit 64 bits.
    pub fn bump(&self, bump: &Bump) -> Result<Self, Violations> {
        let (major, minor, patch) = (self.major(), self.minor(), self.patch());
        let finishes = |lower: &[u64]| self.is_prerelease() && lower.iter().all(|part| *part == 0);
        let numbers = match bump {
            Bump::Major if finishes(&[minor, patch]) => (major, 0, 0),
            Bump::Major => (raised(major, "major")?, 0, 0),
            Bump::Minor if finishes(&[patch]) => (major, minor, 0),
            Bump::Minor => (major, raised(minor, "minor")?, 0),
            Bump::Patch if self.is_prerelease() => (major, minor, patch),
            Bump::Patch => (major, minor, raised(patch, "patch")?),
            Bump::Prerelease(label) => return self.bump_prerelease(label.as_ref()),
        };
        Ok(Self::release(self.path.clone(), numbers.0, numbers.1, numbers.2))
    }

    fn bump_prerelease(&self, label: Option<&Prerelease>) -> Result<Self, Violations> {
        let current = self.prerelease();
        let current = current.as_ref();
        let label = match (label, current) {
            (Some(label), _) => label.as_str(),
            (None, Some(current)) => current.label(),
            (None, None) => "rc",
        };
        if let Some(current) = current {
            let same = current.label() == label;
            let counter = current.counter().filter(|_| same).unwrap_or(0);
            let next = counted(label, raised(counter, "prerelease")?)?;
            if next > *current {
                return Ok(self.clone().with_prerelease(Some(next)));
            }
        }
        let patch = raised(self.patch(), "patch")?;
        let release = Self::release(self.path.clone(), self.major(), self.minor(), patch);
        Ok(release.with_prerelease(Some(counted(label, 1)?)))
    }
}

fn counted(label: &str, counter: u64) -> Result<Prerelease, Violations> {
    if label.is_empty() {
        counter.to_string().parse()
    } else {
        format!("{label}.{counter}").parse()
    }
}

fn raised(number: u64, part: &'static str) -> Result<u64, Violations> {
    number.checked_add(1).ok_or_else(|| {
        Violation::new(
            RuleId::VER003,
            format!("`{number}`, the greatest number there is"),
            "a number that can be raised by one",
            "Raise a part further to the left.",
        )
        .under(part)
        .into()
    })
}
