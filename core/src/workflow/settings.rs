//! Where a workflow runs, and with what: names of Kubernetes, images, a bucket and a role.

use crate::action_link::GithubRepository;
use crate::artifact::BucketName;
use crate::base::rule::RuleId;
use crate::base::violation::{Findings, Violation, Violations, quoted};
use crate::deployment::ecs::ImageReference;
use crate::{BranchName, RoleArn};

/// How long a workflow may take unless somebody says otherwise, in seconds: two hours.
const DEADLINE: u64 = 2 * 60 * 60;

/// The settings as somebody wrote them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SettingsParts {
    /// The name of the template.
    pub name: String,
    /// The namespace that everything is in.
    pub namespace: Option<String>,
    /// The bucket that takes what the build makes.
    pub artifact_bucket: String,
    /// The service account that the workflow runs as.
    pub service_account: String,
    /// The image that builds and tests.
    pub builder_image: String,
    /// The image that deploys.
    pub deployer_image: String,
    /// The role that deploys, where the service account does not name it itself.
    pub execution_role_arn: Option<String>,
    /// How long a workflow may take, in seconds.
    pub deadline_seconds: Option<u64>,
    /// The branch whose pushes start the workflow.
    pub branch: Option<String>,
    /// The repository on GitHub that sends the pushes; without it nothing starts the workflow.
    pub repository: Option<String>,
    /// The Secret of Kubernetes that holds the webhook's secret under the key `secret`.
    pub webhook_secret: Option<String>,
}

/// Settings without a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    pub(super) name: String,
    pub(super) namespace: Option<String>,
    pub(super) artifact_bucket: BucketName,
    pub(super) service_account: String,
    pub(super) builder_image: ImageReference,
    pub(super) deployer_image: ImageReference,
    pub(super) execution_role: Option<RoleArn>,
    pub(super) deadline_seconds: u64,
    hook: Option<Hook>,
}

/// What starts the workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    pub(super) repository: GithubRepository,
    pub(super) branch: BranchName,
    pub(super) secret: Option<String>,
}

impl Settings {
    /// These settings.
    ///
    /// # Errors
    /// Everything that is wrong with them, each at its name.
    pub fn new(parts: SettingsParts) -> Result<Self, Violations> {
        let mut findings = Findings::new();
        let name = findings.take("name", dns_name(parts.name));
        let namespace = findings.take_option("namespace", parts.namespace.map(dns_name));
        let artifact_bucket = findings.take("artifact_bucket", parts.artifact_bucket.parse());
        let service_account = findings.take("service_account", dns_name(parts.service_account));
        let builder_image = findings.take("builder_image", pinned(&parts.builder_image));
        let deployer_image = findings.take("deployer_image", pinned(&parts.deployer_image));
        let execution_role = findings
            .take_option("execution_role_arn", parts.execution_role_arn.map(|arn| arn.parse()));
        let branch = parts.branch.unwrap_or_else(|| "main".to_owned());
        let branch = findings.take("branch", branch.parse::<BranchName>().and_then(inert));
        let repository = findings.take_option(
            "repository",
            parts.repository.map(|name| name.parse::<GithubRepository>()),
        );
        let secret = findings.take_option("webhook_secret", parts.webhook_secret.map(dns_name));
        let deadline_seconds = parts.deadline_seconds.unwrap_or(DEADLINE);
        findings.require(deadline_seconds > 0, || {
            let next = "Write how long the workflow may take, such as 7200.";
            Violation::new(RuleId::CFG011, "0 seconds", "more than nothing", next)
                .under("deadline_seconds")
        });
        let all = (name, artifact_bucket, service_account, builder_image, deployer_image, branch);
        let (
            Some(name),
            Some(artifact_bucket),
            Some(service_account),
            Some(builder_image),
            Some(deployer_image),
            Some(branch),
        ) = all
        else {
            return Err(findings.fail());
        };
        let hook = repository.map(|repository| Hook { repository, branch, secret });
        findings.finish(Self {
            name,
            namespace,
            artifact_bucket,
            service_account,
            builder_image,
            deployer_image,
            execution_role,
            deadline_seconds,
            hook,
        })
    }

    /// What starts the workflow, if anything does.
    #[must_use]
    pub fn hook(&self) -> Option<&Hook> {
        self.hook.as_ref()
    }
}

/// A name as Kubernetes takes it: RFC 1123, short enough to be a label too.
fn dns_name(text: String) -> Result<String, Violations> {
    let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let ends = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphanumeric());
    let fits = (1..=63).contains(&text.len()) && text.bytes().all(letters);
    if fits && ends(text.chars().next()) && ends(text.chars().last()) {
        return Ok(text);
    }
    let expected = "a name of Kubernetes: at most 63 lower-case letters, digits and hyphens, a letter or digit at both ends";
    let next = "Write a name such as `orders-pipeline`.";
    Err(Violation::new(RuleId::CFG011, quoted(&text), expected, next).into())
}

/// An image that is the same tomorrow.
fn pinned(text: &str) -> Result<ImageReference, Violations> {
    let image = text.parse::<ImageReference>()?;
    if !text.ends_with(":latest") {
        return Ok(image);
    }
    let next = "Write the tag of a version, or better the digest.";
    Err(Violation::new(RuleId::CFG011, quoted(text), "an image that stays the same", next).into())
}

fn inert(branch: BranchName) -> Result<BranchName, Violations> {
    if !branch.as_str().contains("{{") {
        return Ok(branch);
    }
    let next = "Choose another branch.";
    let expected = "a branch without `{{`, which Argo replaces";
    Err(Violation::new(RuleId::CFG011, quoted(branch.as_str()), expected, next).into())
}
