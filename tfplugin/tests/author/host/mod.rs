//! The host's side of a plan and an apply, written again from its rules: what it proposes, and what
//! it checks. Nothing here uses the engine that it judges.

pub mod compatible;
pub mod proposed;
pub mod valid;

use tfplugin::Value;
use tfplugin::schema::{Attribute, AttributeKind, Nesting, Presence};

/// Null, to stand for what is absent.
pub static NULL: Value = Value::Null;

/// The attribute `name` of an object; null where there is none.
pub fn attr<'a>(object: &'a Value, name: &str) -> &'a Value {
    object.get(name).unwrap_or(&NULL)
}

/// The elements of a list or set; none where it is null.
pub fn elements(value: &Value) -> &[Value] {
    if let Value::List(elements) = value { elements } else { &[] }
}

/// Whether the provider may choose the value.
pub fn computed(attribute: &Attribute) -> bool {
    matches!(attribute.presence, Presence::Computed | Presence::OptionalComputed)
}

/// The nested attributes, where there are any.
pub fn nested(attribute: &Attribute) -> Option<(Nesting, &[Attribute])> {
    match &attribute.kind {
        AttributeKind::Nested { nesting, attributes } => Some((*nesting, attributes)),
        AttributeKind::Plain(_) => None,
    }
}
