//! The block `template`: where a workflow of Argo runs, and with what.

use std::num::NonZeroU64;

use pipeline_core::action_link::GithubRepository;
use pipeline_core::artifact::BucketName;
use pipeline_core::workflow::{Hook, KubernetesName, PinnedImage, Settings};
use pipeline_core::{BranchName, RoleArn};
use tfplugin::{Model, Text};

/// Where a workflow of Argo runs, and with what.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct TemplateBlock {
    /// Name of the `WorkflowTemplate`; also the mutex that lets one run go at a time.
    pub name: Text<KubernetesName>,
    /// Namespace of Kubernetes.
    pub namespace: Option<Text<KubernetesName>>,
    /// Bucket that takes what the build makes, below the commit.
    pub artifact_bucket: Text<BucketName>,
    /// Service account that the workflow runs as.
    pub service_account: Text<KubernetesName>,
    /// Image that builds and tests: bash, git, the AWS CLI and the tools of the build. Never `:latest`.
    pub builder_image: Text<PinnedImage>,
    /// Image that deploys: bash, git, Node.js and the AWS CLI. Never `:latest`.
    pub deployer_image: Text<PinnedImage>,
    /// Role that deploys, where the service account does not bring it.
    pub execution_role_arn: Option<Text<RoleArn>>,
    /// How many seconds a run may take.
    #[tf(default = 7200, validate = deadline)]
    pub deadline_seconds: u64,
    /// Branch whose pushes start the workflow.
    #[tf(default = "main")]
    pub branch: Text<BranchName>,
    /// Repository on GitHub that sends its pushes, `owner/name`. Without it nothing starts the workflow.
    pub repository: Option<Text<GithubRepository>>,
    /// Secret of Kubernetes that holds the webhook's secret under the key `secret`.
    pub webhook_secret: Option<Text<KubernetesName>>,
}

impl From<&TemplateBlock> for Settings {
    fn from(block: &TemplateBlock) -> Self {
        let inner = |name: &Option<Text<KubernetesName>>| name.clone().map(Text::into_inner);
        let hook = block.repository.clone().map(|repository| Hook {
            repository: repository.into_inner(),
            branch: block.branch.clone().into_inner(),
            secret: inner(&block.webhook_secret),
        });
        Self {
            name: block.name.clone().into_inner(),
            namespace: inner(&block.namespace),
            artifact_bucket: block.artifact_bucket.clone().into_inner(),
            service_account: block.service_account.clone().into_inner(),
            builder_image: block.builder_image.clone().into_inner(),
            deployer_image: block.deployer_image.clone().into_inner(),
            execution_role: block.execution_role_arn.clone().map(Text::into_inner),
            deadline_seconds: NonZeroU64::new(block.deadline_seconds).unwrap_or(Settings::DEADLINE),
            hook,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "arguments are checked by reference")]
fn deadline(seconds: &u64) -> Result<(), String> {
    if *seconds > 0 {
        return Ok(());
    }
    Err("Found 0; expected how many seconds a run may take. Next: write a number such as 7200."
        .to_owned())
}
