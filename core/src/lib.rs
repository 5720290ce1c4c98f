//! The domain of releases, environments and deployments, with git as the only truth.
//!
//! One room for each noun: [`version`], [`tag`], [`environment`], [`approval`], [`deployment`],
//! [`policy`], [`queue`], [`rollback`], [`artifact`], [`secret`], [`infrastructure`], [`stack`],
//! [`terraform_state`], [`telemetry`], [`event`], [`action_link`],
//! [`configuration`], [`workflow`], [`run`], [`run_log`], [`secret_scan`], [`maintenance`], [`report`], [`settings`], [`audit`],
//! [`archive`]. In each,
//! `mod.rs` is the type, which cannot hold an invalid value; `rules.rs` decides over facts that somebody
//! gathered; `record.rs` is what the ledger keeps. These are pure: no input or output, no clock, no
//! randomness. What all of them use is in [`base`], and what all records share in [`record`].
//!
//! What touches git, files or the network lives in rooms of its own: [`git`], [`ledger`], [`health`], and
//! [`deployment::deployer`], which carries out what [`deployment::engine`] decides. [`rollout`] is the
//! seam to whatever runs versions; [`sops`] says whether a file is encrypted.
//!
//! Two features, both on unless a user says otherwise, bring what is not pure. `git` brings
//! [`git::Repository`], with libgit2 and the system's `git`; `http` brings [`health`], with an HTTP client
//! and TLS, and the deployer, which makes those checks. Without them the domain remains, with the words of
//! git and of the ledger; `testing` adds a ledger in memory. Linking this crate changes nothing for the
//! rest of a process: it installs no TLS provider, no logger and no signal handler.
//!
//! Each kind of name is a type of its own, so that one is not taken for another:
//!
//! ```compile_fail,E0308
//! use pipeline_core::{EnvironmentName, RegionName};
//! let name: EnvironmentName = "eu-west".parse::<RegionName>().unwrap();
//! ```
//!
//! a value that breaks a rule tells everything that is wrong with it:
//!
//! ```
//! use pipeline_core::{RuleId, Version};
//! let faults = "api/v1.02.3-rc..1".parse::<Version>().unwrap_err();
//! assert!(faults.breaks(RuleId::VER003) && faults.breaks(RuleId::VER004));
//! ```
//!
//! and nothing is written but what its rules allow. In the room of each noun, `survey` gathers the facts,
//! `plan` says what would happen, `check` gives a proof that no rule objects
//! ([`Checked`](base::checked::Checked)), `stage` makes one transaction of it with its audit record, and
//! [`Ledger::commit`](ledger::Ledger::commit) carries that out. [`Pipeline`] does all of it in one call.
//! There is no other way to write: no update of a ref can be made up,
//!
//! ```compile_fail,E0603
//! use pipeline_core::git::{RefUpdate, Transaction};
//! ```
//! ```compile_fail,E0603
//! use pipeline_core::ledger::RefStore;
//! ```
//! ```compile_fail,E0624
//! fn write(repository: &pipeline_core::git::Repository, ana: &pipeline_core::git::Signature) {
//!     let commit = pipeline_core::CommitSha::from_bytes([1; 20]);
//!     let _ = repository.write_tag_object("v1.0.0", commit, ana, "moved");
//! }
//! ```
//! ```compile_fail,E0624
//! use pipeline_core::git::{Repository, Signature};
//! use pipeline_core::audit::AuditRecord;
//! use pipeline_core::ledger::Ledger;
//! fn write(ledger: &Ledger<Repository>, record: &AuditRecord, ana: &Signature) {
//!     let _ = ledger.stage(&ledger.new_audit(record.at), None, record, ana, "forged");
//! }
//! ```
//!
//! nor what is staged,
//!
//! ```compile_fail,E0451
//! let staged = pipeline_core::ledger::Staged { updates: Vec::new() };
//! ```
//!
//! nor a proof, nor the facts that it is made from, such as what a store of artifacts holds,
//!
//! ```compile_fail,E0451
//! fn claim(survey: pipeline_core::artifact::ArtifactSurvey) {
//!     let _ = pipeline_core::artifact::StoredSurvey { survey, held: None };
//! }
//! ```
//! ```compile_fail,E0603
//! fn forge(plan: pipeline_core::tag::TagPlan<'_>) {
//!     let _ = pipeline_core::base::checked::Checked(plan);
//! }
//! ```
//! ```compile_fail,E0599
//! let facts = pipeline_core::tag::rules::TagFacts::default();
//! ```
//! ```compile_fail,E0451
//! use pipeline_core::KnownRegions;
//! use pipeline_core::environment::rules::{EnvironmentFacts, Folder, SecretsFile};
//! let facts = EnvironmentFacts {
//!     folder: Folder::Present,
//!     near: None,
//!     secrets: SecretsFile::Encrypted,
//!     known_regions: KnownRegions::default(),
//! };
//! ```
//!
//! and nothing can be deleted that never expires, such as the audit log:
//!
//! ```compile_fail,E0599
//! use pipeline_core::audit::AuditRecord;
//! use pipeline_core::ledger::Entry;
//! fn delete(entry: &Entry<AuditRecord>) {
//!     let _ = entry.expired();
//! }
//! ```
//! ```compile_fail,E0277
//! use pipeline_core::{archive::Expires, record::Record};
//! #[derive(serde::Serialize, serde::Deserialize)]
//! struct Audit;
//! impl Record for Audit {
//!     const KIND: &'static str = "audit";
//!     const SHELF: &'static str = "audit";
//! }
//! impl Expires for Audit {}
//! ```
//! ```compile_fail,E0451
//! use pipeline_core::archive::Expired;
//! let main = Expired { name: "refs/heads/main".parse().unwrap(), object: "0".repeat(40) };
//! ```

