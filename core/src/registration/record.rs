//! The record of a registration: the thing itself, with who registered it and when beside its fields.

use std::ops::Deref;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::Registrable;
use crate::record::{Record, RecordError};
use crate::{Actor, Timestamp};

/// A thing as it was registered.
#[derive(Debug, Clone, PartialEq)]
pub struct Registered<T> {
    /// The thing.
    pub what: T,
    /// When it was registered.
    pub registered_at: Timestamp,
    /// Who registered it or changed it last.
    pub registered_by: Actor,
    /// When it was changed last.
    pub updated_at: Option<Timestamp>,
}

impl<T> Registered<T> {
    /// When it was written as it is.
    #[must_use]
    pub fn written_at(&self) -> Timestamp {
        self.updated_at.unwrap_or(self.registered_at)
    }
}

impl<T> Deref for Registered<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.what
    }
}

/// What stands beside the fields of the thing.
#[derive(Serialize, Deserialize)]
struct Stamp {
    registered_at: Timestamp,
    registered_by: Actor,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    updated_at: Option<Timestamp>,
}

// By hand, because serde's `flatten` loses numbers where somebody else in the program keeps them exact.
impl<T: Serialize> Serialize for Registered<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let stamp = Stamp {
            registered_at: self.registered_at,
            registered_by: self.registered_by.clone(),
            updated_at: self.updated_at,
        };
        let parts = [serde_json::to_value(&self.what), serde_json::to_value(stamp)];
        let mut fields = Map::new();
        for part in parts {
            match part.map_err(serde::ser::Error::custom)? {
                Value::Object(part) => fields.extend(part),
                _ => return Err(serde::ser::Error::custom("it has no fields")),
            }
        }
        fields.serialize(serializer)
    }
}

impl<'de, T: serde::de::DeserializeOwned> Deserialize<'de> for Registered<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = Value::Object(Map::deserialize(deserializer)?);
        let Stamp { registered_at, registered_by, updated_at } =
            Stamp::deserialize(&fields).map_err(D::Error::custom)?;
        let what = serde_json::from_value(fields).map_err(D::Error::custom)?;
        Ok(Self { what, registered_at, registered_by, updated_at })
    }
}

impl<T: Registrable> Record for Registered<T> {
    const KIND: &'static str = T::KIND;
    const SHELF: &'static str = T::SHELF;
    const SCHEMA_VERSION: u64 = T::SCHEMA_VERSION;
    const READABLE_SINCE: &'static str = T::READABLE_SINCE;

    fn needed_version(&self) -> u64 {
        self.what.needed_version()
    }

    fn from_body(body: Map<String, Value>) -> Result<Self, RecordError> {
        T::check_fields(&body).map_err(|faults| RecordError::Broken { kind: T::KIND, faults })?;
        RecordError::invalid_unless(T::KIND, serde_json::from_value(Value::Object(body)))
    }

    fn key(&self) -> Option<String> {
        Some(self.what.key())
    }
}
