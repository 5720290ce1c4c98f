//! Infrastructure resources: what AWS and Azure have for an environment, as somebody declares it.
//!
//! Nothing here talks to a cloud. What a resource is called, and by which types and names, is in
//! [`kind`] and [`azure`]; what it needs around it, in [`rules`].

pub mod azure;
mod dialect;
mod id;
pub mod kind;
pub mod rules;
mod survey;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use dialect::DatedResource;
pub use id::{InfrastructureId, Name};
pub use kind::{Cloud, KnownTypes, ResourceType};
pub use survey::{Around, resources, survey, survey_removal};

use crate::base::id::DeploymentUuid;
use crate::base::known_regions::KnownRegions;
use crate::base::machine::MACHINES;
use crate::base::rule::RuleId;
use crate::base::secrecy::is_secret_name;
use crate::base::violation::{FieldPath, Findings, Violation, Violations, quoted};
use crate::registration::Registered;
use crate::{Actor, EnvironmentName, Timestamp};

/// A resource as it was recorded.
pub type InfrastructureRecord = Registered<InfrastructureResource>;

/// A resource of AWS or Azure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "InfrastructureParts", into = "InfrastructureParts")]
pub struct InfrastructureResource {
    /// Its cloud, type and name.
    pub id: InfrastructureId,
    /// What its cloud knows it by, where that is said.
    pub resource_id: Option<String>,
    /// Where it is.
    pub region: String,
    /// The environment that it is part of; one of AWS may belong to none.
    pub environment: Option<EnvironmentName>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Settings of its type.
    pub configuration: Option<Configuration>,
    /// Other resources that it needs.
    pub references: Vec<InfrastructureId>,
    /// Who looked at the change.
    pub review: Option<Review>,
    /// The lineage of the Terraform state that manages it.
    pub terraform_state: Option<DeploymentUuid>,
    /// How far it has come, in the words of its cloud; it follows from what happens to the record.
    pub status: ResourceStatus,
}

/// A word of the state machine of a cloud's resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResourceStatus(&'static str);

impl ResourceStatus {
    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

/// Somebody looked at a change before it is applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Who.
    pub reviewed_by: Actor,
    /// When.
    pub reviewed_at: Timestamp,
    /// Where it is written, such as the URL of a pull request.
    pub reference: String,
}

/// A resource in texts, as a record or a configuration says it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the fields are those of the resource")]
pub struct InfrastructureParts {
    pub cloud: String,
    #[serde(rename = "type")]
    pub resource_type: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<String>,
    pub region: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration: Option<Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<Review>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terraform_state: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// The lists that a configuration is held against. What was once recorded is read without them.
#[derive(Debug, Clone, Copy)]
pub struct Lists<'a> {
    /// The regions of all clouds.
    pub regions: &'a KnownRegions,
    /// The types of AWS.
    pub types: &'a KnownTypes,
}

impl InfrastructureResource {
    /// Reads a resource, telling everything that is wrong with it.
    ///
    /// # Errors
    /// GLB002, GLB004, INF001, INF002, INF004, INF007, INF020 to INF023, INF025, INF026, SEC007 and the
    /// rules of names, each at its field.
    pub fn read(parts: InfrastructureParts, lists: Option<Lists<'_>>) -> Result<Self, Violations> {
        let mut findings = Findings::new();
        let cloud: Option<Cloud> = findings.take("cloud", parts.cloud.parse());
        let kind = cloud.and_then(|cloud| {
            findings.take("type", ResourceType::read(cloud, &parts.resource_type))
        });
        if let (Some(ResourceType::Aws(name)), Some(lists)) = (&kind, lists) {
            findings.extend(lists.types.fault(name).map(|it| it.under("type")));
        }
        if let (Some(cloud), Some(lists)) = (cloud, lists) {
            findings.take("region", check_region(cloud, &parts.region, lists.regions));
        }
        let id =
            kind.and_then(|kind| findings.take("name", InfrastructureId::new(kind, &parts.name)));
        if let (Some(id), Some(text)) = (&id, &parts.resource_id) {
            findings.extend(id.resource_id_fault(text));
        }
        let status =
            cloud.and_then(|cloud| findings.take("status", status(cloud, parts.status.as_deref())));
        let environment = parts.environment.map(|name| name.parse());
        let environment = findings.take_option("environment", environment);
        let configuration = parts.configuration.map(Configuration::try_from);
        let configuration = findings.take_option("configuration", configuration);
        let mut references = Vec::new();
        for (at, text) in parts.references.iter().enumerate() {
            let place = FieldPath::from("references").index(at);
            references.extend(findings.take(place, text.parse()));
        }
        let lineage = parts.terraform_state.map(|text| read_lineage(&text));
        let terraform_state = findings.take_option("terraform_state", lineage);
        let (Some(id), Some(status)) = (id, status) else { return Err(findings.fail()) };
        let (resource_id, region, review) = (parts.resource_id, parts.region, parts.review);
        findings.finish(Self {
            id,
            resource_id,
            region,
            environment,
            tags: parts.tags,
            configuration,
            references,
            review,
            terraform_state,
            status,
        })
    }

    /// Whether the other says the same of the resource, however far each has come.
    #[must_use]
    pub fn says_as(&self, other: &Self) -> bool {
        Self { status: other.status, ..self.clone() } == *other
    }
}

