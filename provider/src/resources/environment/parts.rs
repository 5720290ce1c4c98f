//! From the HCL of an environment to the domain's, and back.
//!
//! Every problem is told at the attribute it is about; the domain's field names are mapped where HCL
//! has another word.

use std::collections::BTreeMap;

use pipeline_core::KnownRegions;
use pipeline_core::base::violation::Violations;
use pipeline_core::environment::{
    Environment as Domain, EnvironmentParts, HostingProfile, HostingProfileParts, Stack, Stacks,
    TestCommands,
};
use pipeline_core::{ApprovalPolicy, Region};
use tfplugin::{Computed, Diagnostics, Path, Text};

use super::model::{
    ApprovalPolicyBlock, Environment, HostingProfileBlock, RegionBlock, StackBlock, TestsBlock,
    ThresholdsBlock,
};
use crate::error;

/// Gathers problems, each at its attribute.
#[derive(Default)]
struct Problems(Diagnostics);

impl Problems {
    fn take<T>(&mut self, path: impl Into<Path>, result: Result<T, Violations>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(violations) => {
                self.0.extend(error::violations(&violations, &path.into()));
                None
            }
        }
    }

    fn take_if_given<T>(
        &mut self,
        path: impl Into<Path>,
        result: Option<Result<T, Violations>>,
    ) -> Option<Option<T>> {
        result.map_or(Some(None), |result| self.take(path, result).map(Some))
    }
}

impl Environment {
    /// The folder, by argument or by convention.
    pub(super) fn folder(&self) -> String {
        self.config_path.get().cloned().unwrap_or_else(|| self.name.folder())
    }

    /// The secrets file, by argument or by convention.
    pub(super) fn secrets(&self) -> String {
        self.secrets_file.get().cloned().unwrap_or_else(|| format!("{}/secrets.enc", self.folder()))
    }

    /// Whether it is production, by argument or by name.
    pub(super) fn production(&self) -> bool {
        self.is_production.get().copied().unwrap_or_else(|| self.name.means_production())
    }

    /// Whether a deployment needs an approval, by argument or because it is production.
    pub(super) fn approval_required(&self) -> bool {
        self.requires_approval.get().copied().unwrap_or_else(|| self.production())
    }

    /// The domain's environment, or every problem with the arguments.
    ///
    /// # Errors
    /// One diagnostic for each broken rule, at its attribute.
    pub(crate) fn domain(&self, known: &KnownRegions) -> Result<Domain, Diagnostics> {
        let mut problems = Problems::default();
        let parts = self.read_parts(known, &mut problems);
        match parts {
            Some(parts) if problems.0.is_empty() => {
                Domain::new(parts).map_err(|bad| error::violations(&bad, &Path::root()))
            }
            _ => Err(problems.0),
        }
    }

    fn read_parts(
        &self,
        known: &KnownRegions,
        problems: &mut Problems,
    ) -> Option<EnvironmentParts> {
        let folder = self.folder();
        let config_path = problems.take(Self::CONFIG_PATH, folder.parse());
        let secrets_file = problems.take(Self::SECRETS_FILE, self.secrets().parse());
        let approvers = self.approvers(problems);
        let regions = self.read_regions(&folder, problems);
        let hosting = self.hosting_profile.as_ref().map(|block| block.parts().check(known));
        let hosting = problems.take_if_given(Self::HOSTING_PROFILE, hosting);
        let account = self.account.as_ref().map(|account| account.parse());
        let account = problems.take_if_given(Self::ACCOUNT, account);
        let aws_region = self.aws_region.as_ref().map(|region| known.aws(region));
        let aws_region = problems.take_if_given(Self::AWS_REGION, aws_region);
        let stacks = self.read_stacks(problems);
        let tests = self
            .tests
            .as_ref()
            .map(|tests| TestCommands::new(tests.commands.clone().unwrap_or_default()));
        let tests = problems.take_if_given(Self::TESTS, tests);
        Some(EnvironmentParts {
            name: self.name.0.clone(),
            config_path: config_path?,
            secrets_file: secrets_file?,
            is_production: self.production(),
            approval: ApprovalPolicy { required: self.approval_required(), approvers: approvers? },
            regions: regions?,
            hosting: hosting?,
            account: account?,
            aws_region: aws_region?,
            stacks: stacks?,
            tests: tests?,
            tags: self.tags.clone().unwrap_or_default(),
        })
    }

    fn approvers(
        &self,
        problems: &mut Problems,
    ) -> Option<std::collections::BTreeSet<pipeline_core::Actor>> {
        let path = || Path::from(Self::APPROVAL_POLICY).attribute("approvers");
        let names = self.approval_policy.iter().flat_map(|policy| &policy.approvers);
        // Every name is read before the first bad one ends it: all problems at once.
        let read: Vec<_> = (0_i64..)
            .zip(names)
            .map(|(at, name)| problems.take(path().index(at), name.parse()))
            .collect();
        read.into_iter().collect()
    }

    fn read_regions(&self, folder: &str, problems: &mut Problems) -> Option<Vec<Region>> {
        let blocks = self.regions.iter().flatten();
        let read: Vec<_> = (0_i64..)
            .zip(blocks)
            .map(|(at, block)| {
                let path = Path::from(Self::REGIONS).index(at);
                problems.take(path, block.read(folder))
            })
            .collect();
        read.into_iter().collect()
    }

