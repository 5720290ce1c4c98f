//! Checks what an apply made of the plan, and settles what it left open.

use super::align::{Level, part};
use crate::diagnostics::Diagnostics;
use crate::guard::bug;
use crate::model::Trail;
use crate::schema::{Attribute, AttributeKind, Block};
use crate::types::Type;
use crate::value::Value;

/// Reports what is not as planned: a known value that changed, or something still unknown.
pub(crate) fn applied(block: &Block, planned: &Value, state: &Value, out: &mut Diagnostics) {
    level(block.into(), planned, state, &Trail::ROOT, out);
}

fn level(
    level_: Level<'_>,
    planned: &Value,
    state: &Value,
    trail: &Trail<'_>,
    out: &mut Diagnostics,
) {
    for each in level_.attributes {
        let (planned, state) = (part(planned, &each.name), part(state, &each.name));
        attribute(each, planned, state, &trail.named(&each.name), out);
    }
    for each in level_.blocks {
        let (planned, state) = (part(planned, &each.name), part(state, &each.name));
        compare(&each.ty(), planned, state, &trail.named(&each.name), out);
    }
}

fn attribute(
    attribute: &Attribute,
    planned: &Value,
    state: &Value,
    trail: &Trail<'_>,
    out: &mut Diagnostics,
) {
    if planned == state && state.is_wholly_known() {
        return;
    }
    match &attribute.kind {
        AttributeKind::Plain(ty) => compare(ty, planned, state, trail, out),
        AttributeKind::Nested { .. } => compare(&attribute.ty(), planned, state, trail, out),
    }
}

/// Compares value by value; what was unknown in the plan may be anything that is known now.
fn compare(ty: &Type, planned: &Value, state: &Value, trail: &Trail<'_>, out: &mut Diagnostics) {
    match (ty, planned, state) {
        (_, _, Value::Unknown(_)) => report("it is still unknown after the apply", trail, out),
        (_, Value::Unknown(_), state) => {
            if !state.is_wholly_known() {
                report("a part of it is still unknown after the apply", trail, out);
            }
        }
        (Type::Object(types), Value::Map(planned), Value::Map(state)) => {
            for (name, ty) in types {
                let null = Value::Null;
                let pair = (planned.get(name).unwrap_or(&null), state.get(name).unwrap_or(&null));
                compare(ty, pair.0, pair.1, &trail.named(name), out);
            }
        }
        (Type::List(ty), Value::List(planned), Value::List(state))
            if planned.len() == state.len() =>
        {
            for (index, (planned, state)) in planned.iter().zip(state).enumerate() {
                compare(ty, planned, state, &trail.index(index), out);
            }
        }
        (Type::Map(ty), Value::Map(planned), Value::Map(state))
            if planned.keys().eq(state.keys()) =>
        {
            for (key, planned) in planned {
                compare(ty, planned, &state[key], &trail.key(key), out);
            }
        }
        (Type::Set(ty), Value::List(planned), Value::List(state)) => {
            set(ty, planned, state, trail, out);
        }
        (ty, planned, state) if super::same(ty, planned, state) => {}
        _ => report("it differs from what was planned", trail, out),
    }
}

/// Every planned member has one in the state that it may have become, and the other way round.
fn set(ty: &Type, planned: &[Value], state: &[Value], trail: &Trail<'_>, out: &mut Diagnostics) {
    let became = |planned: &Value, state: &Value| {
        let mut problems = Diagnostics::new();
        compare(ty, planned, state, trail, &mut problems);
        problems.is_empty()
    };
    let lost = planned.iter().any(|planned| !state.iter().any(|state| became(planned, state)));
    let new = state.iter().any(|state| !planned.iter().any(|planned| became(planned, state)));
    if lost || new {
        report("its members differ from those planned", trail, out);
    }
}

fn report(what: &str, trail: &Trail<'_>, out: &mut Diagnostics) {
    let path = trail.path();
    let text = format!("The result at `{path}` is not what the plan promised: {what}.");
    out.push(bug(path, text));
}

/// Gives what is unknown in `state` its prior value, or null where there is none.
pub(crate) fn settle(state: &mut Value, prior: &Value) {
    match state {
        Value::Unknown(_) => {
            *state = if prior.is_wholly_known() { prior.clone() } else { Value::Null }
        }
        Value::Map(fields) => {
            for (name, value) in fields {
                settle(value, part(prior, name));
            }
        }
        Value::List(elements) => elements.iter_mut().enumerate().for_each(|(index, element)| {
            let before = match prior {
                Value::List(prior) => prior.get(index).unwrap_or(&Value::Null),
                _ => &Value::Null,
            };
            settle(element, before);
        }),
        Value::Dynamic(typed) => settle(&mut typed.1, &Value::Null),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