impl TryFrom<InfrastructureParts> for InfrastructureResource {
    type Error = Violations;
    fn try_from(parts: InfrastructureParts) -> Result<Self, Violations> {
        Self::read(parts, None)
    }
}

impl From<InfrastructureResource> for InfrastructureParts {
    fn from(resource: InfrastructureResource) -> Self {
        Self {
            cloud: resource.id.cloud().to_string(),
            resource_type: resource.id.kind().to_string(),
            name: resource.id.name().to_string(),
            resource_id: resource.resource_id,
            region: resource.region,
            environment: resource.environment.map(|name| name.to_string()),
            tags: resource.tags,
            configuration: resource.configuration.map(|it| Value::Object(it.0)),
            references: resource.references.iter().map(ToString::to_string).collect(),
            review: resource.review,
            terraform_state: resource.terraform_state.map(|it| it.to_string()),
            status: Some(resource.status.0.to_owned()),
        }
    }
}

/// The state machine of a cloud's resources, its rule for words, and the status after the first apply.
const fn lifecycle(cloud: Cloud) -> (&'static str, RuleId, &'static str) {
    match cloud {
        Cloud::Aws => ("infrastructure_resource", RuleId::INF004, "created"),
        Cloud::Azure => ("azure_resource", RuleId::INF026, "ready"),
    }
}

/// INF004 and INF026: the status is one that the cloud has. A resource begins with what the first apply
/// makes of it.
fn status(cloud: Cloud, text: Option<&str>) -> Result<ResourceStatus, Violations> {
    let (entity, rule, first) = lifecycle(cloud);
    let Some(text) = text else { return Ok(ResourceStatus(first)) };
    let machine = MACHINES.iter().find(|machine| machine.entity == entity);
    let words = machine.map_or(&[][..], |machine| machine.statuses);
    let known = words.iter().copied().find(|word| *word == text).map(ResourceStatus);
    known.ok_or_else(|| Violation::not_listed(rule, text, words.iter().copied()).into())
}

fn check_region(cloud: Cloud, text: &str, known: &KnownRegions) -> Result<(), Violations> {
    match cloud {
        Cloud::Aws => known.aws(text).map(drop).map_err(|it| it.as_rule(RuleId::INF002)),
        Cloud::Azure => known.azure(text).map(drop).map_err(|it| it.as_rule(RuleId::INF023)),
    }
}

/// INF007: the lineage of a state, which is what its ID is.
fn read_lineage(text: &str) -> Result<DeploymentUuid, Violations> {
    text.parse().map_err(|_| {
        let expected = "the lineage of a Terraform state, a UUID in lower case";
        let next = "Write the `id` of a `pipeline_terraform_state`, or leave it out.";
        Violation::new(RuleId::INF007, quoted(text), expected, next).into()
    })
}

/// The settings of a resource: a JSON object without secrets.
#[derive(Debug, Clone, PartialEq)]
pub struct Configuration(Map<String, Value>);

impl Configuration {
    /// The settings of one resource are a page, not a file.
    const LARGEST: usize = 64 * 1024;

    /// The object.
    #[must_use]
    pub fn json(&self) -> Value {
        Value::Object(self.0.clone())
    }
}

impl FromStr for Configuration {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        if text.len() > Self::LARGEST {
            return Err(no_object(format!("{} bytes", text.len())).into());
        }
        // Neither the text nor serde's words about it: either could show a secret.
        let value: Value = serde_json::from_str(text).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            no_object(format!("a text that is no JSON from line {line}, column {column} on"))
        })?;
        value.try_into()
    }
}

impl TryFrom<Value> for Configuration {
    type Error = Violations;
    fn try_from(value: Value) -> Result<Self, Violations> {
        let Value::Object(settings) = value else {
            let found = match value {
                Value::Null => "`null`",
                Value::Bool(_) => "a truth value",
                Value::Number(_) => "a number",
                Value::String(_) => "a text",
                _ => "a list",
            };
            return Err(no_object(found.to_owned()).into());
        };
        let mut secrets = Vec::new();
        find_secrets(&settings, &mut secrets);
        Violations::check(secrets).map(|()| Self(settings))
    }
}

impl fmt::Display for Configuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(&self.0).map_err(|_| fmt::Error)?)
    }
}

fn no_object(found: String) -> Violation {
    let expected = "a JSON object of at most 64 KiB";
    Violation::new(RuleId::INF025, found, expected, "Write it as `jsonencode({ … })`.")
}

/// SEC007: no setting that is named like a secret holds more than the place of one.
fn find_secrets(settings: &Map<String, Value>, found: &mut Vec<Violation>) {
    for (name, value) in settings {
        match value {
            Value::Object(inner) => find_secrets(inner, found),
            Value::Array(items) => {
                items.iter().filter_map(Value::as_object).for_each(|it| find_secrets(it, found));
            }
            Value::String(text) if is_secret_name(name) && !is_place(text) => found.push(
                Violation::new(
                    RuleId::SEC007,
                    format!("a setting {}, whose value is not shown", quoted(name)),
                    "the place where the secret is kept, such as an ARN or a Key Vault reference",
                    "Take the value out; what is recorded is read by everybody who reads the repository.",
                ),
            ),
            _ => {}
        }
    }
}

fn is_place(text: &str) -> bool {
    let places = ["arn:", "https://", "@Microsoft.KeyVault(", "/subscriptions/"];
    text.is_empty() || places.iter().any(|place| text.starts_with(place))
}

#[cfg(test)]
mod tests;
