//! The pure model: values that were checked once, when they were made.
//!
//! Every type here is read with [`std::str::FromStr`] or a constructor that returns
//! [`Violations`], and prints back what it read. Nothing in this module does I/O, reads a clock
//! or draws a random number.
//!
//! Each kind of name is a type of its own, so that one is not taken for another:
//!
//! ```compile_fail,E0308
//! use pipeline_core::model::{EnvironmentName, RegionName};
//! let name: EnvironmentName = "eu-west".parse::<RegionName>().unwrap();
//! ```
//!
//! and a value that breaks a rule tells everything that is wrong with it:
//!
//! ```
//! use pipeline_core::model::{RuleId, Version};
//! let faults = "api/v1.02.3-rc..1".parse::<Version>().unwrap_err();
//! assert!(faults.breaks(RuleId::VER003) && faults.breaks(RuleId::VER004));
//! ```

#[macro_use]
mod macros;

pub mod actor;
pub mod approval;
pub mod artifact;
pub mod aws;
pub mod cloudformation;
pub mod deployment;
pub mod ecs;
pub mod environment;
pub mod git;
pub mod id;
pub mod machine;
pub mod name;
pub mod path;
pub mod pattern;
pub mod queue;
pub mod region;
pub mod releases;
pub mod rollback;
pub mod rule;
pub mod secrecy;
pub mod suggest;
pub mod tag;
pub mod terraform_state;
pub mod timestamp;
pub mod url;
pub mod version;
pub mod violation;

pub use actor::{Actor, Override};
pub use approval::{Approval, ApprovalPolicy};
pub use artifact::{
    ArtifactMetadata, ArtifactPath, ArtifactPlace, ArtifactType, BucketName, Sha256,
};
pub use aws::{RoleArn, SessionName};
pub use deployment::{Deployment, Progress, Status};
pub use ecs::{ContainerVariables, EcsName, EcsReference, ImageReference};
pub use environment::{ConfigPath, Environment, EnvironmentParts, HostingProfile, SecretsPath};
pub use git::{BranchName, CommitSha, RefName};
pub use id::{AccountId, DeploymentId, DeploymentUuid, EntityId, WorkflowRunId};
pub use machine::{MACHINES, Machine};
pub use name::{EnvironmentName, RegionName};
pub use path::SubProjectPath;
pub use pattern::BodyPattern;
pub use queue::DeploymentQueue;
pub use region::{AwsRegion, AzureRegion, CloudMappings, KnownRegions, Region};
pub use rollback::{RollbackTarget, SelectionCriteria};
pub use rule::{CATALOGUE, Rule, RuleId, Severity, Stage};
pub use tag::{State, Tag, TagGrammar, TagKind, TagName, TagType, VersionTag, VersionTagParts};
pub use timestamp::Timestamp;
pub use url::{HealthCheckUrl, HttpUrl, PublicUrl};
pub use version::{Bump, Prerelease, Version, VersionConstraint, VersionParts};
pub use violation::{FieldPath, Findings, Step, Violation, Violations};
