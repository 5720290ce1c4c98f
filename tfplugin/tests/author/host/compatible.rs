//! Whether a later object keeps what an earlier plan promised: the second plan against the first,
//! and the result of an apply against its plan. From the host's `AssertObjectCompatible`.

use tfplugin::Value;
use tfplugin::schema::{Block, Nesting};
use tfplugin::types::Type;

use super::attr;

/// Every promise of `planned` that `actual` breaks.
pub fn faults(block: &Block, planned: &Value, actual: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    objects(block, planned, actual, "", &mut faults);
    faults
}

fn objects(block: &Block, planned: &Value, actual: &Value, at: &str, faults: &mut Vec<String>) {
    if planned.is_unknown() {
        return;
    }
    if planned.is_null() != actual.is_null() {
        return faults.push(format!("{at}: presence was {planned:?}, but now {actual:?}"));
    }
    for each in &block.attributes {
        let at = format!("{at}.{}", each.name);
        values(&each.ty(), attr(planned, &each.name), attr(actual, &each.name), &at, faults);
    }
    for each in &block.blocks {
        let at = format!("{at}.{}", each.name);
        let (planned, actual) = (attr(planned, &each.name), attr(actual, &each.name));
        match (each.nesting, planned, actual) {
            (Nesting::Single, _, _) => objects(&each.block, planned, actual, &at, faults),
            (_, Value::Unknown(_), _) => {}
            (_, Value::List(planned), Value::List(actual)) => {
                if planned.len() != actual.len() {
                    faults.push(format!("{at}: block count changed"));
                }
                for (i, (planned, actual)) in planned.iter().zip(actual).enumerate() {
                    objects(&each.block, planned, actual, &format!("{at}[{i}]"), faults);
                }
            }
            _ => faults.push(format!("{at}: blocks are not a list")),
        }
    }
}

fn values(ty: &Type, planned: &Value, actual: &Value, at: &str, faults: &mut Vec<String>) {
    match (ty, planned, actual) {
        (_, Value::Unknown(_), _) => {}
        (_, _, Value::Unknown(_)) => faults.push(format!("{at}: was known, but now unknown")),
        (_, Value::Null, Value::Null) => {}
        (_, Value::Null, _) => faults.push(format!("{at}: was null, but now {actual:?}")),
        (_, _, Value::Null) => faults.push(format!("{at}: was {planned:?}, but now null")),
        (Type::Object(types), _, _) => {
            for (name, ty) in types {
                let at = format!("{at}.{name}");
                values(ty, attr(planned, name), attr(actual, name), &at, faults);
            }
        }
        (Type::List(ty), Value::List(planned), Value::List(actual)) => {
            if planned.len() != actual.len() {
                return faults.push(format!("{at}: length changed"));
            }
            for (i, (planned, actual)) in planned.iter().zip(actual).enumerate() {
                values(ty, planned, actual, &format!("{at}[{i}]"), faults);
            }
        }
        (Type::Map(ty), Value::Map(planned), Value::Map(actual)) => {
            for key in planned.keys().filter(|key| !actual.contains_key(*key)) {
                faults.push(format!("{at}: element {key:?} has vanished"));
            }
            for (key, actual) in actual {
                match planned.get(key) {
                    Some(planned) => values(ty, planned, actual, &format!("{at}[{key:?}]"), faults),
                    None => faults.push(format!("{at}: new element {key:?} has appeared")),
                }
            }
        }
        (Type::Set(ty), Value::List(planned), Value::List(actual)) => {
            let fits = |planned: &Value, actual: &Value| {
                let mut faults = Vec::new();
                values(ty, planned, actual, at, &mut faults);
                faults.is_empty()
            };
            if planned.iter().any(|p| !actual.iter().any(|a| fits(p, a))) {
                faults
                    .push(format!("{at}: planned set element does not correlate with any element"));
            }
            if actual.len() > planned.len() {
                faults.push(format!("{at}: the set has grown"));
            }
        }
        _ if planned == actual => {}
        _ => faults.push(format!("{at}: was {planned:?}, but now {actual:?}")),
    }
}
