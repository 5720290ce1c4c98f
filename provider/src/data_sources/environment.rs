//! `pipeline_environment` as a data source: from the ledger, else from its folder; and what it runs.

use std::collections::{BTreeMap, BTreeSet};

use pipeline_core::deployment::Scope;
use pipeline_core::deployment::rules::unknown_environment;
use pipeline_core::environment::{
    self as environments, Concurrency, ConfigPath, Environment as Domain, SecretsPath,
};
use pipeline_core::git::GitError;
use pipeline_core::policy::Soak;
use pipeline_core::{AccountId, CommitSha, EnvironmentName, SubProjectPath};
use tfplugin::{Computed, DataContext, DataSource, Diagnostics, Model, Path, Text};

use crate::error;
use crate::pipeline::Pipeline;
use crate::resources::environment::{
    self, AfterBlock, ApprovalPolicyBlock, FreezeBlock, FreezeWindowBlock, HostingProfileBlock,
    RegionBlock, StackBlock, TestsBlock,
};
use crate::session::Session;

/// An environment, and what it runs: as it is registered, or, where nobody registered it, by the
/// conventions of its folder in the repository.
#[derive(Debug, Clone, Model)]
pub struct EnvironmentData {
    /// Name of the environment.
    pub name: Text<EnvironmentName>,
    /// Revision at which a folder that nobody registered is looked at. Defaults to the head of the
    /// repository's default branch.
    pub r#ref: Option<String>,
    /// Where this comes from: `ledger` or `folder`.
    pub source: Computed<String>,
    /// Folder of the environment.
    pub config_path: Computed<Text<ConfigPath>>,
    /// SOPS-encrypted file with its secrets.
    pub secrets_file: Computed<Text<SecretsPath>>,
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
    pub account: Computed<Option<Text<AccountId>>>,
    /// Stacks that are deployed to it.
    pub stacks: Computed<Vec<StackBlock>>,
    /// What tests a deployment.
    pub tests: Computed<Option<TestsBlock>>,
    /// Tags of its resources.
    pub tags: Computed<BTreeMap<String, String>>,
    /// Times in which no deployment begins, once each.
    pub freezes: Computed<Vec<FreezeBlock>>,
    /// Times in which no deployment begins, every week.
    pub freeze_windows: Computed<Vec<FreezeWindowBlock>>,
    /// Environments that a version goes through before; null where there are none.
    pub after: Computed<Option<AfterBlock>>,
    /// How long a version runs there before; null where no time is asked for.
    pub soak: Computed<Option<Text<Soak>>>,
    /// How many deployments to it are in progress at a time: one (`environment`), or one of each sub-project
    /// (`sub_project`).
    pub concurrency: Computed<Text<Concurrency>>,
    /// Whether a newer version that enters the queue supersedes older ones of its sub-project that wait.
    pub supersede_queued: Computed<bool>,
    /// Commit at which its folder was checked.
    pub commit_sha: Computed<String>,
    /// When it was registered, in UTC; null where it is not.
    pub registered_at: Computed<Option<String>>,
    /// Who registered it or changed it last; null where nobody did.
    pub registered_by: Computed<Option<String>>,
    /// What it runs, by path of the sub-project.
    pub deployed: Computed<BTreeMap<String, DeployedVersion>>,
}

/// What an environment runs of one sub-project.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct DeployedVersion {
    /// Commit that runs.
    pub commit_sha: String,
    /// Version of that commit; null where no version tag names it.
    pub version: Option<String>,
}

impl DataSource for EnvironmentData {
    const NAME: &'static str = "pipeline_environment";
    type Provider = Pipeline;

