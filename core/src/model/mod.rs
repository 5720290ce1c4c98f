//! The pure model: values that were checked once, when they were made.
//!
//! Every type here is read with [`std::str::FromStr`] or a constructor that returns
//! [`Violations`], and prints back what it read. Nothing in this module does I/O, reads a clock
//! or draws a random number.

#[macro_use]
mod macros;

pub mod actor;
pub mod git;
pub mod name;
pub mod path;
pub mod releases;
pub mod rule;
pub mod suggest;
pub mod tag;
pub mod timestamp;
pub mod version;
pub mod violation;

pub use actor::{Actor, Override};
pub use git::{BranchName, CommitSha, RefName};
pub use name::{EnvironmentName, RegionName};
pub use path::SubProjectPath;
pub use rule::{CATALOGUE, Rule, RuleId, Severity, Stage};
pub use tag::{State, Tag, TagGrammar, TagKind, TagName, TagType, VersionTag, VersionTagParts};
pub use timestamp::Timestamp;
pub use version::{Bump, Prerelease, Version, VersionConstraint, VersionParts};
pub use violation::{FieldPath, Findings, Step, Violation, Violations};
