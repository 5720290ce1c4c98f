//! Equality as the host sees it: the members of a set have no order.

use crate::types::Type;
use crate::value::Value;

/// Whether two values of type `ty` are the same.
pub(crate) fn same(ty: &Type, a: &Value, b: &Value) -> bool {
    match (ty, a, b) {
        (Type::Set(inner), Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().all(|a| b.iter().any(|b| same(inner, a, b)))
        }
        (Type::List(inner), Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(inner, a, b))
        }
        (Type::Tuple(types), Value::List(a), Value::List(b)) => {
            a.len() == b.len() && types.iter().zip(a.iter().zip(b)).all(|(t, (a, b))| same(t, a, b))
        }
        (Type::Map(inner), Value::Map(a), Value::Map(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(inner, a, b)))
        }
        (Type::Object(types), Value::Map(a), Value::Map(b)) => types.iter().all(
            |(name, ty)| matches!((a.get(name), b.get(name)), (Some(a), Some(b)) if same(ty, a, b)),
        ),
        (Type::Dynamic, Value::Dynamic(a), Value::Dynamic(b)) => {
            a.0 == b.0 && same(&a.0, &a.1, &b.1)
        }
        (_, a, b) => a == b,
    }
}
