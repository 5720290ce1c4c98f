//! `pipeline_environment` as a data source: from the ledger, and what it runs.

use std::collections::BTreeMap;

use pipeline_core::model::EnvironmentName;
use pipeline_core::policy::deployment::unknown_environment;
use tfplugin::{Computed, DataContext, DataSource, Diagnostics, Model, Text};

use crate::error;
use crate::pipeline::{Pipeline, Truth};
use crate::resources::environment::{
    self, ApprovalPolicyBlock, HostingProfileBlock, RegionBlock, StackBlock, TestsBlock,
};

/// A registered environment, and what it runs.
#[derive(Debug, Clone, Model)]
pub struct EnvironmentData {
    /// Name of the environment.
    pub name: Text<EnvironmentName>,
    /// Folder of the environment.
    pub config_path: Computed<String>,
    /// SOPS-encrypted file with its secrets.
    pub secrets_file: Computed<String>,
    /// Whether it serves the public.
    pub is_production: Computed<bool>,
    /// Whether a deployment needs an approval.
    pub requires_approval: Computed<bool>,
    /// Who may approve; null where anybody may.
    pub approval_policy: Computed<Option<ApprovalPolicyBlock>>,
    /// Regions, in order.
    pub regions: Computed<Vec<RegionBlock>>,
    /// How it is hosted on Azure.
    pub hosting_profile: Computed<Option<HostingProfileBlock>>,
    /// AWS region.
    pub aws_region: Computed<Option<String>>,
    /// AWS account.
    pub account: Computed<Option<String>>,
    /// Stacks that are deployed to it.
    pub stacks: Computed<Vec<StackBlock>>,
    /// What tests a deployment.
    pub tests: Computed<Option<TestsBlock>>,
    /// Tags of its resources.
    pub tags: Computed<BTreeMap<String, String>>,
    /// Commit at which its folder was checked.
    pub commit_sha: Computed<String>,
    /// When it was registered, in UTC.
    pub registered_at: Computed<String>,
    /// Who registered it or changed it last.
    pub registered_by: Computed<String>,
    /// What it runs, by path of the sub-project.
    pub deployed: Computed<BTreeMap<String, DeployedVersion>>,
}

/// What an environment runs of one sub-project.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct DeployedVersion {
    /// Commit that the environment's tag points at.
    pub commit_sha: String,
    /// Version of that commit; null where no version tag names it.
    pub version: Option<String>,
}

impl DataSource for EnvironmentData {
    const NAME: &'static str = "pipeline_environment";
    type Provider = Pipeline;

    async fn read(self, cx: &DataContext<Self>) -> Result<Self, Diagnostics> {
        let session = cx.provider.open().await?;
        let truth = session.truth().await?;
        let Some(entry) = environment::entry(&session, &self.name).await? else {
            let shelf = session.ledger().environments();
            return Err(self.unknown(&truth, shelf.prefix()));
        };
        let record = entry.record;
        let it = environment::Environment::of(&record.environment);
        let deployed = deployed(&self.name, &truth);
        Ok(Self {
            name: self.name,
            config_path: it.config_path,
            secrets_file: it.secrets_file,
            is_production: it.is_production,
            requires_approval: it.requires_approval,
            approval_policy: it.approval_policy.into(),
            regions: it.regions.unwrap_or_default().into(),
            hosting_profile: it.hosting_profile.into(),
            aws_region: it.aws_region.into(),
            account: it.account.into(),
            stacks: it.stacks.unwrap_or_default().into(),
            tests: it.tests.into(),
            tags: it.tags.unwrap_or_default().into(),
            commit_sha: record.commit_sha.to_string().into(),
            registered_at: record.registered_at.to_string().into(),
            registered_by: record.registered_by.to_string().into(),
            deployed: deployed.into(),
        })
    }
}

impl EnvironmentData {
    fn unknown(&self, truth: &Truth, prefix: &str) -> Diagnostics {
        let known: Vec<EnvironmentName> =
            truth.snapshot.under(prefix).filter_map(|(name, _)| name.parse().ok()).collect();
        let known: Vec<&EnvironmentName> = known.iter().collect();
        let violation = unknown_environment(&self.name, &known);
        error::violations_at(&violation.into(), Self::NAME.into())
    }
}

fn deployed(name: &EnvironmentName, truth: &Truth) -> BTreeMap<String, DeployedVersion> {
    let pointers = truth.releases.pointers().filter(|(_, environment, _)| *environment == name);
    pointers
        .map(|(project, _, commit)| {
            let version = truth.releases.at(project, commit).next_back();
            let version = version.map(|release| release.version.to_string());
            (project.to_string(), DeployedVersion { commit_sha: commit.to_string(), version })
        })
        .collect()
}