    async fn read(self, cx: &DataContext<Self>) -> Result<Self, Diagnostics> {
        let session = cx.provider.open().await?;
        let deployed = deployed(&session, &self.name).await?;
        let Some(entry) = environment::entry(&session, &self.name).await? else {
            let (domain, commit) = self.by_folder(&session).await?;
            let found = self.shown(&environment::Environment::of_domain(&domain));
            return Ok(Self {
                source: "folder".to_owned().into(),
                commit_sha: commit.to_string().into(),
                registered_at: None.into(),
                registered_by: None.into(),
                deployed: deployed.into(),
                ..found
            });
        };
        let record = entry.record;
        let found = self.shown(&environment::Environment::of_domain(&record.environment));
        Ok(Self {
            source: "ledger".to_owned().into(),
            commit_sha: record.commit_sha.to_string().into(),
            registered_at: Some(record.registered_at.to_string()).into(),
            registered_by: Some(record.registered_by.to_string()).into(),
            deployed: deployed.into(),
            ..found
        })
    }
}

impl EnvironmentData {
    fn shown(self, it: &environment::Environment) -> Self {
        Self {
            config_path: it.config_path.clone(),
            secrets_file: it.secrets_file.clone(),
            is_production: it.is_production,
            requires_approval: it.requires_approval,
            approval_policy: it.approval_policy.clone().into(),
            regions: it.regions.clone().unwrap_or_default().into(),
            hosting_profile: it.hosting_profile.clone().into(),
            aws_region: it.aws_region.clone().into(),
            account: it.account.clone().into(),
            stacks: it.stacks.clone().unwrap_or_default().into(),
            tests: it.tests.clone().into(),
            tags: it.tags.clone().unwrap_or_default().into(),
            freezes: it.freezes.clone().unwrap_or_default().into(),
            freeze_windows: it.freeze_windows.clone().unwrap_or_default().into(),
            after: it.after.clone().into(),
            soak: it.soak.clone().into(),
            concurrency: Text(it.concurrency.as_ref().map_or_else(Concurrency::default, |it| it.0))
                .into(),
            supersede_queued: it.supersede_queued.unwrap_or_default().into(),
            ..self
        }
    }

    /// The environment by the conventions of its folder, which must be there.
    async fn by_folder(&self, session: &Session<'_>) -> Result<(Domain, CommitSha), Diagnostics> {
        let repository = session.repository;
        let failed = |error: GitError| error::git(&error, &Path::root());
        let commit = environments::commit_to_look_at(repository, self.r#ref.as_deref()).await;
        let commit = commit.map_err(|error| error::git(&error, &Self::REF.into()))?;
        let domain = Domain::by_convention(self.name.0.clone());
        if session.survey_environment(domain.clone(), commit).await?.has_folder() {
            return Ok((domain, commit));
        }
        let folders = environments::folders(repository, commit).await.map_err(failed)?;
        let registered = environments::registered_names(&session.ledger()).await;
        let registered = registered.map_err(|error| error::ledger(&error, &Path::root()))?;
        let folders = folders.iter().filter_map(|name| name.parse().ok());
        Err(self.unknown(&folders.chain(registered).collect()))
    }

    fn unknown(&self, known: &BTreeSet<EnvironmentName>) -> Diagnostics {
        let known: Vec<&EnvironmentName> = known.iter().collect();
        let violation = unknown_environment(&self.name, &known);
        error::violations_at(&violation.into(), Self::NAME)
    }
}

/// What runs of each sub-project that was ever deployed.
async fn deployed(
    session: &Session<'_>,
    name: &EnvironmentName,
) -> Result<BTreeMap<String, DeployedVersion>, Diagnostics> {
    let scope =
        |sub_project_path| Scope { environment: name.clone(), sub_project_path, region: None };
    let mut deployed = BTreeMap::new();
    let whole = session.survey(scope(SubProjectPath::root())).await?;
    for project in whole.sub_projects() {
        let survey = session.survey(scope(project.clone())).await?;
        let Some(running) = survey.running() else { continue };
        let version = running.version.as_ref().map(ToString::to_string);
        let commit_sha = running.commit.to_string();
        deployed.insert(project.to_string(), DeployedVersion { commit_sha, version });
    }
    Ok(deployed)
}
