//! A new revision of a task definition: a copy of another in which one container has another image.
//!
//! The copy is made of the very JSON that ECS answered with, and not of the SDK's types: a field that
//! is newer than the SDK would be lost in them, and a service would quietly run without it. A number is copied to the
//! last digit where the program turns `arbitrary_precision` of `serde_json` on, as the provider does.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::logs::Place;

#[cfg(test)]
mod tests;

/// What ECS says of a revision and does not take back.
const READ_ONLY: [&str; 9] = [
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "registeredBy",
    "deregisteredAt",
    "deleteRequestedAt",
];

/// Choices of which ECS takes none at all, but not an empty one.
const CHOICES: [&str; 15] = [
    "appProtocol",
    "condition",
    "cpuArchitecture",
    "iam",
    "ipcMode",
    "isolationMode",
    "logDriver",
    "networkMode",
    "operatingSystemFamily",
    "pidMode",
    "protocol",
    "scope",
    "transitEncryption",
    "type",
    "versionConsistency",
];

/// Fields whose names are the user's own.
const MAPS: [&str; 4] = ["dockerLabels", "driverOpts", "labels", "options"];

/// A revision, as DescribeTaskDefinition answers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Revision {
    definition: Map<String, Value>,
    tags: Vec<Value>,
}

/// What is different in the copy.
#[derive(Debug, Clone, Copy)]
pub(super) struct Difference<'a> {
    /// The container that changes.
    pub(super) container: &'a str,
    /// Its image.
    pub(super) image: &'a str,
    /// Variables to set in it.
    pub(super) environment: &'a BTreeMap<String, String>,
    /// Variables to fill from a store of secrets, each with where it is kept.
    pub(super) secrets: &'a BTreeMap<String, String>,
}

impl Revision {
    /// Reads an answer of DescribeTaskDefinition.
    pub(super) fn read(answer: &[u8]) -> Option<Self> {
        let mut answer: Value = serde_json::from_slice(answer).ok()?;
        let tags = answer.get_mut("tags").map(Value::take);
        let Value::Object(definition) = answer.get_mut("taskDefinition")?.take() else {
            return None;
        };
        let tags = tags.and_then(|tags| tags.as_array().cloned()).unwrap_or_default();
        Some(Self { definition, tags })
    }

    /// Its ARN.
    pub(super) fn arn(&self) -> &str {
        self.text("taskDefinitionArn")
    }

    /// Whether it can be started.
    pub(super) fn is_active(&self) -> bool {
        self.text("status") == "ACTIVE"
    }

    /// Who registered it, by ARN, where ECS tells.
    pub(super) fn registered_by(&self) -> Option<&str> {
        Some(self.text("registeredBy")).filter(|who| !who.is_empty())
    }

    /// The image of a container.
    pub(super) fn image(&self, container: &str) -> Option<&str> {
        let named = |it: &&Value| it["name"].as_str() == Some(container);
        self.containers().iter().find(named).and_then(|it| it["image"].as_str())
    }

    /// Where a container writes its log, as far as that is CloudWatch.
    pub(super) fn log(&self, container: &str) -> Option<Place> {
        let named = |it: &&Value| it["name"].as_str() == Some(container);
        self.containers().iter().find(named).and_then(Place::of)
    }

    /// The names of its containers.
    pub(super) fn container_names(&self) -> Vec<String> {
        let names = self.containers().iter().filter_map(|it| it["name"].as_str());
        names.map(str::to_owned).collect()
    }

    /// What to register for a copy that differs by `difference`; none where the container is missing.
    pub(super) fn copy(&self, difference: Difference<'_>) -> Option<Value> {
        let mut copy = self.definition.clone();
        for name in READ_ONLY {
            copy.remove(name);
        }
        let containers = copy.get_mut("containerDefinitions")?.as_array_mut()?;
        let named = |it: &&mut Value| it["name"].as_str() == Some(difference.container);
        apply(containers.iter_mut().find(named)?.as_object_mut()?, difference);
        drop_unset(&mut copy);
        // An empty list of tags is refused.
        if !self.tags.is_empty() {
            copy.insert("tags".to_owned(), Value::Array(self.tags.clone()));
        }
        Some(Value::Object(copy))
    }

    fn containers(&self) -> &[Value] {
        let containers = self.definition.get("containerDefinitions").and_then(Value::as_array);
        containers.map_or(&[], Vec::as_slice)
    }

    fn text(&self, name: &str) -> &str {
        self.definition.get(name).and_then(Value::as_str).unwrap_or_default()
    }
}

/// Drops what is not set: some answers name it all the same, and ECS does not take that back.
fn drop_unset(fields: &mut Map<String, Value>) {
    fields.retain(|name, value| {
        let empty = value.is_null() || value == "" && CHOICES.contains(&name.as_str());
        if !MAPS.contains(&name.as_str()) {
            drop_unset_within(value);
        }
        !empty
    });
}

fn drop_unset_within(value: &mut Value) {
    match value {
        Value::Object(fields) => drop_unset(fields),
        Value::Array(entries) => {
            entries.retain(|entry| !entry.is_null());
            entries.iter_mut().for_each(drop_unset_within);
        }
        _ => {}
    }
}

fn apply(container: &mut Map<String, Value>, difference: Difference<'_>) {
    let Difference { image, environment, secrets, .. } = difference;
    container.insert("image".to_owned(), json!(image));
    let given = |name: &str| environment.contains_key(name) || secrets.contains_key(name);
    set(container, "environment", "value", environment, given);
    set(container, "secrets", "valueFrom", secrets, given);
}

/// Sets entries of a list of `{name, <what>}`. A name is either a variable or a secret, so one that is
/// `given` at all is taken out of both lists first.
fn set(
    container: &mut Map<String, Value>,
    list: &str,
    what: &str,
    entries: &BTreeMap<String, String>,
    given: impl Fn(&str) -> bool,
) {
    let known = container.get(list).and_then(Value::as_array).cloned();
    if known.is_none() && entries.is_empty() {
        return;
    }
    let stays = |entry: &Value| !entry["name"].as_str().is_some_and(&given);
    let kept = known.unwrap_or_default().into_iter().filter(stays);
    let new = entries.iter().map(|(name, value)| json!({ "name": name, what: value }));
    container.insert(list.to_owned(), kept.chain(new).collect());
}
