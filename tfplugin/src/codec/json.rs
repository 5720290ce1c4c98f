//! JSON, the form of stored state.
//!
//! Numbers keep every digit. Bools and numbers may be written as strings and the other way round, as
//! the host allows. Unknown values have no JSON.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use crate::codec::{DecodeError, not_json, type_name};
use crate::path::Step;
use crate::types::Type;
use crate::value::Value;

#[cfg(test)]
mod tests;

/// What a value holds that JSON cannot: something unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an unknown value cannot be written as JSON")]
pub struct Unrepresentable;

/// How attributes that the type lacks are met.
#[derive(Clone, Copy, PartialEq)]
enum Extra {
    Refuse,
    Ignore,
}

/// Reads the value of type `ty` that `bytes` hold. A missing attribute is null.
///
/// # Errors
/// The bytes are not JSON, or hold something else than `ty`; an attribute is not in the type.
pub fn decode(bytes: &[u8], ty: &Type) -> Result<Value, DecodeError> {
    read(&parse(bytes)?, ty, Extra::Refuse)
}

/// Reads stored state: like [`decode`], but attributes that the type no longer has are passed over.
///
/// # Errors
/// The bytes are not JSON, or hold something else than `ty`.
pub fn decode_lossy_state(bytes: &[u8], ty: &Type) -> Result<Value, DecodeError> {
    read(&parse(bytes)?, ty, Extra::Ignore)
}

/// Writes `value` as JSON of type `ty`.
///
/// # Errors
/// Something in the value is unknown.
pub fn encode(value: &Value, ty: &Type) -> Result<Vec<u8>, Unrepresentable> {
    write(value, ty).map(|json| json.to_string().into_bytes())
}

fn parse(bytes: &[u8]) -> Result<Json, DecodeError> {
    serde_json::from_slice(bytes)
        .map_err(|error| DecodeError::new(format!("the bytes are not JSON: {}", not_json(&error))))
}

fn read(json: &Json, ty: &Type, extra: Extra) -> Result<Value, DecodeError> {
    match (ty, json) {
        (_, Json::Null) => Ok(Value::Null),
        (Type::String, Json::String(text)) => Ok(Value::String(text.clone())),
        (Type::String, Json::Bool(_) | Json::Number(_)) => Ok(Value::String(json.to_string())),
        (Type::Bool, Json::Bool(flag)) => Ok(Value::Bool(*flag)),
        (Type::Bool, Json::String(text)) if text == "true" || text == "false" => {
            Ok(Value::Bool(text == "true"))
        }
        (Type::Number, Json::Number(number)) => self::number(number.as_str()),
        (Type::Number, Json::String(text)) => number(text),
        (Type::List(element), Json::Array(elements)) => {
            sequence(elements, std::iter::repeat(&**element), extra)
        }
        (Type::Set(element), Json::Array(elements)) => {
            sequence(elements, std::iter::repeat(&**element), extra)
                .map_err(DecodeError::inside_set)
        }
        (Type::Tuple(types), Json::Array(elements)) if types.len() == elements.len() => {
            sequence(elements, types, extra)
        }
        (Type::Map(element), Json::Object(elements)) => map(elements, element, extra),
        (Type::Object(types), Json::Object(elements)) => object(elements, types, extra),
        (Type::Dynamic, Json::Object(parts)) => dynamic(parts, extra),
        _ => Err(DecodeError::expected(type_name(ty), name(json))),
    }
}

fn number(text: &str) -> Result<Value, DecodeError> {
    let number = text.parse().map_err(|error| DecodeError::new(format!("{error}")));
    number.map(Value::Number)
}

fn sequence<'t>(
    elements: &[Json],
    types: impl IntoIterator<Item = &'t Type>,
    extra: Extra,
) -> Result<Value, DecodeError> {
    let read = |(index, (json, ty)): (usize, (&Json, &Type))| {
        read(json, ty, extra).map_err(|error| error.inside_index(index))
    };
    elements.iter().zip(types).enumerate().map(read).collect::<Result<_, _>>().map(Value::List)
}

