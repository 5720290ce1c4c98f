//! `pipeline_infrastructure_resources`: what an environment runs on.

use std::collections::BTreeMap;

use pipeline_core::infrastructure::{InfrastructureRecord, resources};
use pipeline_core::{Cloud, EnvironmentName};
use tfplugin::{Computed, DataContext, DataSource, Diagnostics, Model, Path, Text};

use crate::error::{self, Blame as _};
use crate::pipeline::Pipeline;

/// The resources of AWS and Azure that are recorded.
#[derive(Debug, Clone, Model)]
pub struct InfrastructureResources {
    /// Name of an environment. All, and those that are part of none, where absent.
    pub environment: Option<Text<EnvironmentName>>,
    /// Cloud: `aws` or `azure`. Both where absent.
    pub cloud: Option<Text<Cloud>>,
    /// Resources, by cloud, type and name.
    pub resources: Computed<Vec<InfrastructureItem>>,
}

/// A resource.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct InfrastructureItem {
    /// ID of the record: `cloud/type/name`.
    pub id: String,
    /// Cloud.
    pub cloud: String,
    /// Type.
    pub r#type: String,
    /// Name.
    pub name: String,
    /// ID that the cloud or Terraform has of it, where it is said.
    pub resource_id: Option<String>,
    /// Region.
    pub region: String,
    /// Environment that it is part of, where it is part of one.
    pub environment: Option<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// Settings, as JSON; null where there are none.
    pub configuration: Option<String>,
    /// IDs of the resources that it needs.
    pub references: Vec<String>,
    /// ID of the Terraform state that manages it, where it is said.
    pub terraform_state: Option<String>,
    /// Status.
    pub status: String,
    /// Who reviewed the last change.
    pub reviewed_by: Option<String>,
    /// When it was recorded, in UTC.
    pub created_at: String,
    /// When the record last changed, in UTC.
    pub updated_at: String,
}

impl DataSource for InfrastructureResources {
    const NAME: &'static str = "pipeline_infrastructure_resources";
    type Provider = Pipeline;

    async fn read(self, cx: &DataContext<Self>) -> Result<Self, Diagnostics> {
        let session = cx.provider.open().await?;
        let cloud = self.cloud.as_ref().map(|cloud| cloud.0);
        let found = resources(&session.ledger(), self.environment.as_deref(), cloud).await;
        let (records, unusable) = found.blame(Path::root())?;
        for record in &unusable {
            cx.warn(error::unusable(Self::RESOURCES, record));
        }
        let shown: Vec<_> = records.iter().map(InfrastructureItem::from).collect();
        Ok(Self { resources: shown.into(), ..self })
    }
}

impl From<&InfrastructureRecord> for InfrastructureItem {
    fn from(record: &InfrastructureRecord) -> Self {
        let id = &record.id;
        Self {
            id: id.to_string(),
            cloud: id.cloud().to_string(),
            r#type: id.kind().to_string(),
            name: id.name().to_string(),
            resource_id: record.resource_id.clone(),
            region: record.region.clone(),
            environment: record.environment.as_ref().map(ToString::to_string),
            tags: record.tags.clone(),
            configuration: record.configuration.as_ref().map(ToString::to_string),
            references: record.references.iter().map(ToString::to_string).collect(),
            terraform_state: record.terraform_state.map(|it| it.to_string()),
            status: record.status.as_str().to_owned(),
            reviewed_by: record.review.as_ref().map(|it| it.reviewed_by.to_string()),
            created_at: record.registered_at.to_string(),
            updated_at: record.written_at().to_string(),
        }
    }
}
