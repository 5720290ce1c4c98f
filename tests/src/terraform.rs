//! Finding Terraform or OpenTofu on this machine.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::scene::skipped;
use crate::{Failure, Outcome, command};

/// The environment variable that names the program to use.
pub const VARIABLE: &str = "PIPELINE_TERRAFORM";

/// The first release whose features the provider and its examples rely on: provider functions.
const OLDEST: Release = Release(1, 8);

/// Major and minor number of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release(pub u32, pub u32);

/// A program that was asked for its version and answered.
#[derive(Debug, Clone)]
pub struct Terraform {
    /// Where it is.
    pub program: PathBuf,
    /// Which release it is.
    pub release: Release,
    /// What it calls itself, such as `Terraform v1.15.5`.
    pub title: String,
    /// Whether it is OpenTofu, whose release numbers mean other features.
    pub tofu: bool,
}

impl Terraform {
    /// The program that `PIPELINE_TERRAFORM` names, else `terraform`, else `tofu` on the path.
    ///
    /// # Errors
    /// None is there, or the one that is there does not answer or is too old.
    pub fn find() -> Outcome<Self> {
        if let Some(program) = std::env::var_os(VARIABLE).filter(|value| !value.is_empty()) {
            return Self::at(Path::new(&program));
        }
        let found = ["terraform", "tofu"].into_iter().find_map(on_path);
        let program = found.ok_or("neither terraform nor tofu is on the PATH")?;
        Self::at(&program)
    }

    /// The program at `path`, once it has answered.
    ///
    /// # Errors
    /// It does not run, answers something else, or is too old.
    pub fn at(path: &Path) -> Outcome<Self> {
        let mut version = Command::new(path);
        let said =
            command::run(version.arg("version").env("CHECKPOINT_DISABLE", "1"))?.success()?;
        // A warning about the machine's configuration may stand before the answer.
        let title = said.stdout.lines().find(|line| release(line).is_some());
        let title = title.unwrap_or(&said.stdout).to_owned();
        let release = release(&title)
            .ok_or_else(|| Failure::new(format!("{} answers {title:?}", path.display())))?;
        if release < OLDEST {
            return Err(Failure::new(format!(
                "{} is {title}; 1.8 or newer is needed. Set {VARIABLE} to another one.",
                path.display()
            )));
        }
        let tofu = title.starts_with("OpenTofu");
        Ok(Self { program: path.to_owned(), release, title, tofu })
    }

    /// Whether an error about an argument inside another one is shown at that argument; older
    /// releases show it at the block, or at an argument outside that has the same name.
    #[must_use]
    pub fn points_inside(&self) -> bool {
        !self.tofu && self.release >= Release(1, 15)
    }

    /// Whether it offers `feature`.
    #[must_use]
    pub fn has(&self, feature: Feature) -> bool {
        let since = if self.tofu { feature.tofu() } else { Some(feature.terraform()) };
        since.is_some_and(|since| self.release >= since)
    }

    /// Whether `test` must be skipped for want of `feature`, which is then said.
    #[must_use]
    pub fn lacks(&self, feature: Feature, test: &str) -> bool {
        let lacks = !self.has(feature);
        if lacks {
            skipped(test, &format!("{} has no {feature}", self.title));
        }
        lacks
    }
}

/// What only some releases offer. A test that wants one is skipped elsewhere, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feature {
    /// `ephemeral` blocks.
    Ephemeral,
    /// Import by identity, and identities in the state.
    Identity,
    /// `action` blocks, `action_trigger` and `-invoke`.
    Actions,
    /// `terraform query` and `list` blocks.
    Queries,
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ephemeral => "ephemeral resources",
            Self::Identity => "import by identity",
            Self::Actions => "actions",
            Self::Queries => "queries",
        })
    }
}

impl Feature {
    /// The first release of Terraform that has it.
    fn terraform(self) -> Release {
        match self {
            Self::Ephemeral => Release(1, 10),
            Self::Identity => Release(1, 12),
            Self::Actions | Self::Queries => Release(1, 14),
        }
    }

    /// The first release of OpenTofu that has it, if any.
    fn tofu(self) -> Option<Release> {
        match self {
            Self::Ephemeral => Some(Release(1, 11)),
            Self::Identity => Some(Release(1, 12)),
            Self::Actions | Self::Queries => None,
        }
    }
}

/// The release in a line such as `OpenTofu v1.12.0`.
fn release(title: &str) -> Option<Release> {
    let (_, number) = title.split_once(" v")?;
    let mut parts = number.split('.').map(str::parse);
    Some(Release(parts.next()?.ok()?, parts.next()?.ok()?))
}

/// The first program of that name on the path.
#[must_use]
pub fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_programs_titles() {
        assert_eq!(release("Terraform v1.15.5"), Some(Release(1, 15)));
        assert_eq!(release("OpenTofu v1.12.0-rc1"), Some(Release(1, 12)));
        assert_eq!(release("Terraform"), None);
    }
}
