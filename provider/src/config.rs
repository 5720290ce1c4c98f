//! The `provider "pipeline"` block, and the settings that come of it and of the environment.
//!
//! Values are parsed here once; the rest of the provider sees [`Settings`]. It leaves out opening the
//! repository, which waits until something needs it.

mod archive;
mod aws;
mod github;
mod telemetry;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use pipeline_aws::AwsSettings;
use pipeline_core::deployment::deployer;
use pipeline_core::git::Repository;
use pipeline_core::tag::TagGrammar;
use pipeline_core::{Actor, Authority, EnvironmentName, Override, RuleId, Timestamp};
use tfplugin::{Diagnostics, Draft, Model, Path, Span, Text, Value};

pub use archive::{ArchiveChoice, ArchiveConfig, ArchiveSettings};
pub use aws::{AssumeRoleConfig, AwsConfig};
pub use github::{GithubConfig, GithubSettings};
pub use telemetry::{
    CloudWatchConfig, CloudWatchSettings, OtlpConfig, TelemetryConfig, TelemetrySettings,
};

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
    /// Types of AWS resources to accept beside the known ones, for types that are newer than this provider.
    pub extra_resource_types: Option<Vec<String>>,
    /// Names of the tags that every `pipeline_infrastructure_resource` of AWS has. Defaults to `Environment` and
    /// `Project`.
    pub required_tags: Option<Vec<String>>,
    /// Prefix of the refs that hold records. Defaults to `refs/ledger`.
    #[tf(validate = ledger_prefix)]
    pub ledger_ref_prefix: Option<String>,
    /// How long a deployment holds its environment without a sign of life, such as `5m`, which is the
    /// default; from `2s` to `24h`. A deployment that was killed is superseded after this time.
    #[tf(validate = lease)]
    pub lease: Option<Text<Span>>,
    /// How AWS is reached, for what needs it. Defaults to what the AWS CLI would use.
    pub aws: Option<AwsConfig>,
    /// Where records go before they are deleted. Without it, what expires is deleted for good.
    pub archive: Option<ArchiveConfig>,
    /// Repository on GitHub, for the links of `pipeline_report`. Defaults to what GitHub Actions says.
    pub github: Option<GithubConfig>,
    /// Who is told of deployments and runs that ended.
    pub telemetry: Option<TelemetryConfig>,
    /// An administrator's override of rules, for an emergency. Plans announce every use of it, and the audit
    /// log keeps it.
    pub r#override: Option<OverrideConfig>,
}

/// Who overrides, why, and what. The plan announces each rule that is lifted from each object.
#[derive(Debug, Clone, Model)]
pub struct OverrideConfig {
    /// Why the rule does not apply this once.
    pub reason: String,
    /// Who answers for it: somebody else than who applies, by whatever name git or CI know them.
    pub approved_by: String,
    /// The rules that it lifts, by their IDs such as `TAG009`. Without them it lifts whatever can be lifted.
    pub rules: Option<Vec<Text<RuleId>>>,
    /// What it lifts rules from, by import IDs: names of tags such as `api/v1.2.3`, environments such as
    /// `staging`, deployments such as `staging/api`; `settings` stands for what all configurations share.
    /// Without them it lifts rules from everything.
    pub subjects: Option<Vec<String>>,
    /// When it ends, such as `2026-03-01T18:00:00Z`. Without a time it lasts until it is removed.
    pub until: Option<Text<Timestamp>>,
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
    /// Beside the known types of AWS.
    pub extra_resource_types: Vec<String>,
    /// That every resource of AWS has.
    pub required_tags: Vec<String>,
    /// Without a trailing slash.
    pub ledger_ref_prefix: String,
    /// Of a deployment.
    pub lease: Duration,
    /// How AWS is reached; `None` while a part of it is not known.
    pub aws: Option<AwsSettings>,
    /// Where records go before they are deleted.
    pub archive: ArchiveChoice,
    /// The repository on GitHub, where that is known.
    pub github: Option<GithubSettings>,
    /// Who is told of what ended.
    pub telemetry: TelemetrySettings,
    /// Whether CI acts, who overrides rules by the provider block, and who changes environment tags by
    /// hand by `ALLOW_PROTECTED_TAG_PUSH`.
    pub authority: Authority,
    /// The machine and the clock.
    pub surroundings: Surroundings,
    /// Where clones of repositories given by URL are kept.
    pub cache: PathBuf,
}

/// The default of `required_tags`.
const REQUIRED_TAGS: [&str; 2] = ["Environment", "Project"];

/// The default of `lease`.
const DEFAULT_LEASE: Duration = Duration::from_secs(300);

