//! Walks the nested objects of several values side by side.
//!
//! Objects in a list belong together by position, in a map by key. Objects in a set have no name: one
//! is taken to come from the configured object that says nothing else than it does.

use crate::schema::{Attribute, AttributeKind, Block, Nesting};
use crate::value::Value;

/// Stands for what is absent on one side.
pub(super) static NULL: Value = Value::Null;

/// Attributes and nested blocks of one object: what a block and nested attributes have in common.
#[derive(Clone, Copy)]
pub(super) struct Level<'a> {
    pub(super) attributes: &'a [Attribute],
    pub(super) blocks: &'a [crate::schema::NestedBlock],
}

impl<'a> From<&'a Block> for Level<'a> {
    fn from(block: &'a Block) -> Self {
        Self { attributes: &block.attributes, blocks: &block.blocks }
    }
}

impl<'a> Level<'a> {
    /// The objects nested in an attribute, where there are any.
    pub(super) fn nested(attribute: &'a Attribute) -> Option<(Nesting, Self)> {
        let AttributeKind::Nested { nesting, attributes } = &attribute.kind else { return None };
        Some((*nesting, Self { attributes, blocks: &[] }))
    }
}

/// The attribute `name` of `object`; null where there is no object.
pub(super) fn part<'a>(object: &'a Value, name: &str) -> &'a Value {
    object.get(name).unwrap_or(&NULL)
}

/// The list element `index`; null where there is none.
fn nth(list: &Value, index: usize) -> &Value {
    if let Value::List(list) = list { list.get(index).unwrap_or(&NULL) } else { &NULL }
}

/// Visits every object in `planned` with its counterparts in `config` and `prior`.
pub(super) fn each_object(
    nesting: Nesting,
    (planned, config, prior): (&mut Value, &Value, &Value),
    visit: &mut dyn FnMut(&mut Value, &Value, &Value),
) {
    match (nesting, planned) {
        (Nesting::Single, planned @ Value::Map(_)) => visit(planned, config, prior),
        (Nesting::List, Value::List(elements)) => {
            for (index, element) in elements.iter_mut().enumerate() {
                visit(element, nth(config, index), nth(prior, index));
            }
        }
        (Nesting::Map, Value::Map(elements)) => {
            for (key, element) in elements {
                visit(element, part(config, key), part(prior, key));
            }
        }
        (Nesting::Set, Value::List(elements)) => {
            for element in elements {
                let from = source(config, element);
                let same = members(prior).iter().find(|prior| *prior == element);
                visit(element, from, same.unwrap_or(&NULL));
            }
        }
        _ => {}
    }
}

fn members(set: &Value) -> &[Value] {
    if let Value::List(members) = set { members } else { &[] }
}

/// The configured member of a set that `element` was made from.
fn source<'a>(config: &'a Value, element: &Value) -> &'a Value {
    members(config).iter().find(|member| says_no_other(member, element)).unwrap_or(&NULL)
}

/// Whether all that `config` says is so in `planned`.
fn says_no_other(config: &Value, planned: &Value) -> bool {
    match (config, planned) {
        (Value::Null, _) => true,
        (Value::Map(config), Value::Map(planned)) => config
            .iter()
            .all(|(name, value)| planned.get(name).is_some_and(|p| says_no_other(value, p))),
        (Value::List(config), Value::List(planned)) => {
            config.len() == planned.len()
                && config.iter().zip(planned).all(|(c, p)| says_no_other(c, p))
        }
        (config, planned) => config == planned,
    }
}
