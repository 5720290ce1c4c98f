//! What is known of an unknown value: the body of extension 12, a map under small integers.

use super::decode::number;
use super::encode;
use super::reader::{Reader, Token};
use crate::codec::DecodeError;
use crate::value::{Number, Refined, Refinements};

const PLAIN: i8 = 0;
const REFINED: i8 = 12;
/// The host refuses a longer body.
const BODY_LIMIT: usize = 1024;

/// Any extension is an unknown value; only code 12 with more than a byte says more.
pub(super) fn read(code: i8, body: &[u8]) -> Result<Refinements, DecodeError> {
    if code != REFINED || body.len() <= 1 {
        return Ok(Refinements(None));
    }
    let mut reader = Reader::new(body);
    let Token::Map(length) = reader.token()? else {
        return Err(DecodeError::new("the refinements of an unknown value are not a map"));
    };
    let mut refined = Refined::default();
    for _ in 0..length {
        entry(&mut reader, &mut refined)?;
    }
    Ok(Refinements((refined != Refined::default()).then(|| Box::new(refined))))
}

fn entry(reader: &mut Reader<'_>, refined: &mut Refined) -> Result<(), DecodeError> {
    let key = number(reader.token()?)?.as_i64();
    match key {
        Some(1) => refined.nullness = Some(flag(reader)?),
        Some(2) => refined.prefix = Some(prefix(reader)?),
        Some(3) => refined.lower = Some(bound(reader)?),
        Some(4) => refined.upper = Some(bound(reader)?),
        Some(5) => refined.min_length = number(reader.token()?)?.as_i64(),
        Some(6) => refined.max_length = number(reader.token()?)?.as_i64(),
        // A host newer than this crate may know more of the value.
        _ => reader.skip()?,
    }
    Ok(())
}

fn flag(reader: &mut Reader<'_>) -> Result<bool, DecodeError> {
    match reader.token()? {
        Token::Bool(flag) => Ok(flag),
        other => Err(DecodeError::expected("a bool in a refinement", other.name())),
    }
}

fn prefix(reader: &mut Reader<'_>) -> Result<String, DecodeError> {
    match reader.token()? {
        Token::Text(bytes) => Ok(String::from_utf8_lossy(bytes).into_owned()),
        other => Err(DecodeError::expected("a string in a refinement", other.name())),
    }
}

fn bound(reader: &mut Reader<'_>) -> Result<(Number, bool), DecodeError> {
    match reader.token()? {
        Token::Array(2) => Ok((number(reader.token()?)?, flag(reader)?)),
        other => Err(DecodeError::expected("a bound and whether it is included", other.name())),
    }
}

pub(super) fn write(refinements: &Refinements, out: &mut Vec<u8>) {
    let body = refinements.0.as_deref().map(body).unwrap_or_default();
    if body.len() > 1 && body.len() <= BODY_LIMIT {
        encode::extension(REFINED, &body, out);
    } else {
        encode::extension(PLAIN, &[0], out);
    }
}

fn body(refined: &Refined) -> Vec<u8> {
    let mut entries = 0;
    let mut out = Vec::new();
    let mut key = |key: u8, out: &mut Vec<u8>| {
        entries += 1;
        out.push(key);
    };
    if let Some(nullness) = refined.nullness {
        key(1, &mut out);
        encode::bool(nullness, &mut out);
    }
    if let Some(prefix) = &refined.prefix {
        key(2, &mut out);
        encode::text(prefix, &mut out);
    }
    for (code, bound) in [(3, &refined.lower), (4, &refined.upper)] {
        if let Some((limit, inclusive)) = bound {
            key(code, &mut out);
            encode::array(2, &mut out);
            encode::number(limit, &mut out);
            encode::bool(*inclusive, &mut out);
        }
    }
    for (code, length) in [(5, refined.min_length), (6, refined.max_length)] {
        if let Some(length) = length {
            key(code, &mut out);
            encode::number(&length.into(), &mut out);
        }
    }
    out.insert(0, 0x80 | entries);
    out
}
