//! What a template declares: its parameters, which of them it hides, and its resources by their logical IDs.
//!
//! A template is JSON or YAML. It leaves out what resources are, conditions, and all functions but their place.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::Value;

use crate::base::yaml::{self, Entry, Kind, Node};

/// How many values of a template are read. CloudFormation takes at most 1 MB.
const MOST_VALUES: usize = 200_000;

/// What a template declares.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declared {
    /// The parameters by name.
    pub parameters: BTreeMap<String, Parameter>,
    /// The logical IDs of its resources.
    pub resources: BTreeSet<String>,
}

/// A parameter of a template.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Parameter {
    /// Whether the template hides its value (`NoEcho`).
    pub is_hidden: bool,
    /// Whether it has a value where nobody gives one.
    pub has_default: bool,
}

impl Declared {
    /// Reads a template; `None` where it is neither JSON nor YAML, or has no resources.
    #[must_use]
    pub fn read(template: &str) -> Option<Self> {
        match serde_json::from_str::<Value>(template) {
            Ok(json) => Self::of_json(&json),
            Err(_) => Self::of_yaml(template),
        }
    }

    fn of_json(template: &Value) -> Option<Self> {
        let resources = template.get("Resources")?.as_object()?;
        let parameters = template.get("Parameters").and_then(Value::as_object);
        let parameter = |(name, it): (&String, &Value)| {
            let hides = match it.get("NoEcho") {
                Some(Value::Bool(hides)) => *hides,
                Some(Value::String(word)) => is_true(word),
                _ => false,
            };
            let has_default = it.get("Default").is_some();
            (name.clone(), Parameter { is_hidden: hides, has_default })
        };
        Some(Self {
            parameters: parameters.into_iter().flatten().map(parameter).collect(),
            resources: resources.keys().cloned().collect(),
        })
    }

    fn of_yaml(template: &str) -> Option<Self> {
        let documents = yaml::documents(template, MOST_VALUES).ok()?;
        let [template] = documents.as_slice() else { return None };
        let resources = entries(part(template, "Resources")?);
        let parameters = part(template, "Parameters").map(|it| entries(it)).unwrap_or_default();
        let named =
            |it: &Entry| Some((text(&it.key.value)?.to_owned(), parameter(&it.value.value)));
        let names = resources.iter().filter_map(|it| text(&it.key.value)).map(str::to_owned);
        Some(Self {
            parameters: parameters.iter().filter_map(named).collect(),
            resources: names.collect(),
        })
    }

    /// The parameters that the template hides.
    #[must_use]
    pub fn hidden(&self) -> BTreeSet<String> {
        let hidden = self.parameters.iter().filter(|(_, it)| it.is_hidden);
        hidden.map(|(name, _)| name.clone()).collect()
    }
}

fn parameter(declared: &Node) -> Parameter {
    let hides = part(declared, "NoEcho").and_then(|it| text(it));
    Parameter {
        is_hidden: hides.is_some_and(is_true),
        has_default: part(declared, "Default").is_some(),
    }
}

fn is_true(word: &str) -> bool {
    word.eq_ignore_ascii_case("true")
}

fn entries(node: &Node) -> &[Entry] {
    match &node.kind {
        Kind::Map(entries) => entries,
        _ => &[],
    }
}

fn part<'a>(node: &'a Node, name: &str) -> Option<&'a Rc<Node>> {
    entries(node).iter().find(|it| text(&it.key.value) == Some(name)).map(|it| &it.value.value)
}

fn text(node: &Node) -> Option<&str> {
    match &node.kind {
        Kind::Plain(text) | Kind::Quoted(text) => Some(text),
        _ => None,
    }
}
