//! Tokens to values, directed by the type.

use std::collections::BTreeMap;

use super::reader::{Reader, Token};
use super::refinements;
use crate::codec::{DecodeError, type_name};
use crate::path::Step;
use crate::types::Type;
use crate::value::{Number, Value};

pub(super) fn value(reader: &mut Reader<'_>, ty: &Type) -> Result<Value, DecodeError> {
    match reader.token()? {
        Token::Nil => Ok(Value::Null),
        Token::Extension(code, body) => Ok(Value::Unknown(refinements::read(code, body)?)),
        token => reader.deeper(|reader| known(reader, token, ty)),
    }
}

fn known(reader: &mut Reader<'_>, token: Token<'_>, ty: &Type) -> Result<Value, DecodeError> {
    match (ty, token) {
        (Type::String, Token::Text(bytes)) => Ok(Value::String(text(bytes)?.to_owned())),
        (Type::Bool, Token::Bool(flag)) => Ok(Value::Bool(flag)),
        (Type::Number, token) => number(token).map(Value::Number),
        (Type::List(element), Token::Array(length)) => sequence(reader, length, |_| Some(element)),
        (Type::Set(element), Token::Array(length)) => {
            sequence(reader, length, |_| Some(element)).map_err(DecodeError::inside_set)
        }
        (Type::Tuple(types), Token::Array(length)) if types.len() == length => {
            sequence(reader, length, |index| types.get(index))
        }
        (Type::Tuple(types), Token::Array(length)) => Err(DecodeError::expected(
            &format!("a tuple of {} elements", types.len()),
            &length.to_string(),
        )),
        (Type::Map(element), Token::Map(length)) => map(reader, length, element),
        (Type::Object(types), Token::Map(length)) => object(reader, length, types),
        (Type::Dynamic, Token::Array(2)) => dynamic(reader),
        (ty, token) => Err(DecodeError::expected(type_name(ty), token.name())),
    }
}

fn text(bytes: &[u8]) -> Result<&str, DecodeError> {
    str::from_utf8(bytes).map_err(|_| DecodeError::new("the string is not valid UTF-8"))
}

pub(super) fn number(token: Token<'_>) -> Result<Number, DecodeError> {
    let read = match token {
        Token::Signed(integer) => return Ok(integer.into()),
        Token::Unsigned(integer) => return Ok(integer.into()),
        Token::Float(float) => Number::try_from(float),
        Token::Text(bytes) => text(bytes)?.parse(),
        other => return Err(DecodeError::expected("a number", other.name())),
    };
    read.map_err(|error| DecodeError::new(error.to_string()))
}

/// No more room is reserved than this many values take; what really comes makes room for itself. Lists
/// in lists may each claim a length that the bytes do not hold.
const RESERVED: usize = 256;

fn sequence<'t>(
    reader: &mut Reader<'_>,
    length: usize,
    ty: impl Fn(usize) -> Option<&'t Type>,
) -> Result<Value, DecodeError> {
    let mut elements = Vec::with_capacity(length.min(RESERVED));
    for index in 0..length {
        let element = value(reader, ty(index).unwrap_or(&Type::Dynamic));
        elements.push(element.map_err(|error| error.inside_index(index))?);
    }
    Ok(Value::List(elements))
}

fn key(reader: &mut Reader<'_>) -> Result<String, DecodeError> {
    match reader.token()? {
        Token::Text(bytes) => text(bytes).map(str::to_owned),
        other => Err(DecodeError::expected("a string as key", other.name())),
    }
}

fn map(reader: &mut Reader<'_>, length: usize, element: &Type) -> Result<Value, DecodeError> {
    let mut elements = BTreeMap::new();
    for _ in 0..length {
        let key = key(reader)?;
        let value = value(reader, element).map_err(|error| error.inside(Step::Key(key.clone())))?;
        elements.insert(key, value);
    }
    Ok(Value::Map(elements))
}

fn object(
    reader: &mut Reader<'_>,
    length: usize,
    types: &BTreeMap<String, Type>,
) -> Result<Value, DecodeError> {
    let mut attributes = BTreeMap::new();
    for _ in 0..length {
        let name = key(reader)?;
        let ty = types.get(&name).ok_or_else(|| unexpected(&name))?;
        let value = value(reader, ty)
            .map_err(|error| error.inside(Step::Attribute(name.clone().into())))?;
        attributes.insert(name, value);
    }
    match types.keys().find(|name| !attributes.contains_key(*name)) {
        Some(missing) => Err(DecodeError::new(format!("attribute {missing:?} is missing"))),
        None => Ok(Value::Map(attributes)),
    }
}

fn unexpected(name: &str) -> DecodeError {
    DecodeError::new(format!("attribute {name:?} is not in the schema"))
}

fn dynamic(reader: &mut Reader<'_>) -> Result<Value, DecodeError> {
    let header = match reader.token()? {
        Token::Bytes(bytes) | Token::Text(bytes) => bytes,
        other => return Err(DecodeError::expected("the type of a dynamic value", other.name())),
    };
    let ty = Type::from_json(header).map_err(|error| DecodeError::new(error.to_string()))?;
    let value = value(reader, &ty)?;
    Ok(Value::Dynamic(Box::new((ty, value))))
}
