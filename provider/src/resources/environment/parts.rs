//! From the HCL of an environment to the domain's, and back.
//!
//! Every problem is told at the attribute it is about, whose name is the domain's.

use std::collections::BTreeSet;

use pipeline_core::Actor;
use pipeline_core::approval::{ApprovalCount, ApprovalPolicy, Signatures, Validity};
use pipeline_core::base::known_regions::KnownRegions;
use pipeline_core::base::violation::{FieldPath, Findings, Violations};
use pipeline_core::environment::region::{CloudMappings, Region};
use pipeline_core::environment::{
    Concurrency, ConfigPath, Environment as Domain, EnvironmentParts, HostingProfile,
    HostingProfileParts, RegionPath, Stack, Stacks, TestCommands,
};
use tfplugin::{Diagnostics, Draft as _, FieldValue, Path, Span, Text};

use super::model::{
    AfterBlock, ApprovalPolicyBlock, Environment, EnvironmentDraft, FreezeBlock, FreezeWindowBlock,
    HostingProfileBlock, RegionBlock, StackBlock, TestsBlock, ThresholdsBlock,
};
use crate::error;

/// Reports what the types of the arguments do not, as far as it is known. A region of a cloud is left
/// to the plan: the provider block can add to the known ones.
pub(super) fn validate(draft: &EnvironmentDraft, out: &mut Diagnostics) {
    out.extend(error::blank::says_nothing(&draft.approval_policy));
    out.extend(error::blank::says_nothing(&draft.tests));
    let mut report = |found: Result<(), Violations>, path: &Path| {
        out.extend(found.err().into_iter().flat_map(|bad| error::violations(&bad, path)));
    };
    if let FieldValue::Known(block) = draft.hosting_profile.settled() {
        let known = KnownRegions::with_extra([block.region.clone()]);
        report(block.parts().check(&known).map(drop), draft.hosting_profile.path());
    }
    for (at, stack) in (0_i64..).zip(draft.stacks.known().into_iter().flatten()) {
        if let Some(stack) = stack.settled() {
            report(stack.read().map(drop), &draft.stacks.path().clone().index(at));
        }
    }
    for (at, freeze) in (0_i64..).zip(draft.freezes.known().into_iter().flatten()) {
        if let Some(freeze) = freeze.settled() {
            report(freeze.read().map(drop), &draft.freezes.path().clone().index(at));
        }
    }
    for (at, window) in (0_i64..).zip(draft.freeze_windows.known().into_iter().flatten()) {
        if let Some(window) = window.settled() {
            report(window.read().map(drop), &draft.freeze_windows.path().clone().index(at));
        }
    }
    if let FieldValue::Known(after) = draft.after.settled() {
        report(after.read().map(drop), draft.after.path());
    }
}

impl Environment {
    /// What the arguments say of folder, secrets, production and approval, and what follows where they do
    /// not.
    fn said(&self) -> EnvironmentParts {
        let folder = self.config_path.get().map(|path| path.0.clone());
        let secrets = self.secrets_file.get().map(|path| path.0.clone());
        let says_more = self.approval_policy.as_ref().filter(|policy| policy.says_more());
        let approval = self.requires_approval.get().copied().or(says_more.map(|_| true));
        let production = self.is_production.get().copied();
        Domain::said(&self.name, folder, secrets, (production, approval))
    }

    /// With what follows from the name where nothing else is given.
    pub(super) fn conventional(self) -> Self {
        let parts = self.said();
        Self {
            config_path: Text(parts.config_path).into(),
            secrets_file: Text(parts.secrets_file).into(),
            is_production: parts.is_production.into(),
            requires_approval: parts.approval.required.into(),
            ..self
        }
    }

    /// The domain's environment, or every problem with the arguments.
    ///
    /// # Errors
    /// One diagnostic for each broken rule, at its attribute.
    pub(crate) fn domain(&self, known: &KnownRegions) -> Result<Domain, Diagnostics> {
        let parts = self.parts(known).and_then(Domain::new);
        parts.map_err(|bad| error::violations(&bad, &Path::root()))
    }

