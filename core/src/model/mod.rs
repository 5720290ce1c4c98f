//! The pure model: values that were checked once, when they were made.
//!
//! Every type here is read with [`std::str::FromStr`] or a constructor that returns
//! [`Violations`], and prints back what it read. Nothing in this module does I/O, reads a clock
//! or draws a random number.

#[macro_use]
mod macros;

pub mod actor;
pub mod approval;
pub mod deployment;
pub mod environment;
pub mod git;
pub mod id;
pub mod machine;
pub mod name;
pub mod path;
pub mod queue;
pub mod region;
pub mod releases;
pub mod rule;
pub mod suggest;
pub mod tag;
pub mod timestamp;
pub mod url;
pub mod version;
pub mod violation;

pub use actor::{Actor, Override};
pub use approval::{Approval, ApprovalPolicy};
pub use deployment::{Deployment, Progress, Status};
pub use environment::{ConfigPath, Environment, EnvironmentParts, HostingProfile, SecretsPath};
pub use git::{BranchName, CommitSha, RefName};
pub use id::{AccountId, DeploymentId, DeploymentUuid, EntityId, WorkflowRunId};
pub use machine::{MACHINES, Machine};
pub use name::{EnvironmentName, RegionName};
pub use path::SubProjectPath;
pub use queue::DeploymentQueue;
pub use region::{AwsRegion, AzureRegion, CloudMappings, KnownRegions, Region};
pub use rule::{CATALOGUE, Rule, RuleId, Severity, Stage};
pub use tag::{State, Tag, TagGrammar, TagKind, TagName, TagType, VersionTag, VersionTagParts};
pub use timestamp::Timestamp;
pub use url::{HealthCheckUrl, HttpUrl, PublicUrl};
pub use version::{Bump, Prerelease, Version, VersionConstraint, VersionParts};
pub use violation::{FieldPath, Findings, Step, Violation, Violations};
