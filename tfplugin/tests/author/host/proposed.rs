//! What the host proposes: the configuration, with prior values where the provider computes.

use std::collections::BTreeMap;

use tfplugin::Value;
use tfplugin::schema::{Attribute, Block, NestedBlock, Nesting};

use super::{NULL, attr, computed, elements, nested};

/// The host's merge of prior state and configuration.
pub fn proposed(block: &Block, prior: &Value, config: &Value) -> Value {
    if config.is_null() {
        return Value::Null;
    }
    object(block, prior, config)
}

fn object(block: &Block, prior: &Value, config: &Value) -> Value {
    let Value::Map(_) = config else { return config.clone() };
    let mut merged = attributes(&block.attributes, prior, config);
    for nested in &block.blocks {
        let value = blocks(nested, attr(prior, &nested.name), attr(config, &nested.name));
        merged.insert(nested.name.clone(), value);
    }
    Value::Map(merged)
}

fn attributes(list: &[Attribute], prior: &Value, config: &Value) -> BTreeMap<String, Value> {
    let merge = |a: &Attribute| attribute(a, attr(prior, &a.name), attr(config, &a.name));
    list.iter().map(|a| (a.name.clone(), merge(a))).collect()
}

fn attribute(attribute: &Attribute, prior: &Value, config: &Value) -> Value {
    let optional = attribute.presence == tfplugin::schema::Presence::OptionalComputed;
    match nested(attribute) {
        _ if computed(attribute) && config.is_null() => {
            if optional && holds_configured(attribute, prior) { Value::Null } else { prior.clone() }
        }
        Some((nesting, inner)) if !config.is_unknown() => {
            arranged(nesting, prior, config, &|prior, config| match config {
                Value::Map(_) => Value::Map(attributes(inner, prior, config)),
                other => other.clone(),
            })
        }
        _ => config.clone(),
    }
}

/// Whether a nested attribute holds something that only a configuration can have put there.
fn holds_configured(attribute: &Attribute, value: &Value) -> bool {
    let Some((nesting, inner)) = nested(attribute) else { return false };
    let one = |object: &Value| {
        inner.iter().any(|a| {
            let value = attr(object, &a.name);
            !value.is_null() && (!computed(a) || holds_configured(a, value))
        })
    };
    match (nesting, value) {
        (Nesting::Map, Value::Map(objects)) => objects.values().any(one),
        (_, Value::List(objects)) => objects.iter().any(one),
        (_, object) => one(object),
    }
}

fn blocks(nested: &NestedBlock, prior: &Value, config: &Value) -> Value {
    arranged(nested.nesting, prior, config, &|prior, config| object(&nested.block, prior, config))
}

type Merge<'m> = &'m dyn Fn(&Value, &Value) -> Value;

fn arranged(nesting: Nesting, prior: &Value, config: &Value, merge: Merge<'_>) -> Value {
    match (nesting, config) {
        (_, Value::Null | Value::Unknown(_)) => config.clone(),
        (Nesting::List, Value::List(configured)) => {
            let before = |index: usize| elements(prior).get(index).unwrap_or(&NULL);
            let merged = configured.iter().enumerate().map(|(i, config)| merge(before(i), config));
            Value::List(merged.collect())
        }
        (Nesting::Map, Value::Map(configured)) => {
            let merged = configured
                .iter()
                .map(|(key, config)| (key.clone(), merge(prior.get(key).unwrap_or(&NULL), config)));
            Value::Map(merged.collect())
        }
        (Nesting::Set, Value::List(configured)) => {
            let merged = configured.iter().map(|config| {
                let from = |prior: &&Value| could_be(config, prior);
                merge(elements(prior).iter().find(from).unwrap_or(&NULL), config)
            });
            Value::List(merged.collect())
        }
        _ => merge(prior, config),
    }
}

/// Whether a member of a set was made from `config`.
fn could_be(config: &Value, prior: &Value) -> bool {
    match (config, prior) {
        (Value::Null, _) => true,
        (Value::Map(config), Value::Map(prior)) => {
            config.iter().all(|(name, value)| prior.get(name).is_some_and(|p| could_be(value, p)))
        }
        (Value::List(config), Value::List(prior)) => {
            config.len() == prior.len()
                && config.iter().all(|config| prior.iter().any(|prior| could_be(config, prior)))
        }
        (config, prior) => config == prior,
    }
}
