//! The `provider "pipeline"` block, and the settings that come of it and of the environment.
//!
//! Values are parsed here once; the rest of the provider sees [`Settings`]. It leaves out opening the
//! repository, which waits until something needs it.

mod archive;
mod aws;

use std::path::PathBuf;
use std::time::Duration;

use pipeline_aws::AwsSettings;
use pipeline_core::base::actor::{Actor, Authority};
use pipeline_core::environment::EnvironmentName;
use pipeline_core::tag::TagGrammar;
use tfplugin::{Diagnostics, Field, FieldValue, Model, Span, Text};

pub use archive::{ArchiveChoice, ArchiveConfig, ArchiveSettings};
pub use aws::{AssumeRoleConfig, AwsConfig};

use crate::error;
use crate::surroundings::Surroundings;

/// Releases, environments and deployments in git.
///
/// Git decides what runs: tags are versions and environment pointers, and records of environments and
/// deployments live in refs of the same repository.
#[derive(Debug, Clone, Model)]
pub struct Config {
    /// Path or URL of the git repository. Defaults to `PIPELINE_REPOSITORY`, then to the repository
    /// that holds the working directory.
    pub repository: Option<String>,
    /// Name of the remote that holds the truth. Defaults to `origin` where there is one. An empty
    /// string uses the repository itself.
    pub remote: Option<String>,
    /// Who acts, in tags and records. Defaults to `GITHUB_ACTOR`, then to git's user.
    pub actor: Option<Text<Actor>>,
    /// Whether `v1.2.3-rc.1` may be a version tag.
    pub allow_prerelease_tags: Option<bool>,
    /// Names of the environments that have movable tags. Defaults to `production`, `staging`,
    /// `canary`, `sandbox` and `performance`.
    pub environment_tag_names: Option<Vec<Text<EnvironmentName>>>,
    /// Cloud regions to accept beside the known ones, for regions that are newer than this provider.
    pub extra_regions: Option<Vec<String>>,
    /// Prefix of the refs that hold records. Defaults to `refs/ledger`.
    #[tf(validate = ledger_prefix)]
    pub ledger_ref_prefix: Option<String>,
    /// How long a deployment holds its environment without a sign of life, such as `5m`, which is the
    /// default. A deployment that was killed is superseded after this time.
    pub lease: Option<Text<Span>>,
    /// How AWS is reached, for what needs it. Defaults to what the AWS CLI would use.
    pub aws: Option<AwsConfig>,
    /// Where records go before they are deleted. Without it, what expires is deleted for good.
    pub archive: Option<ArchiveConfig>,
    /// An administrator's override of a rule, for an emergency. Every use is recorded in the audit log.
    pub r#override: Option<OverrideConfig>,
}

/// Who overrides, and why.
#[derive(Debug, Clone, Model)]
pub struct OverrideConfig {
    /// Why the rule does not apply this once.
    pub reason: String,
    /// Who answers for it.
    pub approved_by: String,
}

/// Settings of one configured provider.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Path or URL; absent: the repository that holds the working directory.
    pub repository: Option<String>,
    /// `None`: `origin` where there is one. `Some("")`: no remote.
    pub remote: Option<String>,
    /// Where given by configuration or CI.
    pub actor: Option<Actor>,
    /// What tag names mean.
    pub grammar: TagGrammar,
    /// Beside the known regions.
    pub extra_regions: Vec<String>,
    /// Without a trailing slash.
    pub ledger_ref_prefix: String,
    /// Of a deployment.
    pub lease: Duration,
    /// How AWS is reached; `None` while a part of it is not known.
    pub aws: Option<AwsSettings>,
    /// Where records go before they are deleted.
    pub archive: ArchiveChoice,
    /// Whether CI acts, who overrides rules by the provider block, and who changes environment tags by
    /// hand by `ALLOW_PROTECTED_TAG_PUSH`.
    pub authority: Authority,
    /// The machine and the clock.
    pub surroundings: Surroundings,
    /// Where clones of repositories given by URL are kept.
    pub cache: PathBuf,
}

/// The default of `lease`.
const DEFAULT_LEASE: Duration = Duration::from_secs(300);

impl Settings {
    /// Settings from a provider block, or every problem in it.
    ///
    /// `None` where a value that decides which repository is meant is not known yet.
    ///
    /// # Errors
    /// One diagnostic for each bad value.
    pub fn new(
        config: &ConfigDraft,
        surroundings: Surroundings,
    ) -> Result<Option<Self>, Diagnostics> {
        if config.repository.is_unknown() || config.remote.is_unknown() {
            return Ok(None);
        }
        let admin_override = admin_override(&config.r#override)?;
        // A variable that is no name is as good as none: git's user stands in.
        let by_ci = || surroundings.variable("GITHUB_ACTOR").and_then(|name| name.parse().ok());
        let names = config.environment_tag_names.known();
        let repository = config.repository.known().cloned();
        let from_variable = || surroundings.variable("PIPELINE_REPOSITORY");
        Ok(Some(Self {
            repository: repository.or_else(from_variable),
            remote: config.remote.known().cloned(),
            actor: config.actor.known().map(|actor| actor.0.clone()).or_else(by_ci),
            grammar: TagGrammar {
                allow_prerelease: config.allow_prerelease_tags.known().copied().unwrap_or(false),
                environment_names: names.map_or_else(
                    || TagGrammar::default().environment_names,
                    |names| names.iter().map(|name| name.0.clone()).collect(),
                ),
            },
            extra_regions: config.extra_regions.known().cloned().unwrap_or_default(),
            ledger_ref_prefix: config
                .ledger_ref_prefix
                .known()
                .map_or("refs/ledger", String::as_str)
                .trim_end_matches('/')
                .to_owned(),
            lease: config.lease.known().map_or(DEFAULT_LEASE, |span| span.duration()),
            aws: aws::settings(&config.aws),
            archive: archive::choice(&config.archive),
            authority: Authority {
                in_ci: surroundings.is_ci(),
                admin_override,
                protected_push: protected_push(&surroundings),
            },
            cache: surroundings.cache_directory(),
            surroundings,
        }))
    }
}

fn admin_override(
    field: &Field<OverrideConfigDraft>,
) -> Result<Option<pipeline_core::Override>, Diagnostics> {
    let FieldValue::Known(OverrideConfig { reason, approved_by }) = field.settled() else {
        return Ok(None);
    };
    let made = pipeline_core::Override::new(&reason, &approved_by);
    made.map(Some).map_err(|bad| error::violations(&bad, field.path()))
}

fn protected_push(around: &Surroundings) -> Option<pipeline_core::Override> {
    let reason = around.variable("ALLOW_PROTECTED_TAG_PUSH")?;
    let person = around.variable("GITHUB_ACTOR")?;
    let reason = format!("ALLOW_PROTECTED_TAG_PUSH={reason}");
    pipeline_core::Override::new(&reason, &person).ok()
}

fn ledger_prefix(prefix: &str) -> Result<(), String> {
    let taken = ["refs/heads", "refs/tags", "refs/remotes"];
    if prefix.starts_with("refs/") && !taken.iter().any(|own| prefix.starts_with(own)) {
        return Ok(());
    }
    Err(format!(
        "Found \"{prefix}\"; expected a prefix of its own such as \"refs/ledger\", outside refs/heads and \
         refs/tags. Next: choose one, the same for every configuration of this repository."
    ))
}

/// Checks what needs no repository: called at `terraform validate` too.
pub fn validate(config: &ConfigDraft, out: &mut Diagnostics) {
    aws::validate(&config.aws, &config.extra_regions, out);
}
