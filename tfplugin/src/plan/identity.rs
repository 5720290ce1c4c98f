//! The identity of an object: what names it for ever.

use super::Settled;
use crate::diagnostics::Diagnostics;
use crate::guard::bug;
use crate::path::Path;
use crate::schema::IdentitySchema;
use crate::value::Value;

/// The identity within `state`; null where there is no identity or no state.
pub(crate) fn identity_of(schema: Option<&IdentitySchema>, state: &Value) -> Value {
    let (Some(schema), Value::Map(fields)) = (schema, state) else { return Value::Null };
    let attributes = schema.attributes.iter().map(|attribute| {
        let value = fields.get(&attribute.name).cloned().unwrap_or(Value::Null);
        (attribute.name.clone(), value)
    });
    Value::Map(attributes.collect())
}

/// The identity that the object has had so far: as stored, with what an older version of it lacks.
pub(super) fn stored_or_built(schema: Option<&IdentitySchema>, plan: Settled<'_>) -> Value {
    let mut known = identity_of(schema, plan.prior);
    if let (Value::Map(known), Value::Map(stored)) = (&mut known, plan.prior_identity) {
        let stored = stored.iter().filter(|(_, value)| !value.is_null());
        known.extend(stored.map(|(name, value)| (name.clone(), value.clone())));
    }
    known
}

/// Reports every part of an identity that changes although the object stays.
pub(crate) fn identity_changes(before: &Value, after: &Value, out: &mut Diagnostics) {
    let (Value::Map(before), Value::Map(after)) = (before, after) else { return };
    for (name, after) in after {
        // What the stored identity does not have yet, it is given.
        if let Some(before) = before.get(name).filter(|before| *before != after) {
            out.push(bug(
                Path::root().attribute(name.clone()),
                format!(
                    "The identity of an object never changes, but `{name}` was {} and is {} now. \
                     An argument of the identity has to replace the object.",
                    shown(before),
                    shown(after)
                ),
            ));
        }
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Unknown(_) => "not known yet".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("{text:?}"),
        _ => "another list".to_owned(),
    }
}