// What an adapter alone uses is not dead: it waits for the feature that brings the adapter.
#![cfg_attr(not(all(feature = "git", feature = "http")), allow(dead_code))]

#[macro_use]
pub mod base;

pub mod action_link;
pub mod approval;
pub mod archive;
pub mod artifact;
pub mod audit;
#[cfg(feature = "git")]
pub mod command;
pub mod configuration;
pub mod deployment;
pub mod environment;
pub mod event;
pub mod files;
pub mod git;
#[cfg(feature = "http")]
pub mod health;
pub mod infrastructure;
pub mod ledger;
pub mod maintenance;
#[cfg(all(feature = "git", feature = "http"))]
pub mod pipeline;
pub mod policy;
pub mod queue;
pub mod record;
pub mod registration;
pub mod report;
pub mod review;
pub mod rollback;
pub mod rollout;
pub mod run;
pub mod run_log;
pub mod secret;
pub mod secret_scan;
pub mod settings;
pub mod sops;
pub mod stack;
pub mod tag;
pub mod telemetry;
pub mod terraform_state;
#[cfg(feature = "testing")]
pub mod testing;
pub mod version;
pub mod workflow;

pub use approval::{Approval, ApprovalPolicy, GivenApproval};
pub use artifact::{
    ArtifactMetadata, ArtifactPath, ArtifactPlace, ArtifactType, BucketName, Sha256,
};
pub use base::actor::Actor;
pub use base::authority::{Authority, Override};
pub use base::aws::{RoleArn, SessionName};
pub use base::id::{AccountId, DeploymentId, DeploymentUuid, EntityId, WorkflowRunId};
pub use base::known_regions::{AwsRegion, AzureRegion, KnownRegions};
pub use base::machine::{MACHINES, Machine};
pub use base::name::{EnvironmentName, RegionName};
pub use base::path::SubProjectPath;
pub use base::pattern::BodyPattern;
pub use base::revision::{BranchName, CommitSha, RefName};
pub use base::rule::{CATALOGUE, Rule, RuleId, Severity, Stage};
pub use base::timestamp::Timestamp;
pub use base::url::{HealthCheckUrl, HttpUrl, PublicUrl, TelemetryUrl};
pub use base::violation::{FieldPath, Findings, Step, Violation, Violations};
pub use deployment::ecs::{ContainerVariables, EcsName, EcsReference, ImageReference};
pub use deployment::{Deployment, Progress, Status};
pub use environment::region::{CloudMappings, Region};
pub use environment::{ConfigPath, Environment, EnvironmentParts, HostingProfile, SecretsPath};
pub use infrastructure::{Cloud, InfrastructureId, InfrastructureResource, KnownTypes};
#[cfg(all(feature = "git", feature = "http"))]
pub use pipeline::{NotDeployed, Pipeline, PipelineError};
pub use queue::QueueRecord;
pub use rollback::{RollbackTarget, SelectionCriteria};
pub use secret::{KeyVaultUrl, Secret, SecretName};
pub use tag::{State, Tag, TagGrammar, TagKind, TagName, TagParts, TagType};
pub use version::{Bump, Prerelease, Version, VersionConstraint, VersionParts};