fn map(elements: &Map<String, Json>, ty: &Type, extra: Extra) -> Result<Value, DecodeError> {
    let read = |(key, json): (&String, &Json)| {
        let value = read(json, ty, extra);
        Ok((key.clone(), value.map_err(|error| error.inside(Step::Key(key.clone())))?))
    };
    elements.iter().map(read).collect::<Result<_, _>>().map(Value::Map)
}

fn object(
    elements: &Map<String, Json>,
    types: &BTreeMap<String, Type>,
    extra: Extra,
) -> Result<Value, DecodeError> {
    if extra == Extra::Refuse
        && let Some(name) = elements.keys().find(|name| !types.contains_key(*name))
    {
        return Err(DecodeError::new(format!("attribute {name:?} is not in the schema")));
    }
    let read = |(name, ty): (&String, &Type)| {
        let value = read(elements.get(name).unwrap_or(&Json::Null), ty, extra);
        let inside = |error: DecodeError| error.inside(Step::Attribute(name.clone().into()));
        Ok((name.clone(), value.map_err(inside)?))
    };
    types.iter().map(read).collect::<Result<_, _>>().map(Value::Map)
}

fn dynamic(parts: &Map<String, Json>, extra: Extra) -> Result<Value, DecodeError> {
    let (Some(ty), Some(json)) = (parts.get("type"), parts.get("value")) else {
        return Err(DecodeError::new("a dynamic value needs both \"type\" and \"value\""));
    };
    let ty = Type::read_json(ty).map_err(|error| DecodeError::new(error.to_string()))?;
    let value = read(json, &ty, extra)?;
    Ok(Value::Dynamic(Box::new((ty, value))))
}

fn name(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "a bool",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "an array",
        Json::Object(_) => "an object",
    }
}

fn write(value: &Value, ty: &Type) -> Result<Json, Unrepresentable> {
    Ok(match (value, ty) {
        (Value::Null, _) => Json::Null,
        (Value::Unknown(_), _) => return Err(Unrepresentable),
        (Value::Dynamic(typed), Type::Dynamic) => tagged(&typed.1, &typed.0)?,
        (Value::Dynamic(typed), ty) => write(&typed.1, ty)?,
        (bare, Type::Dynamic) => tagged(bare, &Type::of(bare))?,
        (Value::Bool(flag), _) => Json::Bool(*flag),
        (Value::Number(number), _) => numeral(&number.to_string()),
        (Value::String(text), _) => Json::String(text.clone()),
        (Value::List(elements), ty) => {
            let element = |(index, element)| write(element, element_type(ty, index));
            Json::Array(elements.iter().enumerate().map(element).collect::<Result<_, _>>()?)
        }
        (Value::Map(elements), Type::Object(types)) => {
            let attribute = |(name, ty): (&String, &Type)| {
                Ok((name.clone(), write(elements.get(name).unwrap_or(&Value::Null), ty)?))
            };
            Json::Object(types.iter().map(attribute).collect::<Result<_, _>>()?)
        }
        (Value::Map(elements), ty) => {
            let element = |(key, element): (&String, &Value)| {
                Ok((key.clone(), write(element, element_type(ty, 0))?))
            };
            Json::Object(elements.iter().map(element).collect::<Result<_, _>>()?)
        }
    })
}

fn element_type(ty: &Type, index: usize) -> &Type {
    match ty {
        Type::List(element) | Type::Set(element) | Type::Map(element) => element,
        Type::Tuple(types) => types.get(index).unwrap_or(&Type::Dynamic),
        _ => &Type::Dynamic,
    }
}

/// Decimal text is always JSON; were it not, the text itself would be accepted for a number.
fn numeral(text: &str) -> Json {
    text.parse().map_or_else(|_| Json::String(text.to_owned()), Json::Number)
}

fn tagged(value: &Value, ty: &Type) -> Result<Json, Unrepresentable> {
    let parts = [("type".to_owned(), ty.to_json_value()), ("value".to_owned(), write(value, ty)?)];
    Ok(Json::Object(Map::from_iter(parts)))
}