    fn read_stacks(&self, problems: &mut Problems) -> Option<Option<Stacks>> {
        let Some(blocks) = &self.stacks else { return Some(None) };
        let read: Vec<_> = (0_i64..)
            .zip(blocks)
            .map(|(at, block)| {
                let path = Path::from(Self::STACKS).index(at);
                problems.take(path, Stack::new(&block.name, &block.path))
            })
            .collect();
        let stacks: Option<Vec<Stack>> = read.into_iter().collect();
        problems.take(Self::STACKS, Stacks::new(stacks?)).map(Some)
    }

    /// An environment of which only the name is given.
    pub(crate) fn by_convention(name: &pipeline_core::EnvironmentName) -> Self {
        Self {
            name: Text(name.clone()),
            config_path: Computed::Unknown,
            secrets_file: Computed::Unknown,
            r#ref: None,
            is_production: Computed::Unknown,
            requires_approval: Computed::Unknown,
            approval_policy: None,
            regions: None,
            hosting_profile: None,
            aws_region: None,
            account: None,
            stacks: None,
            tests: None,
            tags: None,
            commit_sha: Computed::Unknown,
            config_tree: Computed::Unknown,
            registered_at: Computed::Unknown,
            updated_at: Computed::Unknown,
        }
    }

    /// The arguments that say what `domain` says, with nothing left to defaults.
    pub(crate) fn of(domain: &Domain) -> Self {
        let approvers = &domain.approval.approvers;
        let policy = (!approvers.is_empty()).then(|| ApprovalPolicyBlock {
            approvers: approvers.iter().map(ToString::to_string).collect(),
        });
        let folder = domain.config_path.regions_folder();
        let regions: Vec<_> = domain.regions.iter().map(|r| RegionBlock::of(r, &folder)).collect();
        Self {
            config_path: domain.config_path.to_string().into(),
            secrets_file: domain.secrets_file.to_string().into(),
            is_production: domain.is_production.into(),
            requires_approval: domain.requires_approval().into(),
            approval_policy: policy,
            regions: (!regions.is_empty()).then_some(regions),
            hosting_profile: domain.hosting.as_ref().map(HostingProfileBlock::of),
            aws_region: domain.aws_region.as_ref().map(ToString::to_string),
            account: domain.account.as_ref().map(ToString::to_string),
            stacks: domain
                .stacks
                .as_ref()
                .map(|stacks| stacks.iter().map(StackBlock::of).collect()),
            tests: domain
                .tests
                .as_ref()
                .map(|tests| TestsBlock { commands: Some(tests.iter().cloned().collect()) }),
            tags: (!domain.tags.is_empty()).then(|| domain.tags.clone()),
            ..Self::by_convention(&domain.name)
        }
    }
}

impl RegionBlock {
    fn read(&self, folder: &str) -> Result<Region, Violations> {
        let by_convention = || format!("{folder}/regions/{}", self.name);
        let path = self.config_path.clone().unwrap_or_else(by_convention);
        Region::read(&self.name, &path, self.cloud_mappings.clone())
    }

    /// A folder that follows from the name is left to the name.
    fn of(region: &Region, folder: &str) -> Self {
        let by_convention = format!("{folder}/{}", region.name);
        let path = Some(region.config_path.to_string()).filter(|path| *path != by_convention);
        let mappings: BTreeMap<String, String> = region
            .cloud_mappings
            .iter()
            .map(|(cloud, name)| (cloud.to_owned(), name.to_owned()))
            .collect();
        Self { name: region.name.to_string(), config_path: path, cloud_mappings: mappings }
    }
}

impl HostingProfileBlock {
    fn parts(&self) -> HostingProfileParts {
        let thresholds = &self.monitoring_thresholds;
        HostingProfileParts {
            resource_tier: Some(self.resource_tier.clone()),
            instance_count: self.instance_count,
            backup_strategy: self.backup_strategy.clone(),
            storage_replication: self.storage_replication.clone(),
            latency_p95_ms: Some(thresholds.latency_p95_ms),
            error_rate_percent: Some(thresholds.error_rate_percent),
            availability_percent: Some(thresholds.availability_percent),
            region: self.region.clone(),
            cost_budget_usd: Some(self.cost_budget_usd),
        }
    }

    fn of(profile: &HostingProfile) -> Self {
        let thresholds = &profile.monitoring_thresholds;
        Self {
            resource_tier: profile.resource_tier.to_string(),
            instance_count: profile.instance_count.get().into(),
            backup_strategy: profile.backup_strategy.to_string(),
            storage_replication: profile.storage_replication.to_string(),
            region: profile.region.to_string(),
            cost_budget_usd: profile.cost_budget_usd.amount(),
            monitoring_thresholds: ThresholdsBlock {
                latency_p95_ms: thresholds.latency_p95_ms(),
                error_rate_percent: thresholds.error_rate_percent(),
                availability_percent: thresholds.availability_percent(),
            },
        }
    }
}

impl StackBlock {
    fn of(stack: &Stack) -> Self {
        Self { name: stack.name().to_owned(), path: stack.path().to_owned() }
    }
}
