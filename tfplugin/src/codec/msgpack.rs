//! `MessagePack`, as the host writes and reads it.
//!
//! Unknown values are extensions: type 0 says nothing, type 12 carries refinements. A dynamic value
//! is a pair of its type, as JSON bytes, and itself. Fractions travel as floats only where that is
//! exact, else as decimal text, like integers beyond 64 bits.

use crate::codec::DecodeError;
use crate::types::Type;
use crate::value::Value;

mod decode;
mod encode;
mod reader;
mod refinements;
#[cfg(test)]
mod tests;

/// Reads the value of type `ty` that `bytes` hold, all of them.
///
/// # Errors
/// The bytes are cut short or too long, or hold something else than `ty`.
pub fn decode(bytes: &[u8], ty: &Type) -> Result<Value, DecodeError> {
    let mut reader = reader::Reader::new(bytes);
    let value = decode::value(&mut reader, ty)?;
    match reader.remaining() {
        0 => Ok(value),
        more => Err(DecodeError::new(format!("{more} bytes follow the value"))),
    }
}

/// Writes `value` as a value of type `ty`: an object with exactly the attributes of the type, null
/// where the value has none.
#[must_use]
pub fn encode(value: &Value, ty: &Type) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    encode::value(value, ty, &mut out);
    out
}
