//! Canonical JSON: sorted keys, so that the same value has the same bytes whatever the order in
//! which a map was filled.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::Value;

/// Prints a value with sorted keys, indented by two spaces, with a line feed at the end.
pub(super) fn print(value: &Value) -> Result<String, serde_json::Error> {
    Ok(serde_json::to_string_pretty(&Sorted(value))? + "\n")
}

struct Sorted<'a>(&'a Value);

impl Serialize for Sorted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(object) => {
                let sorted: BTreeMap<_, _> =
                    object.iter().map(|(key, value)| (key, Sorted(value))).collect();
                serializer.collect_map(sorted)
            }
            Value::Array(list) => serializer.collect_seq(list.iter().map(Sorted)),
            other => other.serialize(serializer),
        }
    }
}
