//! A resource of a cloud in the JSON of the documented systems: one has those of AWS, another those of Azure.

use serde_json::{Value, json};

use super::kind::Cloud;
use super::{InfrastructureParts, InfrastructureResource};
use crate::base::dialect::{Dialect, Documented, Told};
use crate::base::fields::{Fields, map, parsed, text};
use crate::base::rule::RuleId;
use crate::base::timestamp::Timestamp;
use crate::base::violation::{Violation, Violations};

/// A resource, with when it was made and changed last.
#[derive(Debug, Clone, PartialEq)]
pub struct DatedResource {
    /// The resource.
    pub resource: InfrastructureResource,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

impl Documented for DatedResource {
    const DIALECTS: &'static [Dialect] = &[Dialect::D000, Dialect::D002];

    fn read(json: &Value, from: Dialect) -> Result<Self, Violations> {
        let is_azure = from == Dialect::D002;
        let (created, updated) =
            if is_azure { ("createdAt", "updatedAt") } else { ("created_at", "updated_at") };
        let mut fields = Fields::of(json)?;
        let cloud = if is_azure { Cloud::Azure } else { Cloud::Aws };
        let mut parts = InfrastructureParts { cloud: cloud.to_string(), ..Default::default() };
        parts.resource_id = fields.must("id", text);
        parts.resource_type = fields.must("type", text).unwrap_or_default();
        parts.name = fields.must("name", text).unwrap_or_default();
        parts.region = fields.must("region", text).unwrap_or_default();
        parts.status = fields.must("status", text);
        if is_azure {
            parts.environment = fields.must("environmentName", text);
            parts.configuration = fields.must("configuration", |it| Ok(it.clone()));
        } else {
            parts.tags = fields.must("tags", |it| map(it, text)).unwrap_or_default();
            parts.terraform_state = fields.may("terraform_state", text);
        }
        let created_at = fields.must(created, parsed::<Timestamp>);
        let updated_at = fields.must(updated, parsed::<Timestamp>);
        // What is missing was told; what is there has to be a resource.
        let resource = InfrastructureResource::read(parts, None);
        let resource = if fields.is_faultless() { fields.whole(resource) } else { None };
        let made = match (resource, created_at, updated_at) {
            (Some(resource), Some(created_at), Some(updated_at)) => {
                let back = updated_at < created_at;
                fields.faults(back.then(|| older(updated, updated_at, created_at)));
                Some(Self { resource, created_at, updated_at })
            }
            _ => None,
        };
        fields.finish(made)
    }

    fn tell(&self, to: Dialect) -> Result<Told, Violations> {
        let parts = InfrastructureParts::from(self.resource.clone());
        let right = if to == Dialect::D002 { Cloud::Azure } else { Cloud::Aws };
        if parts.cloud != right.as_str() {
            let found = format!("a resource of `{}`", parts.cloud);
            let next = "Tell it in the words of the system that has this cloud.";
            return Err(Violation::new(
                RuleId::OWN044,
                found,
                format!("a resource of `{right}`"),
                next,
            )
            .under("cloud")
            .into());
        }
        let has = |known: bool, name: &'static str| known.then_some(name);
        let lost = [
            has(!parts.references.is_empty(), "references"),
            has(parts.review.is_some(), "review"),
        ];
        let (json, own) = match to {
            Dialect::D002 => (
                json!({
                    "id": parts.resource_id,
                    "type": parts.resource_type,
                    "name": parts.name,
                    "region": parts.region,
                    "environmentName": parts.environment,
                    "configuration": parts.configuration,
                    "status": parts.status,
                    "createdAt": self.created_at,
                    "updatedAt": self.updated_at,
                }),
                [
                    has(!parts.tags.is_empty(), "tags"),
                    has(parts.terraform_state.is_some(), "terraform_state"),
                ],
            ),
            _ => (
                json!({
                    "id": parts.resource_id,
                    "type": parts.resource_type,
                    "name": parts.name,
                    "status": parts.status,
                    "region": parts.region,
                    "tags": parts.tags,
                    "created_at": self.created_at,
                    "updated_at": self.updated_at,
                    "terraform_state": parts.terraform_state,
                }),
                [
                    has(parts.environment.is_some(), "environment"),
                    has(parts.configuration.is_some(), "configuration"),
                ],
            ),
        };
        Ok(Told { json, left_out: lost.into_iter().chain(own).flatten().collect() })
    }
}

/// INF027: no change is older than the resource.
fn older(field: &'static str, updated: Timestamp, created: Timestamp) -> Violation {
    let found = format!("`{updated}`, before `{created}`");
    let next = "Take both times from one clock.";
    Violation::new(RuleId::INF027, found, "a change after the resource was made", next).under(field)
}
