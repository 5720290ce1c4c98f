//! The HCL of `pipeline_environment`.

use std::collections::BTreeMap;

use pipeline_core::approval::{AllowedSigner, Signatures};
use pipeline_core::base::known_regions::KnownRegions;
use pipeline_core::environment::region::CloudMappings;
use pipeline_core::environment::{
    BackupStrategy, Concurrency, ConfigPath, RegionPath, ResourceTier, SecretsPath, Stacks,
    StorageReplication, TestCommands,
};
use pipeline_core::policy::{CivilTime, ClockTime, Condition, Day, FreezeName, Match, Soak, Zone};
use pipeline_core::{
    AccountId, Actor, CommitSha, EnvironmentName, RegionName, Timestamp, Violations,
};
use tfplugin::{Computed, Model, Span, Text};

/// An environment: registered in the ledger after its folder and its secrets file were checked.
///
/// Deployments of every configuration that uses the same repository find the registration and obey it:
/// regions, approval, freezes, order, account. The folder is checked at every plan; the registration changes only when
/// the folder or an argument does.
///
/// Destroying it removes the registration; tags and deployments stay.
#[derive(Debug, Clone, Model)]
pub struct Environment {
    /// Name of the environment: lower-case letters, digits and hyphens.
    #[tf(identity, requires_replace)]
    pub name: Text<EnvironmentName>,
    /// Folder of the environment, below `environments/`. Defaults to `environments/<name>`.
    #[tf(optional)]
    pub config_path: Computed<Text<ConfigPath>>,
    /// SOPS-encrypted file with the environment's secrets. Defaults to `secrets.enc` in its folder.
    #[tf(optional)]
    pub secrets_file: Computed<Text<SecretsPath>>,
    /// Revision at which the folder is checked: a commit, branch or tag. Defaults to the head of the
    /// repository's default branch.
    pub r#ref: Option<String>,
    /// Whether it serves the public. Always true for `production` and `prod`, else false where absent.
    #[tf(optional)]
    pub is_production: Computed<bool>,
    /// Whether a deployment needs an approval. Where absent it follows `is_production`, and is true where
    /// `approval_policy` says more than `approvers`.
    #[tf(optional)]
    pub requires_approval: Computed<bool>,
    /// Which approvals count. One of anybody but the person who triggered the deployment, where absent.
    pub approval_policy: Option<ApprovalPolicyBlock>,
    /// Regions, in order.
    pub regions: Option<Vec<RegionBlock>>,
    /// How it is hosted on Azure.
    pub hosting_profile: Option<HostingProfileBlock>,
    /// AWS region, such as `eu-west-1`.
    #[tf(validate = aws_region)]
    pub aws_region: Option<String>,
    /// AWS account: twelve digits.
    pub account: Option<Text<AccountId>>,
    /// Stacks that are deployed to it, in order.
    #[tf(validate = stacks)]
    pub stacks: Option<Vec<StackBlock>>,
    /// What tests a deployment.
    pub tests: Option<TestsBlock>,
    /// Tags of its resources.
    pub tags: Option<BTreeMap<String, String>>,
    /// Times in which no deployment begins, once each. What runs when one begins runs to its end, and a version that ran
    /// here may be gone back to.
    pub freezes: Option<Vec<FreezeBlock>>,
    /// Times in which no deployment begins, every week.
    pub freeze_windows: Option<Vec<FreezeWindowBlock>>,
    /// Environments that a version goes through before it comes here. What the same plan deploys there first counts, where
    /// the deployment here names it in `depends_on`.
    pub after: Option<AfterBlock>,
    /// How long a version runs in the environments of `after` without a break before it comes here, such as `1h` or
    /// `2d12h`.
    pub soak: Option<Text<Soak>>,
    /// How many deployments to it are in progress at a time: one (`environment`), or one of each sub-project
    /// (`sub_project`). Defaults to `environment`.
    ///
    /// A change to `sub_project` counts as soon as nobody deploys to the environment or waits for it; a change to
    /// `environment` is refused until nobody does.
    pub concurrency: Option<Text<Concurrency>>,
    /// Whether a deployment of a newer version that enters the queue supersedes those of older versions of its
    /// sub-project that wait there: they are cancelled, with the reason. Defaults to false.
    pub supersede_queued: Option<bool>,
    /// Commit at which the folder was last found changed.
    pub commit_sha: Computed<Text<CommitSha>>,
    /// Git's ID of the folder's content.
    pub config_tree: Computed<String>,
    /// When the environment was registered, in UTC.
    #[tf(use_state_for_unknown)]
    pub registered_at: Computed<Text<Timestamp>>,
    /// When the registration last changed, in UTC.
    pub updated_at: Computed<Text<Timestamp>>,
}

