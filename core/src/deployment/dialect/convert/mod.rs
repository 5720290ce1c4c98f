//! A deployment in the words of one system, told in those of another.
//!
//! What is read becomes `Facts`; what is printed is made of them. A fact that the other system has no place for
//! is named beside the result, and one that it needs and nobody told is an error, so nothing is lost or made up
//! without a word.

mod facts;
mod print;
mod read;
#[cfg(test)]
mod tests;

use serde_json::Value;

use super::Dialect;
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, Violations};

pub use facts::Fact;
use facts::Facts;

/// The largest JSON of one deployment that is read, in bytes.
const LARGEST: usize = 1024 * 1024;

/// A deployment in other words.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Converted {
    /// The deployment as the other system has it.
    pub json: Value,
    /// What was told and has no place there.
    pub left_out: Vec<Fact>,
}

/// Tells a deployment in the words of another system.
///
/// # Errors
/// The rules of the system that it is read from; GLB004 for a status that the other system has no word for;
/// OWN044 for what that system needs and nobody told.
pub fn convert(json: &str, from: Dialect, to: Dialect) -> Result<Converted, Violations> {
    let facts = read::read(&parse(json)?, from)?;
    print::print(facts, to)
}

/// Checks the JSON of a deployment in the words of one system.
///
/// # Errors
/// The rules of that system.
pub fn check(json: &Value, of: Dialect) -> Result<(), Violations> {
    read::read(json, of).map(drop)
}

fn parse(json: &str) -> Result<Value, Violation> {
    let refused = |found: String| {
        let next = "Hand over the JSON of one deployment.";
        Violation::new(RuleId::OWN044, found, "the JSON of a deployment, an object", next)
    };
    if json.len() > LARGEST {
        return Err(refused(format!("{} bytes, more than {LARGEST}", json.len())));
    }
    let value: Value = serde_json::from_str(json).map_err(|error| {
        refused(format!(
            "a text that is not JSON at line {}, column {}",
            error.line(),
            error.column()
        ))
    })?;
    if value.is_object() {
        Ok(value)
    } else {
        Err(refused("JSON that is not an object".to_owned()))
    }
}