impl Settings {
    /// Settings from a provider block, or every problem in it; [`Unknown`] where an argument is not known
    /// yet. `aws`, `archive` and `telemetry` are apart: each says by itself what of it is not known.
    ///
    /// # Errors
    /// One diagnostic for each bad value.
    pub fn new(
        config: &ConfigDraft,
        surroundings: Surroundings,
    ) -> Result<Result<Self, Unknown>, Diagnostics> {
        let mut draft = config.clone();
        draft.aws.set_null();
        draft.archive.set_null();
        draft.telemetry.set_null();
        let Some(known) = draft.settled() else { return Ok(Err(Unknown::of(&draft))) };
        // Every argument by name: a new one has to be read here.
        let Config {
            repository,
            remote,
            actor,
            allow_prerelease_tags,
            environment_tag_names,
            extra_regions,
            extra_resource_types,
            required_tags,
            ledger_ref_prefix,
            lease,
            aws: None,
            archive: None,
            telemetry: None,
            github,
            r#override,
        } = known
        else {
            return Ok(Err(Unknown::of(config)));
        };
        // A variable that is no name is as good as none: git's user stands in.
        let by_ci = || surroundings.variable("GITHUB_ACTOR").and_then(|name| name.parse().ok());
        let names = environment_tag_names.map(|all| all.into_iter().map(|name| name.0).collect());
        let prefix = ledger_ref_prefix.as_deref().unwrap_or("refs/ledger");
        Ok(Ok(Self {
            repository: repository.or_else(|| surroundings.variable("PIPELINE_REPOSITORY")),
            remote,
            actor: actor.map(|actor| actor.0).or_else(by_ci),
            grammar: TagGrammar {
                allow_prerelease: allow_prerelease_tags.unwrap_or(false),
                environment_names: names.unwrap_or_else(|| TagGrammar::default().environment_names),
            },
            extra_regions: extra_regions.unwrap_or_default(),
            extra_resource_types: extra_resource_types.unwrap_or_default(),
            required_tags: required_tags
                .unwrap_or_else(|| REQUIRED_TAGS.map(str::to_owned).to_vec()),
            ledger_ref_prefix: prefix.trim_end_matches('/').to_owned(),
            lease: lease.map_or(DEFAULT_LEASE, |span| span.duration()),
            aws: aws::settings(&config.aws),
            archive: archive::choice(&config.archive),
            github: GithubSettings::new(github, &surroundings)?,
            telemetry: TelemetrySettings::new(&config.telemetry),
            authority: Authority {
                in_ci: surroundings.is_ci(),
                admin_override: admin_override(r#override, config.r#override.path())?,
                protected_push: protected_push(&surroundings),
            },
            cache: surroundings.cache_directory(),
            surroundings,
        }))
    }
}

impl Settings {
    /// The override, where it has not ended.
    #[must_use]
    pub fn override_now(&self) -> Option<&Override> {
        self.authority.override_at(self.surroundings.now())
    }

    /// All names by which whoever acts is known here: by configuration, by CI, by git.
    #[must_use]
    pub fn people(&self, repository: &Repository) -> Vec<Actor> {
        let (name, email) = repository.user();
        let by_git = [name, email].into_iter().flatten().filter_map(|name| name.parse().ok());
        self.actor.clone().into_iter().chain(self.surroundings.people()).chain(by_git).collect()
    }
}

/// A lease has to be renewed twice while it runs, and whoever waits for a dead holder waits as long.
fn lease(span: &Span) -> Result<(), String> {
    if deployer::LEASES.contains(&span.duration()) {
        return Ok(());
    }
    Err(format!(
        "Found \"{span}\"; expected a time from 2 s to 24 h. Next: write how long a deployment may give no \
         sign of life, such as \"5m\"."
    ))
}

/// Arguments of the provider block that are not known before apply. None of them may be taken for its
/// default meanwhile: a plan then says nothing, and what has to be read says why it cannot be.
#[derive(Debug, Clone)]
pub struct Unknown(Vec<String>);

impl Unknown {
    fn of(draft: &ConfigDraft) -> Self {
        let Value::Map(arguments) = draft.encode() else { return Self(Vec::new()) };
        let unknown = arguments.into_iter().filter(|(_, value)| !value.is_wholly_known());
        Self(unknown.map(|(name, _)| format!("`{name}`")).collect())
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(", "))
    }
}

fn admin_override(
    wanted: Option<OverrideConfig>,
    path: &Path,
) -> Result<Option<Override>, Diagnostics> {
    let Some(OverrideConfig { reason, approved_by, rules, subjects, until }) = wanted else {
        return Ok(None);
    };
    let rules = rules.map(|all| all.into_iter().map(Text::into_inner).collect());
    let made = Override::new(&reason, &approved_by)
        .and_then(|it| rules.map_or(Ok(it.clone()), |rules| it.only_rules(rules)))
        .and_then(|it| subjects.map_or(Ok(it.clone()), |subjects| it.only_subjects(subjects)))
        .map(|it| until.map_or(it.clone(), |end| it.until(end.0)));
    made.map(Some).map_err(|bad| error::violations(&bad, path))
}

fn protected_push(around: &Surroundings) -> Option<Override> {
    let reason = around.variable("ALLOW_PROTECTED_TAG_PUSH")?;
    let person = around.variable("GITHUB_ACTOR")?;
    let reason = format!("ALLOW_PROTECTED_TAG_PUSH={reason}");
    Override::new(&reason, &person).ok()
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
    telemetry::validate(&config.telemetry, out);
}
