//! What Terraform sends: the type in the first line, as JSON, and a value of it in the rest.

use tfplugin::codec::{json, msgpack};
use tfplugin::types::Type;

use crate::Outcome;
use crate::laws::unread;

pub(crate) fn check(bytes: &[u8]) -> Outcome {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let Ok(ty) = Type::from_json(&bytes[..end]) else { return Outcome::Refused };
    match Type::from_json(ty.to_json().as_bytes()) {
        Ok(again) => assert_eq!(again, ty),
        Err(error) => unread(&ty.to_json(), &error),
    }
    let rest = bytes.get(end + 1..).unwrap_or_default();
    let packed = packed(rest, &ty);
    let written = written(rest, &ty);
    (packed || written).into()
}

fn packed(bytes: &[u8], ty: &Type) -> bool {
    let Ok(value) = msgpack::decode(bytes, ty) else { return false };
    let encoded = msgpack::encode(&value, ty);
    match msgpack::decode(&encoded, ty) {
        Ok(again) => assert_eq!(again, value, "encoded as {encoded:x?}"),
        Err(error) => unread(&format!("{encoded:x?}"), &error),
    }
    true
}

fn written(bytes: &[u8], ty: &Type) -> bool {
    let Ok(value) = json::decode(bytes, ty) else { return false };
    match json::encode(&value, ty) {
        Ok(encoded) => match json::decode(&encoded, ty) {
            Ok(again) => assert_eq!(again, value),
            Err(error) => unread(&String::from_utf8_lossy(&encoded), &error),
        },
        Err(error) => unread("a value of JSON", &error),
    }
    // What was stored travels to Terraform as well.
    match msgpack::decode(&msgpack::encode(&value, ty), ty) {
        Ok(again) => assert_eq!(again, value),
        Err(error) => unread("a value of JSON", &error),
    }
    true
}
