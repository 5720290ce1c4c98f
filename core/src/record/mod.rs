//! Records: what the ledger keeps of environments, deployments, queues, artifacts and overrides.
//!
//! A record is canonical JSON: keys sorted, two spaces of indentation, one line feed at the end,
//! the kind and the version of its schema first among equals. The same value always gives the
//! same bytes. Where a record lies, and how it gets there, is not known here.

mod canonical;
mod error;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub use error::RecordError;

use crate::base::foreign;
use crate::base::revision::RefName;
use crate::base::violation::Violations;

/// A value that the ledger keeps.
pub trait Record: Serialize + DeserializeOwned {
    /// What it is a record of, such as `deployment`.
    const KIND: &'static str;

    /// The folder of its refs, below the prefix of the ledger.
    const SHELF: &'static str;

    /// The newest version of its schema.
    const SCHEMA_VERSION: u64 = 1;

    /// The version of the schema that this very record needs: a lower one than the newest, where it says nothing that
    /// is new.
    fn needed_version(&self) -> u64 {
        Self::SCHEMA_VERSION
    }

    /// The first release that reads this version of the schema. Who finds a record that is too new for
    /// it is told.
    const READABLE_SINCE: &'static str = "0.1.0";

    /// The canonical JSON.
    ///
    /// # Errors
    /// [`RecordError::Unwritable`] or [`RecordError::NotAnObject`] when the value has no JSON object;
    /// every record of this crate has one.
    fn to_json(&self) -> Result<String, RecordError> {
        let kind = Self::KIND;
        let unwritable =
            |error: serde_json::Error| RecordError::Unwritable { kind, said: error.to_string() };
        let value = serde_json::to_value(self).map_err(unwritable)?;
        let Value::Object(mut object) = value else {
            return Err(RecordError::NotAnObject { kind });
        };
        object.insert(KIND_KEY.to_owned(), kind.into());
        let version = self.needed_version();
        object.insert(VERSION_KEY.to_owned(), version.into());
        // The first version needs no such word: every release reads it.
        if version > 1 {
            object.insert(SINCE_KEY.to_owned(), Self::READABLE_SINCE.into());
        }
        canonical::print(&Value::Object(object)).map_err(unwritable)
    }

    /// Reads a record.
    ///
    /// # Errors
    /// What is wrong with it: that it is no JSON, of another kind, written by a newer version, or
    /// that it breaks a rule. The ref it lies at is known to the caller only.
    fn from_json(bytes: &[u8]) -> Result<Self, RecordError> {
        let kind = Self::KIND;
        let value = serde_json::from_slice(bytes)
            .map_err(|error| RecordError::NotJson { kind, said: error.to_string() })?;
        let Value::Object(mut object) = value else {
            return Err(RecordError::NotAnObject { kind });
        };
        check_kind(kind, object.remove(KIND_KEY))?;
        let since = object.remove(SINCE_KEY);
        let version = object.remove(VERSION_KEY);
        check_version(kind, Self::SCHEMA_VERSION, version.as_ref(), since.as_ref())?;
        Self::from_body(object)
    }

    /// Reads what a record says, without its kind and version.
    ///
    /// # Errors
    /// What is wrong with it, as [`Record::from_json`].
    fn from_body(body: Map<String, Value>) -> Result<Self, RecordError> {
        RecordError::invalid_unless(Self::KIND, serde_json::from_value(Value::Object(body)))
    }

    /// Where it lies on its shelf, where the record itself says so.
    fn key(&self) -> Option<String> {
        None
    }

    /// Whether a record may lie at this ref.
    ///
    /// # Errors
    /// The rule that is broken where it may not.
    fn check_place(&self, _name: &RefName) -> Result<(), Violations> {
        Ok(())
    }
}

const KIND_KEY: &str = "kind";
const VERSION_KEY: &str = "schema_version";
const SINCE_KEY: &str = "readable_since";

/// How many letters of the kind of a foreign record are shown.
const SHOWN_KIND: usize = 64;

fn check_kind(kind: &'static str, found: Option<Value>) -> Result<(), RecordError> {
    match found {
        Some(Value::String(found)) if found == kind => Ok(()),
        Some(Value::String(found)) => {
            let found = foreign::word(&found, SHOWN_KIND);
            Err(RecordError::OtherKind { kind, found })
        }
        _ => Err(RecordError::OtherKind { kind, found: "nothing".to_owned() }),
    }
}

fn check_version(
    kind: &'static str,
    known: u64,
    found: Option<&Value>,
    since: Option<&Value>,
) -> Result<(), RecordError> {
    match found.and_then(Value::as_u64) {
        Some(version) if version > known => {
            let release = since.and_then(Value::as_str).filter(|text| is_release(text));
            Err(RecordError::Newer {
                kind,
                found: version,
                known,
                release: release.map(str::to_owned),
            })
        }
        Some(version) if version > 0 => Ok(()),
        _ => Err(RecordError::NoVersion { kind }),
    }
}

/// Whether a text could be the number of a release: nothing else of a foreign record is shown.
fn is_release(text: &str) -> bool {
    text.len() <= 32 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b))
}

#[cfg(test)]
mod tests;
