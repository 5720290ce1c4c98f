//! Bytes to values and back, exact for every type, directed by the type.
//!
//! The host speaks [`msgpack`] in requests and keeps stored state as [`json`].

use std::fmt;

use crate::path::{Path, Step};
use crate::types::Type;

pub mod json;
pub mod msgpack;
#[cfg(test)]
pub(crate) mod samples;

/// How deeply values and types may be nested. It is what `serde_json` allows, so that both forms of a
/// value are refused at the same depth, and nothing that recurses over a value runs out of stack.
pub const DEEPEST: usize = 128;

/// Why `serde_json` gave up, with the limit where that is the reason.
pub(crate) fn not_json(error: &serde_json::Error) -> String {
    // The library has no other name for it.
    if error.to_string().starts_with("recursion limit exceeded") {
        return too_deep().problem;
    }
    error.to_string()
}

fn too_deep() -> DecodeError {
    DecodeError::new(format!("nested more than {DEEPEST} levels deep"))
}

/// Bytes that are not a value of the expected type, and where in the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeError {
    /// The steps from the place of the problem outwards, in that order.
    steps: Vec<Step>,
    problem: String,
}

impl DecodeError {
    fn new(problem: impl Into<String>) -> Self {
        Self { steps: Vec::new(), problem: problem.into() }
    }

    fn expected(what: &str, found: &str) -> Self {
        Self::new(format!("expected {what}, found {found}"))
    }

    fn inside(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// Elements of a set cannot be addressed, so the path ends at the set.
    fn inside_set(mut self) -> Self {
        self.steps.clear();
        self
    }

    fn inside_index(self, index: usize) -> Self {
        self.inside(Step::Index(i64::try_from(index).unwrap_or(i64::MAX)))
    }

    /// Where in the value the problem is.
    #[must_use]
    pub fn path(&self) -> Path {
        self.steps.iter().rev().cloned().collect()
    }

    /// What was expected and what was found.
    #[must_use]
    pub fn problem(&self) -> &str {
        &self.problem
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path() {
            path if path.is_root() => f.write_str(&self.problem),
            path => write!(f, "{path}: {}", self.problem),
        }
    }
}

impl std::error::Error for DecodeError {}

/// A type in the words of an error.
fn type_name(ty: &Type) -> &'static str {
    match ty {
        Type::String => "a string",
        Type::Number => "a number",
        Type::Bool => "a bool",
        Type::Dynamic => "a dynamic value with its type",
        Type::List(_) => "a list",
        Type::Set(_) => "a set",
        Type::Map(_) => "a map",
        Type::Tuple(_) => "a tuple",
        Type::Object(_) => "an object",
    }
}
