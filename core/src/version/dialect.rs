//! A version in the JSON of the documented systems, written out in its parts.

use serde::Deserialize as _;
use serde_json::{Value, json};

use super::{Version, VersionParts};
use crate::base::dialect::{Dialect, Documented, Told};
use crate::base::foreign;
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, Violations};

/// A version from its parts.
///
/// # Errors
/// VER003 to VER005 for parts that are missing, unknown or do not go together.
pub(crate) fn of_parts(json: &Value) -> Result<Version, Violations> {
    let parts = VersionParts::deserialize(json).map_err(|error| {
        let next = "Write all parts of the version.";
        let found = foreign::text(&error.to_string());
        Violation::new(RuleId::VER005, found, "the parts of a version", next)
    })?;
    parts.try_into()
}

impl Documented for Version {
    const DIALECTS: &'static [Dialect] = &[Dialect::D001];

    fn read(json: &Value, _: Dialect) -> Result<Self, Violations> {
        of_parts(json)
    }

    fn tell(&self, _: Dialect) -> Result<Told, Violations> {
        Ok(Told::whole(json!(VersionParts::from(self))))
    }
}