    fn parts(&self, known: &KnownRegions) -> Result<EnvironmentParts, Violations> {
        let mut findings = Findings::new();
        let said = self.said();
        let regions = self.regions.as_deref().unwrap_or_default();
        let regions =
            findings.take("regions", each(regions, |block| block.read(&said.config_path)));
        let hosting = self.hosting_profile.as_ref().map(|block| block.parts().check(known));
        let aws_region = self.aws_region.as_ref().map(|region| known.aws(region));
        let stacks =
            self.stacks.as_ref().map(|it| each(it, StackBlock::read).and_then(Stacks::new));
        let tests = self.tests.as_ref().map(TestsBlock::read);
        let freezes = self.freezes.as_deref().unwrap_or_default();
        let freezes = findings.take("freezes", each(freezes, FreezeBlock::read));
        let windows = self.freeze_windows.as_deref().unwrap_or_default();
        let windows = findings.take("freeze_windows", each(windows, FreezeWindowBlock::read));
        let after = self.after.as_ref().map(AfterBlock::read);
        let policy = self.approval_policy.as_ref();
        let policy = policy.map(|block| block.read(said.approval.required));
        let plain = ApprovalPolicy { required: said.approval.required, ..ApprovalPolicy::none() };
        let parts = EnvironmentParts {
            approval: findings.take_option("approval_policy", policy).unwrap_or(plain),
            regions: regions.unwrap_or_default(),
            hosting: findings.take_option("hosting_profile", hosting),
            account: self.account.clone().map(Text::into_inner),
            aws_region: findings.take_option("aws_region", aws_region),
            stacks: findings.take_option("stacks", stacks),
            tests: findings.take_option("tests", tests),
            tags: self.tags.clone().unwrap_or_default(),
            freezes: freezes.unwrap_or_default(),
            freeze_windows: windows.unwrap_or_default(),
            after: findings.take_option("after", after),
            soak: self.soak.clone().map(Text::into_inner),
            concurrency: self.concurrency.as_ref().map_or_else(Concurrency::default, |it| it.0),
            supersede_queued: self.supersede_queued.unwrap_or_default(),
            ..said
        };
        findings.finish(parts)
    }

    /// The arguments that say what `domain` says, with nothing left to defaults.
    pub(crate) fn of_domain(domain: &Domain) -> Self {
        let region = |region: &Region| RegionBlock::of(region, &domain.config_path);
        let regions: Vec<_> = domain.regions.iter().map(region).collect();
        let commands = |tests: &TestCommands| TestsBlock { commands: Some(tests.to_vec()) };
        Self {
            config_path: Text(domain.config_path.clone()).into(),
            secrets_file: Text(domain.secrets_file.clone()).into(),
            is_production: domain.is_production.into(),
            requires_approval: domain.requires_approval().into(),
            regions: some(regions),
            approval_policy: ApprovalPolicyBlock::of(&domain.approval),
            hosting_profile: domain.hosting.as_ref().map(HostingProfileBlock::of),
            aws_region: domain.aws_region.as_ref().map(ToString::to_string),
            account: domain.account.clone().map(Text),
            stacks: domain.stacks.as_ref().map(|it| it.iter().map(StackBlock::of).collect()),
            tests: domain.tests.as_ref().map(commands),
            tags: (!domain.tags.is_empty()).then(|| domain.tags.clone()),
            freezes: some(domain.freezes.iter().map(FreezeBlock::of).collect()),
            freeze_windows: some(domain.freeze_windows.iter().map(FreezeWindowBlock::of).collect()),
            after: domain.after.as_ref().map(AfterBlock::of),
            soak: domain.soak.clone().map(Text),
            concurrency: (domain.concurrency != Concurrency::default())
                .then_some(Text(domain.concurrency)),
            supersede_queued: domain.supersede_queued.then_some(true),
            ..Self::blank(domain.name.clone())
        }
    }
}

/// An empty list is written by leaving it out.
fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

/// Reads every block before the first bad one ends it: all problems at once.
fn each<B, T>(
    blocks: &[B],
    read: impl Fn(&B) -> Result<T, Violations>,
) -> Result<Vec<T>, Violations> {
    let mut findings = Findings::new();
    let blocks = blocks.iter().enumerate();
    let read = blocks
        .filter_map(|(at, block)| findings.take(FieldPath::root().index(at), read(block)))
        .collect();
    findings.finish(read)
}

