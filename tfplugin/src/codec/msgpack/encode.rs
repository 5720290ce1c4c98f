//! Values to bytes, directed by the type, in the shortest form of each.

use std::collections::BTreeMap;

use rmp::encode;

use super::refinements;
use crate::types::Type;
use crate::value::{Number, Value};

pub(super) fn value(value: &Value, ty: &Type, out: &mut Vec<u8>) {
    match value {
        Value::Null => written(encode::write_nil(out)),
        Value::Unknown(facts) => refinements::write(facts, out),
        Value::Dynamic(typed) if *ty == Type::Dynamic => dynamic(&typed.1, &typed.0, out),
        // A schema that is not dynamic here has no place for the type.
        Value::Dynamic(typed) => self::value(&typed.1, ty, out),
        bare if *ty == Type::Dynamic => dynamic(bare, &Type::of(bare), out),
        Value::Bool(flag) => bool(*flag, out),
        Value::Number(value) => number(value, out),
        Value::String(value) => text(value, out),
        Value::List(elements) => sequence(elements, ty, out),
        Value::Map(elements) => match ty {
            Type::Object(types) => object(elements, types, out),
            Type::Map(element) => map(elements, |_| element, out),
            _ => map(elements, |_| &Type::Dynamic, out),
        },
    }
}

fn sequence(elements: &[Value], ty: &Type, out: &mut Vec<u8>) {
    array(elements.len(), out);
    for (index, element) in elements.iter().enumerate() {
        let ty = match ty {
            Type::List(ty) | Type::Set(ty) => ty,
            Type::Tuple(types) => types.get(index).unwrap_or(&Type::Dynamic),
            _ => &Type::Dynamic,
        };
        value(element, ty, out);
    }
}

fn map<'t>(elements: &BTreeMap<String, Value>, ty: impl Fn(&str) -> &'t Type, out: &mut Vec<u8>) {
    map_header(elements.len(), out);
    for (key, element) in elements {
        text(key, out);
        value(element, ty(key), out);
    }
}

/// The host counts attributes, so exactly those of the type are written.
fn object(elements: &BTreeMap<String, Value>, types: &BTreeMap<String, Type>, out: &mut Vec<u8>) {
    map_header(types.len(), out);
    for (name, ty) in types {
        text(name, out);
        value(elements.get(name).unwrap_or(&Value::Null), ty, out);
    }
}

fn dynamic(inner: &Value, ty: &Type, out: &mut Vec<u8>) {
    array(2, out);
    bytes(ty.to_json().as_bytes(), out);
    value(inner, ty, out);
}

pub(super) fn bool(flag: bool, out: &mut Vec<u8>) {
    written(encode::write_bool(out, flag));
}

pub(super) fn number(number: &Number, out: &mut Vec<u8>) {
    if let Some(value) = number.as_i64() {
        written(encode::write_sint(out, value));
    } else if let Some(fraction) = number.as_exact_fraction() {
        written(encode::write_f64(out, fraction));
    } else {
        text(&number.to_string(), out);
    }
}

pub(super) fn text(text: &str, out: &mut Vec<u8>) {
    written(encode::write_str(out, text));
}

fn bytes(bytes: &[u8], out: &mut Vec<u8>) {
    written(encode::write_bin(out, bytes));
}

pub(super) fn array(length: usize, out: &mut Vec<u8>) {
    written(encode::write_array_len(out, short(length)));
}

fn map_header(length: usize, out: &mut Vec<u8>) {
    written(encode::write_map_len(out, short(length)));
}

pub(super) fn extension(code: i8, body: &[u8], out: &mut Vec<u8>) {
    written(encode::write_ext_meta(out, short(body.len()), code));
    out.extend(body);
}

/// Messages are limited far below 4 GiB, so the length always fits.
fn short(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// Writing into memory cannot fail.
fn written<T, E>(result: Result<T, E>) {
    drop(result);
}
