//! The HCL of `pipeline_infrastructure_resource`, and the ways between it and the domain.

use std::collections::BTreeMap;

use pipeline_core::infrastructure::{
    Configuration, InfrastructureParts, InfrastructureResource as Domain, Lists, Review,
};
use pipeline_core::{Actor, Cloud, EnvironmentName, InfrastructureId, Timestamp, Violations};
use tfplugin::{Computed, Model, Spelled, Text};

/// A resource of AWS or Azure that an environment runs on, as a record in the ledger.
///
/// It is declared and checked, and never made: whatever makes the resource is another configuration's, or
/// this one's beside it. Deployments name the resource that hosts them, and
/// `pipeline_infrastructure_resources` of any configuration lists all of an environment.
///
/// Creating it, and each change, needs a `review` that is newer than the last change.
///
/// Destroying it removes the record. The cloud is never touched.
#[derive(Debug, Clone, Model)]
pub struct InfrastructureResource {
    /// Cloud: `aws` or `azure`.
    #[tf(identity, requires_replace)]
    pub cloud: Text<Cloud>,
    /// Type. Of AWS as Terraform or CloudFormation names it, such as `aws_ecs_service` or
    /// `AWS::ECS::Service`; of Azure `AppService`, `AppServicePlan`, `SqlDatabase`, `BlobStorage`, `KeyVault`,
    /// `ApplicationInsights` or `CDN`.
    #[tf(identity, requires_replace)]
    pub r#type: String,
    /// Name; of Azure one that Azure allows for the type. Names of Azure that differ only in case are one.
    #[tf(identity, requires_replace)]
    pub name: String,
    /// ID that the cloud or Terraform has of it. Of Azure it is checked: an Azure resource ID of this type and
    /// name.
    pub resource_id: Option<String>,
    /// Region, such as `eu-west-1` of AWS or `westeurope` of Azure.
    pub region: String,
    /// Environment that it is part of. It has to be registered. A resource of AWS may leave it out.
    pub environment: Option<Text<EnvironmentName>>,
    /// Tags. Of AWS, all of the provider's `required_tags` are among them.
    pub tags: Option<BTreeMap<String, String>>,
    /// Settings of its type: a JSON object of at most 64 KiB, as `jsonencode` writes it. It holds no secret.
    pub configuration: Option<Text<Spelled<Configuration>>>,
    /// `id`s of other resources that it needs. They are on record, and do not need it in turn.
    pub references: Option<Vec<String>>,
    /// Who reviewed the change. A change without a newer review is refused.
    pub review: Option<ReviewBlock>,
    /// ID of the Terraform state that manages it, such as that of a `pipeline_terraform_state`.
    pub terraform_state: Option<String>,
    /// ID of the record: `cloud/type/name`.
    #[tf(use_state_for_unknown)]
    pub id: Computed<String>,
    /// Status. Of AWS `created` and, after a change, `updated`; of Azure `ready`.
    pub status: Computed<String>,
    /// When it was recorded, in UTC.
    #[tf(use_state_for_unknown)]
    pub created_at: Computed<Text<Timestamp>>,
    /// When the record last changed, in UTC.
    pub updated_at: Computed<Text<Timestamp>>,
}

/// A review of a change.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct ReviewBlock {
    /// Who reviewed it.
    pub reviewed_by: Text<Actor>,
    /// When, in UTC: after the last change.
    pub reviewed_at: Text<Spelled<Timestamp>>,
    /// Where the review is written, such as the URL of a pull request.
    pub reference: String,
}

impl InfrastructureResource {
    /// The ID that follows from its arguments.
    ///
    /// # Errors
    /// What is wrong with them.
    pub(super) fn identity(&self) -> Result<InfrastructureId, Violations> {
        format!("{}/{}/{}", self.cloud, self.r#type, self.name).parse()
    }

    /// The domain's resource.
    ///
    /// # Errors
    /// Every rule that the arguments break, each at its own.
    pub(super) fn domain(&self, lists: Option<Lists<'_>>) -> Result<Domain, Violations> {
        let configuration = self.configuration.as_ref().map(|it| it.0.json());
        let review = self.review.as_ref().map(|it| Review {
            reviewed_by: it.reviewed_by.0.clone(),
            reviewed_at: *it.reviewed_at.0,
            reference: it.reference.clone(),
        });
        let parts = InfrastructureParts {
            cloud: self.cloud.to_string(),
            resource_type: self.r#type.clone(),
            name: self.name.clone(),
            resource_id: self.resource_id.clone(),
            region: self.region.clone(),
            environment: self.environment.as_ref().map(ToString::to_string),
            tags: self.tags.clone().unwrap_or_default(),
            configuration,
            references: self.references.clone().unwrap_or_default(),
            review,
            terraform_state: self.terraform_state.clone(),
            status: None,
        };
        Domain::read(parts, lists)
    }

    /// The arguments that say what `domain` says.
    pub(super) fn of_domain(domain: &Domain) -> Self {
        let id = &domain.id;
        let references: Vec<String> = domain.references.iter().map(ToString::to_string).collect();
        let review = domain.review.as_ref().and_then(|it| {
            let reviewed_at = it.reviewed_at.to_string().parse().ok()?;
            let (reviewed_by, reference) = (Text(it.reviewed_by.clone()), it.reference.clone());
            Some(ReviewBlock { reviewed_by, reviewed_at: Text(reviewed_at), reference })
        });
        let configuration = domain.configuration.as_ref();
        let configuration = configuration.and_then(|it| it.to_string().parse().ok()).map(Text);
        let (kind, name) = (id.kind().to_string(), id.name().to_string());
        Self {
            resource_id: domain.resource_id.clone(),
            environment: domain.environment.clone().map(Text),
            tags: Some(domain.tags.clone()).filter(|tags| !tags.is_empty()),
            configuration,
            references: Some(references).filter(|all| !all.is_empty()),
            review,
            terraform_state: domain.terraform_state.map(|it| it.to_string()),
            ..Self::blank(id.cloud(), kind, name, domain.region.clone())
        }
    }
}
