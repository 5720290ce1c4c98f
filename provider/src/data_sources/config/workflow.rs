//! The block `template`: where a workflow of Argo runs, and with what.

use pipeline_core::configuration::Configuration;
use pipeline_core::workflow::{Settings, SettingsParts, Workflow};
use tfplugin::{Diagnostics, Model, Path};

use super::Config;
use crate::error;

/// Where a workflow of Argo runs, and with what.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct TemplateBlock {
    /// Name of the `WorkflowTemplate`; also the mutex that lets one run go at a time.
    pub name: String,
    /// Namespace of Kubernetes.
    pub namespace: Option<String>,
    /// Bucket that takes what the build makes, below the commit.
    pub artifact_bucket: String,
    /// Service account that the workflow runs as.
    pub service_account: String,
    /// Image that builds and tests: bash, git, the AWS CLI and the tools of the build. Never `:latest`.
    pub builder_image: String,
    /// Image that deploys: bash, git, Node.js and the AWS CLI. Never `:latest`.
    pub deployer_image: String,
    /// Role that deploys, where the service account does not bring it.
    pub execution_role_arn: Option<String>,
    /// How many seconds a run may take. Defaults to 7200.
    pub deadline_seconds: Option<u64>,
    /// Branch whose pushes start the workflow. Defaults to `main`.
    pub branch: Option<String>,
    /// Repository on GitHub that sends its pushes, `owner/name`. Without it nothing starts the workflow.
    pub repository: Option<String>,
    /// Secret of Kubernetes that holds the webhook's secret under the key `secret`.
    pub webhook_secret: Option<String>,
}

impl TemplateBlock {
    /// The manifests.
    ///
    /// # Errors
    /// What is wrong with the block, or with the texts that the manifests carry.
    pub(super) fn workflow(&self, configuration: &Configuration) -> Result<Workflow, Diagnostics> {
        let block = Path::from(Config::TEMPLATE);
        let settings =
            Settings::new(self.parts()).map_err(|wrong| error::violations(&wrong, &block))?;
        Workflow::new(configuration, &settings)
            .map_err(|wrong| error::violations_at(&wrong, Config::PATH))
    }

    fn parts(&self) -> SettingsParts {
        SettingsParts {
            name: self.name.clone(),
            namespace: self.namespace.clone(),
            artifact_bucket: self.artifact_bucket.clone(),
            service_account: self.service_account.clone(),
            builder_image: self.builder_image.clone(),
            deployer_image: self.deployer_image.clone(),
            execution_role_arn: self.execution_role_arn.clone(),
            deadline_seconds: self.deadline_seconds,
            branch: self.branch.clone(),
            repository: self.repository.clone(),
            webhook_secret: self.webhook_secret.clone(),
        }
    }
}
