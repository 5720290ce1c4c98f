//! Tags: versions, states of versions, and environments that point at a commit.
//!
//! The name of a tag tells its kind, by the [`TagGrammar`] that the configuration sets. Whether a
//! tag may be created, moved or deleted is decided in [`rules`], over what [`survey()`] gathered; a change
//! is made from a [`TagPlan`] that was checked.

#[cfg(feature = "git")]
mod change;
mod dialect;
mod grammar;
mod parts;
pub mod releases;
#[cfg(feature = "git")]
mod request;
pub mod rules;
#[cfg(feature = "git")]
mod survey;

use std::fmt;
use std::str::FromStr;

#[cfg(feature = "git")]
pub use change::{StagedTag, TagPlan, plan};
pub use dialect::TaggedCommit;
pub use grammar::TagGrammar;
pub use parts::TagParts;
#[cfg(feature = "git")]
pub use request::TagRequest;
#[cfg(feature = "git")]
pub use survey::{Announced, TagSurvey, survey};

use crate::base::foreign::hidden_fault;
use crate::base::name::EnvironmentName;
use crate::base::path::SubProjectPath;
use crate::base::revision::{RefName, ref_fault};
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, Violations, quoted};
use crate::version::Version;

closed_list! {
    /// What has been said of a version.
    pub enum State breaks TAG003 {
        /// Fit for production.
        Stable = "stable",
        /// Not to be relied on.
        Unstable = "unstable",
        /// Not to be used any more.
        Deprecated = "deprecated",
    }
}

closed_list! {
    /// The three kinds of tags, by their words in document 001.
    pub enum TagType breaks GLB004 {
        /// Names a version; immutable.
        Version = "version",
        /// Says where an environment is; movable.
        Environment = "environment",
        /// Says something of a version; immutable.
        State = "state",
    }
}

/// A tag name that git accepts and that people can read, without `refs/tags/`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TagName(String);

impl TagName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The full name of the ref.
    #[must_use]
    pub fn ref_name(&self) -> RefName {
        RefName::of_tag(&self.0)
    }
}

impl FromStr for TagName {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        let fault = match text {
            "HEAD" => Some("`HEAD` means the current commit".to_owned()),
            _ if text.starts_with('-') => Some("it begins with a hyphen".to_owned()),
            _ => ref_fault(text).or_else(|| hidden_fault(text)),
        };
        match fault {
            None => Ok(Self(text.to_owned())),
            Some(fault) => Err(Violation::new(
                RuleId::TAG013,
                quoted(text),
                format!("a tag name that git accepts and that people can read, but {fault}"),
                "Write a name such as `v1.2.3`, `api/v1.2.3` or `api/production`.",
            )
            .into()),
        }
    }
}

impl fmt::Display for TagName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

text_serde!(TagName);

/// What a tag says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TagKind {
    /// Names a version.
    Version(Version),
    /// Says which commit an environment runs.
    Environment {
        /// The sub-project.
        path: SubProjectPath,
        /// The environment.
        name: EnvironmentName,
    },
    /// Says something of a version.
    State {
        /// The version.
        version: Version,
        /// What is said.
        state: State,
    },
}

/// A tag name together with what it says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Tag {
    name: TagName,
    kind: TagKind,
}

impl Tag {
    /// The tag of a version.
    ///
    /// # Errors
    /// TAG013 when git would not accept the name, as for a pre-release that ends with `.lock`.
    pub fn of_version(version: Version) -> Result<Self, Violations> {
        let name = version.to_string().parse()?;
        Ok(Self { name, kind: TagKind::Version(version) })
    }

    /// The tag of an environment for a sub-project.
    #[must_use]
    pub fn of_environment(path: SubProjectPath, name: EnvironmentName) -> Self {
        // Both parts were checked, and together they are a name that git accepts.
        let tag_name = TagName(path.join(name.as_str()));
        Self { name: tag_name, kind: TagKind::Environment { path, name } }
    }

    /// The tag that says something of a release.
    ///
    /// # Errors
    /// TAG003 for a pre-release, TAG013 when git would not accept the name.
    pub fn of_state(version: Version, state: State) -> Result<Self, Violations> {
        if version.is_prerelease() {
            return Err(grammar::state_of_prerelease(&format!("{version}-{state}")).into());
        }
        let name = format!("{version}-{state}").parse()?;
        Ok(Self { name, kind: TagKind::State { version, state } })
    }

    /// The name.
    #[must_use]
    pub const fn name(&self) -> &TagName {
        &self.name
    }

    /// What it says.
    #[must_use]
    pub const fn kind(&self) -> &TagKind {
        &self.kind
    }

    /// Which of the three kinds it is.
    #[must_use]
    pub const fn tag_type(&self) -> TagType {
        match self.kind {
            TagKind::Version(_) => TagType::Version,
            TagKind::Environment { .. } => TagType::Environment,
            TagKind::State { .. } => TagType::State,
        }
    }

    /// Whether it may come to stand on another commit; only environment tags may.
    #[must_use]
    pub const fn is_movable(&self) -> bool {
        matches!(self.kind, TagKind::Environment { .. })
    }

    /// The sub-project that it is about.
    #[must_use]
    pub const fn sub_project_path(&self) -> &SubProjectPath {
        match &self.kind {
            TagKind::Version(version) | TagKind::State { version, .. } => {
                version.sub_project_path()
            }
            TagKind::Environment { path, .. } => path,
        }
    }

    /// The version, of a version or state tag.
    #[must_use]
    pub const fn version(&self) -> Option<&Version> {
        match &self.kind {
            TagKind::Version(version) | TagKind::State { version, .. } => Some(version),
            TagKind::Environment { .. } => None,
        }
    }

    /// The environment, of an environment tag.
    #[must_use]
    pub const fn environment(&self) -> Option<&EnvironmentName> {
        match &self.kind {
            TagKind::Environment { name, .. } => Some(name),
            TagKind::Version(_) | TagKind::State { .. } => None,
        }
    }

    /// The state, of a state tag.
    #[must_use]
    pub const fn state(&self) -> Option<State> {
        match &self.kind {
            TagKind::State { state, .. } => Some(*state),
            TagKind::Version(_) | TagKind::Environment { .. } => None,
        }
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)
    }
}

#[cfg(test)]
mod tests;
