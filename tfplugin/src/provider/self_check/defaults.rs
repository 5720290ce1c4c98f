//! Configurations that set one default and leave everything else unknown: what validation says of
//! such a configuration, it says of the default.

use std::collections::BTreeMap;

use crate::schema::{Attribute, AttributeKind, Block, NestedBlock, Nesting, Presence};
use crate::value::Value;

type Visit<'v> = &'v mut dyn FnMut(&Value);
type Wrap<'w> = &'w dyn Fn(Value) -> Value;

/// Visits one configuration per default in `block`.
pub(super) fn each(block: &Block, visit: Visit<'_>) {
    level(&block.attributes, &block.blocks, &|object| object, visit);
}

fn level(attributes: &[Attribute], blocks: &[NestedBlock], wrap: Wrap<'_>, visit: Visit<'_>) {
    let with = |name: &str, value: Value| wrap(object(attributes, blocks, name, value));
    for attribute in attributes {
        if let Some(default) = &attribute.default {
            visit(&with(&attribute.name, default.clone()));
        }
        if let AttributeKind::Nested { nesting, attributes: inner } = &attribute.kind
            && attribute.presence != Presence::Computed
        {
            let wrap = |object| with(&attribute.name, arranged(*nesting, object));
            level(inner, &[], &wrap, visit);
        }
    }
    for block in blocks {
        let wrap = |object| with(&block.name, arranged(block.nesting, object));
        level(&block.block.attributes, &block.block.blocks, &wrap, visit);
    }
}

/// An object in which only `name` is known.
fn object(attributes: &[Attribute], blocks: &[NestedBlock], name: &str, value: Value) -> Value {
    let unset = |attribute: &Attribute| match attribute.presence {
        Presence::Computed => Value::Null,
        _ => Value::unknown(),
    };
    let mut fields: BTreeMap<String, Value> =
        attributes.iter().map(|each| (each.name.clone(), unset(each))).collect();
    fields.extend(blocks.iter().map(|block| (block.name.clone(), Value::unknown())));
    fields.insert(name.to_owned(), value);
    Value::Map(fields)
}

fn arranged(nesting: Nesting, object: Value) -> Value {
    match nesting {
        Nesting::Single => object,
        Nesting::List | Nesting::Set => Value::List(vec![object]),
        Nesting::Map => Value::Map(BTreeMap::from([("key".to_owned(), object)])),
    }
}