/// Which approvals count for a deployment.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct ApprovalPolicyBlock {
    /// How many different people have to approve: those whom deployments name, and those who approve by a
    /// `pipeline_approval`. Defaults to 1.
    pub required: Option<u64>,
    /// Logins or addresses of those who may approve. Anybody where absent.
    pub approvers: Option<Vec<Text<Actor>>>,
    /// For how long an approval is good, such as `72h` or `3d`: it is counted again when a deployment begins. For
    /// ever where absent.
    pub valid_for: Option<Text<Span>>,
    /// Whether the person who triggers the deployment may be one of those who approve.
    pub allow_trigger: Option<bool>,
    /// `required` where only a `pipeline_approval` counts whose record a key of the person signed; `off` where
    /// absent.
    pub signatures: Option<Text<Signatures>>,
    /// Whose key is whose: lines as in OpenSSH's `allowed_signers`, such as `ada ssh-ed25519 AAAA…`. People are
    /// named in full, in quotation marks where a name has blanks. An OpenPGP key is a line of the person, `openpgp`
    /// and the fingerprint of the primary key; the public key has to be known to the GnuPG of whoever deploys.
    pub allowed_signers: Option<Vec<Text<AllowedSigner>>>,
}

/// A freeze that comes once. An hour that clocks show twice counts twice; a time that they skip is the moment at which
/// they do.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct FreezeBlock {
    /// What people call it, such as `Year end`.
    pub name: Text<FreezeName>,
    /// When it begins, as clocks show it: `2026-12-20T18:00`.
    pub from: Text<CivilTime>,
    /// When it is over. The end of a day may be written as `24:00`.
    pub to: Text<CivilTime>,
    /// Zone of those clocks, by its name in the IANA database.
    #[tf(default = "UTC")]
    pub timezone: Text<Zone>,
}

/// A freeze that comes every week.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct FreezeWindowBlock {
    /// What people call it, such as `No Fridays`.
    pub name: Text<FreezeName>,
    /// Days on which it begins: `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`.
    pub days: Vec<Text<Day>>,
    /// When it begins, as clocks show it: `14:00`.
    pub from: Text<ClockTime>,
    /// When it is over; on the next day, where that is not after `from`. The end of the day is `24:00`.
    pub to: Text<ClockTime>,
    /// Zone of those clocks, by its name in the IANA database.
    #[tf(default = "UTC")]
    pub timezone: Text<Zone>,
}

/// Environments that come before.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct AfterBlock {
    /// Their names. One with regions counts when each region has the version.
    pub environments: Vec<Text<EnvironmentName>>,
    /// How many of them have to have the version: `all` or `any`.
    #[tf(default = "all")]
    pub r#match: Text<Match>,
    /// What has to be true there: the newest deployment of the version `succeeded`, or it is what is `running`.
    #[tf(default = "succeeded")]
    pub condition: Text<Condition>,
}

/// A region.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct RegionBlock {
    /// Name that does not depend on a cloud, such as `eu-west`.
    pub name: Text<RegionName>,
    /// Folder of the region. Defaults to `regions/<name>` in the environment's folder.
    pub config_path: Option<Text<RegionPath>>,
    /// What each cloud calls it: `aws`, `azure` or `gcp` to the cloud's name.
    #[tf(validate = cloud_mappings)]
    pub cloud_mappings: BTreeMap<String, String>,
}

/// Hosting on Azure. Production asks for at least two instances, zone-redundant backup and `RA-GRS`.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct HostingProfileBlock {
    /// App Service SKU, such as `B1`, `S1` or `P1v2`.
    pub resource_tier: Text<ResourceTier>,
    /// Number of instances.
    #[tf(default = 1)]
    pub instance_count: i64,
    /// `simple` or `zone-redundant`.
    #[tf(default = "simple")]
    pub backup_strategy: Text<BackupStrategy>,
    /// `LRS` or `RA-GRS`.
    #[tf(default = "LRS")]
    pub storage_replication: Text<StorageReplication>,
    /// Azure region, such as `westeurope`.
    pub region: String,
    /// Monthly budget in US dollars.
    #[tf(default = 500.0)]
    pub cost_budget_usd: f64,
    /// When to raise an alarm.
    pub monitoring_thresholds: ThresholdsBlock,
}

/// When to raise an alarm.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct ThresholdsBlock {
    /// 95th percentile of the latency, in milliseconds.
    pub latency_p95_ms: f64,
    /// Share of errors, in percent.
    pub error_rate_percent: f64,
    /// Availability, in percent.
    pub availability_percent: f64,
}

/// A stack.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct StackBlock {
    /// Name of the stack.
    pub name: String,
    /// Path of its definition.
    pub path: String,
}

/// Tests of a deployment.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct TestsBlock {
    /// Commands, in order.
    #[tf(validate = commands)]
    pub commands: Option<Vec<String>>,
}

/// A region that is not known but could be is left to the plan: the provider block can add to the
/// known ones.
fn aws_region(name: &str) -> Result<(), Violations> {
    let could_be = name.rsplit_once('-').is_some_and(|(area, number)| {
        area.contains('-') && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
    });
    if could_be { Ok(()) } else { KnownRegions::default().aws(name).map(drop) }
}

fn cloud_mappings(mappings: &BTreeMap<String, String>) -> Result<(), Violations> {
    CloudMappings::new(mappings.clone()).map(drop)
}

fn stacks(blocks: &[StackBlockDraft]) -> Result<(), Violations> {
    if blocks.is_empty() { Stacks::new(Vec::new()).map(drop) } else { Ok(()) }
}

fn commands(commands: &[String]) -> Result<(), Violations> {
    TestCommands::new(commands.to_vec()).map(drop)
}