impl ApprovalPolicyBlock {
    /// Whether it asks for something that makes no sense where nobody has to approve.
    const fn says_more(&self) -> bool {
        self.required.is_some()
            || self.valid_for.is_some()
            || self.allow_trigger.is_some()
            || self.signatures.is_some()
            || self.allowed_signers.is_some()
    }

    fn read(&self, required: bool) -> Result<ApprovalPolicy, Violations> {
        let mut findings = Findings::new();
        let count = self.required.map(ApprovalCount::try_from);
        let valid_for = self.valid_for.as_ref().map(|span| validity(span));
        let approvers = self.approvers.iter().flatten();
        let signers = self.allowed_signers.iter().flatten();
        let policy = ApprovalPolicy {
            required,
            approvers: approvers.map(|approver| approver.0.clone()).collect(),
            count: findings.take_option("required", count).unwrap_or_default(),
            valid_for: findings.take_option("valid_for", valid_for),
            allow_trigger: self.allow_trigger.unwrap_or_default(),
            signatures: self.signatures.map(|word| word.0).unwrap_or_default(),
            allowed_signers: signers.map(|signer| signer.0.clone()).collect(),
        };
        findings.finish(policy)
    }

    /// What is as where nothing is said is left out.
    fn of(policy: &ApprovalPolicy) -> Option<Self> {
        let all = |approvers: &BTreeSet<Actor>| approvers.iter().cloned().map(Text).collect();
        let block = Self {
            required: Some(policy.count).filter(|it| *it != ApprovalCount::ONE).map(Into::into),
            approvers: Some(&policy.approvers).filter(|it| !it.is_empty()).map(all),
            valid_for: policy.valid_for.and_then(|it| it.to_string().parse().ok()).map(Text),
            allow_trigger: policy.allow_trigger.then_some(true),
            signatures: Some(policy.signatures).filter(|it| *it == Signatures::Required).map(Text),
            allowed_signers: Some(&policy.allowed_signers)
                .filter(|lines| !lines.is_empty())
                .map(|lines| lines.iter().cloned().map(Text).collect()),
        };
        (block.approvers.is_some() || block.says_more()).then_some(block)
    }
}

/// Whole seconds: nobody approves for less.
fn validity(span: &Span) -> Result<Validity, Violations> {
    let length = span.duration();
    let whole = if length.subsec_nanos() == 0 { length.as_secs() } else { 0 };
    Validity::try_from(whole)
}

impl RegionBlock {
    fn read(&self, environment: &ConfigPath) -> Result<Region, Violations> {
        let mappings = CloudMappings::new(self.cloud_mappings.clone());
        let given = self.config_path.as_ref().map(|path| path.0.clone());
        Ok(Region {
            name: self.name.0.clone(),
            config_path: given.unwrap_or_else(|| RegionPath::of(environment, &self.name)),
            cloud_mappings: mappings.map_err(|bad| bad.under("cloud_mappings"))?,
        })
    }

    /// A folder that follows from the name is left to the name.
    fn of(region: &Region, environment: &ConfigPath) -> Self {
        let by_convention = RegionPath::of(environment, &region.name);
        let path = Some(&region.config_path).filter(|path| **path != by_convention);
        let mappings = region.cloud_mappings.iter();
        Self {
            name: Text(region.name.clone()),
            config_path: path.cloned().map(Text),
            cloud_mappings: mappings.map(|(cloud, name)| (cloud.into(), name.into())).collect(),
        }
    }
}

impl HostingProfileBlock {
    fn parts(&self) -> HostingProfileParts {
        let thresholds = &self.monitoring_thresholds;
        HostingProfileParts {
            resource_tier: Some(self.resource_tier.to_string()),
            instance_count: self.instance_count,
            backup_strategy: self.backup_strategy.to_string(),
            storage_replication: self.storage_replication.to_string(),
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
            resource_tier: Text(profile.resource_tier.clone()),
            instance_count: profile.instance_count.get().into(),
            backup_strategy: Text(profile.backup_strategy),
            storage_replication: Text(profile.storage_replication),
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
    fn read(&self) -> Result<Stack, Violations> {
        Stack::new(&self.name, &self.path)
    }

    fn of(stack: &Stack) -> Self {
        Self { name: stack.name().to_owned(), path: stack.path().to_owned() }
    }
}

impl TestsBlock {
    fn read(&self) -> Result<TestCommands, Violations> {
        TestCommands::new(self.commands.clone().unwrap_or_default())
    }
}
