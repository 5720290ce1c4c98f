//! Values to bytes, directed by the type, in the shortest form of each.

use std::collections::BTreeMap;

use super::refinements;
use crate::types::Type;
use crate::value::{Number, Value};

const NIL: u8 = 0xc0;

pub(super) fn value(value: &Value, ty: &Type, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.push(NIL),
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
    out.push(if flag { 0xc3 } else { 0xc2 });
}

pub(super) fn number(number: &Number, out: &mut Vec<u8>) {
    if let Some(value) = number.as_i64() {
        integer(value, out);
    } else if let Some(fraction) = number.as_exact_fraction() {
        out.push(0xcb);
        out.extend(fraction.to_be_bytes());
    } else {
        text(&number.to_string(), out);
    }
}

fn integer(value: i64, out: &mut Vec<u8>) {
    match u64::try_from(value) {
        Ok(value) => unsigned(value, out),
        Err(_) => negative(value, out),
    }
}

fn unsigned(value: u64, out: &mut Vec<u8>) {
    if let Ok(value) = u8::try_from(value) {
        if value > 0x7f {
            out.push(0xcc);
        }
        out.push(value);
    } else if let Ok(value) = u16::try_from(value) {
        out.push(0xcd);
        out.extend(value.to_be_bytes());
    } else if let Ok(value) = u32::try_from(value) {
        out.push(0xce);
        out.extend(value.to_be_bytes());
    } else {
        out.push(0xcf);
        out.extend(value.to_be_bytes());
    }
}

fn negative(value: i64, out: &mut Vec<u8>) {
    if let Ok(value) = i8::try_from(value) {
        if value < -32 {
            out.push(0xd0);
        }
        out.extend(value.to_be_bytes());
    } else if let Ok(value) = i16::try_from(value) {
        out.push(0xd1);
        out.extend(value.to_be_bytes());
    } else if let Ok(value) = i32::try_from(value) {
        out.push(0xd2);
        out.extend(value.to_be_bytes());
    } else {
        out.push(0xd3);
        out.extend(value.to_be_bytes());
    }
}

pub(super) fn text(text: &str, out: &mut Vec<u8>) {
    match u8::try_from(text.len()) {
        Ok(length @ 0..=31) => out.push(0xa0 | length),
        _ => sized([0xd9, 0xda, 0xdb], text.len(), out),
    }
    out.extend(text.as_bytes());
}

fn bytes(bytes: &[u8], out: &mut Vec<u8>) {
    sized([0xc4, 0xc5, 0xc6], bytes.len(), out);
    out.extend(bytes);
}

pub(super) fn array(length: usize, out: &mut Vec<u8>) {
    match u8::try_from(length) {
        Ok(length @ 0..=15) => out.push(0x90 | length),
        // No code has a length of one byte here, so both narrow forms share one.
        _ => wide([0xdc, 0xdd], length, out),
    }
}

fn map_header(length: usize, out: &mut Vec<u8>) {
    match u8::try_from(length) {
        Ok(length @ 0..=15) => out.push(0x80 | length),
        _ => wide([0xde, 0xdf], length, out),
    }
}

pub(super) fn extension(code: i8, body: &[u8], out: &mut Vec<u8>) {
    match body.len() {
        1 => out.push(0xd4),
        2 => out.push(0xd5),
        4 => out.push(0xd6),
        8 => out.push(0xd7),
        16 => out.push(0xd8),
        length => sized([0xc7, 0xc8, 0xc9], length, out),
    }
    out.extend(code.to_be_bytes());
    out.extend(body);
}

/// A lead byte by the width of the length, then the length.
fn sized(leads: [u8; 3], length: usize, out: &mut Vec<u8>) {
    match u8::try_from(length) {
        Ok(length) => out.extend([leads[0], length]),
        Err(_) => wide([leads[1], leads[2]], length, out),
    }
}

fn wide(leads: [u8; 2], length: usize, out: &mut Vec<u8>) {
    if let Ok(length) = u16::try_from(length) {
        out.push(leads[0]);
        out.extend(length.to_be_bytes());
    } else {
        // Messages are limited far below 4 GiB, so the length always fits.
        out.push(leads[1]);
        out.extend(u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
    }
}
