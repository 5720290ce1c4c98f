//! Environments: where deployments go, and under which conditions.
//!
//! What can be known from the values alone is checked here. What needs the repository, and what
//! production asks for in addition, is in [`rules`], over what [`survey()`] gathered.

pub mod account;
mod dialect;
mod hosting;
mod paths;
mod record;
pub mod region;
pub mod rules;
mod stack;
mod survey;

use std::collections::BTreeMap;
use std::ops::Deref;

use serde::{Deserialize, Serialize};

use crate::approval::ApprovalPolicy;
use crate::base::id::AccountId;
use crate::base::known_regions::AwsRegion;
use crate::base::rule::RuleId;
use crate::base::violation::{FieldPath, Findings, Violation, Violations, quoted};
use crate::policy::{self, After, Freeze, FreezeWindow, Soak};
use region::Region;

pub use crate::base::name::EnvironmentName;
pub use crate::queue::Concurrency;
pub use hosting::{
    BackupStrategy, Budget, HostingProfile, HostingProfileParts, InstanceCount,
    MonitoringThresholds, ResourceTier, StorageReplication, TierName,
};
pub use paths::{ConfigPath, RegionPath, SecretsPath};
pub use record::{EnvironmentAtCommit, EnvironmentRecord};
pub use stack::{Stack, Stacks, TestCommands};
#[cfg(feature = "git")]
pub use survey::{
    EnvironmentSurvey, commit_to_look_at, folders, other_secrets, survey, survey_removal,
};
#[cfg(feature = "git")]
pub(crate) use survey::{Reached, judge, reach};
pub use survey::{registered, registered_names};

/// An environment as the configuration describes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EnvironmentParts {
    /// Its name.
    pub name: EnvironmentName,
    /// Its folder.
    pub config_path: ConfigPath,
    /// The file that holds its secrets, encrypted.
    pub secrets_file: SecretsPath,
    /// Whether it serves the public.
    pub is_production: bool,
    /// Who has to agree to a deployment.
    #[serde(default)]
    pub approval: ApprovalPolicy,
    /// Its regions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<Region>,
    /// How it is hosted on Azure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hosting: Option<HostingProfile>,
    /// Its AWS account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// Its AWS region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aws_region: Option<AwsRegion>,
    /// The stacks that are deployed to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stacks: Option<Stacks>,
    /// What tests a deployment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tests: Option<TestCommands>,
    /// Tags of its resources.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// When no deployment begins, once each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub freezes: Vec<Freeze>,
    /// When no deployment begins, every week.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub freeze_windows: Vec<FreezeWindow>,
    /// After which environments a version comes here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<After>,
    /// How long a version runs there before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soak: Option<Soak>,
    /// How many deployments are in progress at a time.
    #[serde(default, skip_serializing_if = "is_default")]
    pub concurrency: Concurrency,
    /// Whether a newer version that enters the queue supersedes older ones of its sub-project that wait.
    #[serde(default, skip_serializing_if = "is_default")]
    pub supersede_queued: bool,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// An environment whose parts go together. Its parts are read as those of [`EnvironmentParts`].
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Environment(EnvironmentParts);

impl Environment {
    /// Puts the parts together.
    ///
    /// # Errors
    /// REG002 for each region whose folder is not within the environment's `regions` folder,
    /// REG001 for a region that is listed twice; POL001, POL003, POL005 and POL006 for policies that do not go
    /// together.
    pub fn new(parts: EnvironmentParts) -> Result<Self, Violations> {
        let mut findings = Findings::new();
        let folder = parts.config_path.regions_folder();
        for (index, region) in parts.regions.iter().enumerate() {
            let at = || FieldPath::from("regions").index(index);
            findings.require(region.config_path.is_within(&folder), || {
                misplaced(region, &folder).under(at())
            });
            let twice = parts.regions.iter().take(index).any(|other| other.name == region.name);
            findings.require(!twice, || listed_twice(region).under(at()));
        }
        findings.extend(policy::faults(&parts));
        findings.extend(parts.approval.faults());
        findings.finish(Self(parts))
    }

    /// An environment of which nothing but the name is said.
    #[must_use]
    pub fn by_convention(name: EnvironmentName) -> Self {
        let config_path = ConfigPath::of(&name);
        let is_production = name.means_production();
        Self(EnvironmentParts {
            secrets_file: SecretsPath::within(&config_path),
            config_path,
            is_production,
            approval: ApprovalPolicy { required: is_production, ..ApprovalPolicy::default() },
            regions: Vec::new(),
            hosting: None,
            account: None,
            aws_region: None,
            stacks: None,
            tests: None,
            tags: BTreeMap::new(),
            freezes: Vec::new(),
            freeze_windows: Vec::new(),
            after: None,
            soak: None,
            concurrency: Concurrency::Environment,
            supersede_queued: false,
            name,
        })
    }

    /// With what is said of it, and what follows from that: the secrets file from the folder, an approval
    /// from being production.
    #[must_use]
    pub fn said(
        name: &EnvironmentName,
        config_path: Option<ConfigPath>,
        secrets_file: Option<SecretsPath>,
        (is_production, requires_approval): (Option<bool>, Option<bool>),
    ) -> EnvironmentParts {
        let mut parts = Self::by_convention(name.clone()).0;
        if let Some(folder) = config_path {
            parts.secrets_file = SecretsPath::within(&folder);
            parts.config_path = folder;
        }
        parts.secrets_file = secrets_file.unwrap_or(parts.secrets_file);
        parts.is_production = is_production.unwrap_or(parts.is_production);
        parts.approval.required = requires_approval.unwrap_or(parts.is_production);
        parts
    }

    /// Whether deployments to it need an approval.
    #[must_use]
    pub fn requires_approval(&self) -> bool {
        self.0.approval.required
    }

    /// The region of that name.
    #[must_use]
    pub fn region(&self, name: &crate::base::name::RegionName) -> Option<&Region> {
        self.0.regions.iter().find(|region| region.name == *name)
    }

    /// Whether it has policies that older releases do not know.
    #[must_use]
    pub fn has_later_policies(&self) -> bool {
        let Self(parts) = self;
        let freezes = !parts.freezes.is_empty() || !parts.freeze_windows.is_empty();
        let queue = !is_default(&parts.concurrency) || parts.supersede_queued;
        let order = parts.after.is_some() || parts.soak.is_some();
        freezes || order || queue || parts.approval.asks_for_more()
    }

    /// The parts, to make a changed environment from.
    #[must_use]
    pub fn into_parts(self) -> EnvironmentParts {
        self.0
    }
}

impl Deref for Environment {
    type Target = EnvironmentParts;
    fn deref(&self) -> &EnvironmentParts {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Environment {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(EnvironmentParts::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

fn misplaced(region: &Region, folder: &str) -> Violation {
    let next = format!("Write `{folder}/{}`.", region.name);
    let expected = format!("a path within `{folder}`");
    Violation::new(RuleId::REG002, quoted(region.config_path.as_str()), expected, next)
        .under("config_path")
}

fn listed_twice(region: &Region) -> Violation {
    let found = format!("{} a second time", quoted(region.name.as_str()));
    let next = "Remove one of the two, or give it another name.";
    Violation::new(RuleId::REG001, found, "each region once", next).under("name")
}

#[cfg(test)]
mod tests;
