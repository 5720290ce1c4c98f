//! Walks the nested objects of several values side by side.
//!
//! Objects in a list belong together by position, in a map by key. Objects in a set have no name: one
//! is taken to come from the configured object that it agrees with in all that is configured.

use crate::model::Trail;
use crate::schema::{Attribute, AttributeKind, Block, NestedBlock, Nesting, Presence};
use crate::value::Value;

/// Stands for what is absent on one side.
pub(super) static NULL: Value = Value::Null;

/// Attributes and nested blocks of one object: what a block and nested attributes have in common.
#[derive(Clone, Copy)]
pub(super) struct Level<'a> {
    pub(super) attributes: &'a [Attribute],
    pub(super) blocks: &'a [NestedBlock],
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

/// Visits every object in `planned`, each of shape `inner`, with its counterparts in `config` and
/// `prior`.
pub(super) fn each_object(
    (nesting, inner): (Nesting, Level<'_>),
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
                let made_of = |config: &&Value| comes_of(inner, config, element);
                let config = members(config).iter().find(made_of).unwrap_or(&NULL);
                let became = |prior: &&Value| !config.is_null() && comes_of(inner, config, prior);
                let prior = members(prior).iter().find(became).unwrap_or(&NULL);
                visit(element, config, prior);
            }
        }
        _ => {}
    }
}

fn members(set: &Value) -> &[Value] {
    if let Value::List(members) = set { members } else { &[] }
}

/// Whether `object` is what `config` says, apart from what the provider computes.
fn comes_of(level: Level<'_>, config: &Value, object: &Value) -> bool {
    level.attributes.iter().all(|attribute| {
        let (said, is) = (part(config, &attribute.name), part(object, &attribute.name));
        let open = said.is_null() && is_computed(attribute);
        open || said == is || nested_comes_of(attribute, said, is)
    })
}

fn nested_comes_of(attribute: &Attribute, config: &Value, object: &Value) -> bool {
    let Some((nesting, inner)) = Level::nested(attribute) else { return false };
    match (nesting, config, object) {
        (Nesting::Single, Value::Map(_), Value::Map(_)) => comes_of(inner, config, object),
        (Nesting::List, Value::List(said), Value::List(is)) => {
            said.len() == is.len() && said.iter().zip(is).all(|(s, i)| comes_of(inner, s, i))
        }
        (Nesting::Map, Value::Map(said), Value::Map(is)) => {
            said.len() == is.len()
                && said.iter().all(|(key, s)| is.get(key).is_some_and(|i| comes_of(inner, s, i)))
        }
        (Nesting::Set, Value::List(said), Value::List(is)) => {
            said.len() == is.len() && said.iter().all(|s| is.iter().any(|i| comes_of(inner, s, i)))
        }
        _ => false,
    }
}

/// Whether the provider may choose the value.
pub(super) const fn is_computed(attribute: &Attribute) -> bool {
    matches!(attribute.presence, Presence::Computed | Presence::OptionalComputed)
}

/// Visits every object in `value` with the trail to it.
pub(super) fn objects(
    nesting: Nesting,
    value: &Value,
    trail: &Trail<'_>,
    visit: &mut dyn FnMut(&Value, &Trail<'_>),
) {
    match (nesting, value) {
        (Nesting::Single, object @ Value::Map(_)) => visit(object, trail),
        (Nesting::List, Value::List(objects)) => {
            for (index, object) in objects.iter().enumerate() {
                visit(object, &trail.index(index));
            }
        }
        (Nesting::Map, Value::Map(objects)) => {
            for (key, object) in objects {
                visit(object, &trail.key(key));
            }
        }
        (Nesting::Set, Value::List(objects)) => {
            objects.iter().for_each(|object| visit(object, trail));
        }
        _ => {}
    }
}
