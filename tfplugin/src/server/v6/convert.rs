//! Between the wire's messages and the crate's own data: values, paths and diagnostics.

use crate::codec::{DecodeError, json, msgpack};
use crate::diagnostics::{Diagnostic, Diagnostics, Severity};
use crate::guard::{BUG, bug};
use crate::path::{Path, Step};
use crate::server::catalogue::Catalogue;
use crate::types::Type;
use crate::value::Value;
use crate::wire::tfplugin6 as wire;
use wire::attribute_path::step::Selector;

/// Reads a value; one that is absent or empty is null.
pub(super) fn value(ty: &Type, value: Option<&wire::DynamicValue>) -> Result<Value, Diagnostics> {
    let read = match value {
        Some(wire::DynamicValue { msgpack: bytes, .. }) if !bytes.is_empty() => {
            msgpack::decode(bytes, ty)
        }
        Some(wire::DynamicValue { json: bytes, .. }) if !bytes.is_empty() => {
            json::decode(bytes, ty)
        }
        _ => Ok(Value::Null),
    };
    read.map_err(|error| unreadable(&error))
}

fn unreadable(error: &DecodeError) -> Diagnostics {
    let what = format!("A value from the host does not fit the schema: {}.", error.problem());
    bug(error.path(), what).into()
}

/// Reads an identity; null where the resource has none or none is given.
pub(super) fn identity(
    ty: Option<&Type>,
    identity: Option<&wire::ResourceIdentityData>,
) -> Result<Value, Diagnostics> {
    match (ty, identity) {
        (Some(ty), Some(identity)) => value(ty, identity.identity_data.as_ref()),
        _ => Ok(Value::Null),
    }
}

pub(super) fn to_dynamic(value: &Value, ty: &Type) -> wire::DynamicValue {
    wire::DynamicValue { msgpack: msgpack::encode(value, ty).into(), ..Default::default() }
}

/// An identity must be absent where the resource has none, or hosts fail.
pub(super) fn to_identity(value: &Value, ty: Option<&Type>) -> Option<wire::ResourceIdentityData> {
    let ty = ty.filter(|_| !value.is_null())?;
    Some(wire::ResourceIdentityData { identity_data: Some(to_dynamic(value, ty)) })
}

/// Bugs are reported with the provider's version, which only the server knows.
pub(super) fn diagnostics(
    catalogue: &Catalogue,
    diagnostics: Diagnostics,
) -> Vec<wire::Diagnostic> {
    let labelled = |mut each: Diagnostic| {
        if each.summary == BUG {
            each.detail = format!("{}\n\nThe provider is {}.", each.detail, catalogue.label());
        }
        diagnostic(each)
    };
    diagnostics.into_iter().map(labelled).collect()
}

fn diagnostic(diagnostic: Diagnostic) -> wire::Diagnostic {
    let severity = match diagnostic.severity {
        Severity::Error => wire::diagnostic::Severity::Error,
        Severity::Warning => wire::diagnostic::Severity::Warning,
    };
    wire::Diagnostic {
        severity: severity.into(),
        detail: diagnostic.located().into_owned(),
        summary: diagnostic.summary,
        attribute: (!diagnostic.path.is_root()).then(|| path(&diagnostic.path)),
    }
}

pub(super) fn path(path: &Path) -> wire::AttributePath {
    let step = |step: &Step| {
        let selector = match step {
            Step::Attribute(name) => Selector::AttributeName(name.clone().into_owned()),
            Step::Key(key) => Selector::ElementKeyString(key.clone()),
            Step::Index(index) => Selector::ElementKeyInt(*index),
        };
        wire::attribute_path::Step { selector: Some(selector) }
    };
    wire::AttributePath { steps: path.steps().iter().map(step).collect() }
}
