//! Values as the host sends them: every type, null, and unknown with what is known of it.

use std::collections::BTreeMap;

use crate::types::Type;

mod number;
pub use number::{Number, NumberError};

/// A value of some [`Type`], which travels beside it.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// No value, of any type.
    Null,
    /// Not known until apply.
    Unknown(Refinements),
    /// A bool.
    Bool(bool),
    /// A number, exact.
    Number(Number),
    /// A string.
    String(String),
    /// A list, set or tuple.
    List(Vec<Value>),
    /// A map or object; an object holds every attribute of its type.
    Map(BTreeMap<String, Value>),
    /// A value of a dynamic type, with the type it chose.
    Dynamic(Box<(Type, Value)>),
}

/// What is known of an unknown value. All absent: nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Refinements(pub Option<Box<Refined>>);

/// The facts of a refined unknown value.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Refined {
    /// `Some(false)`: certainly not null.
    pub nullness: Option<bool>,
    /// A string starts with this.
    pub prefix: Option<String>,
    /// A number's lower bound, and whether the bound itself is allowed.
    pub lower: Option<(Number, bool)>,
    /// A number's upper bound, and whether the bound itself is allowed.
    pub upper: Option<(Number, bool)>,
    /// A collection has at least this many elements.
    pub min_length: Option<i64>,
    /// A collection has at most this many elements.
    pub max_length: Option<i64>,
}

impl Value {
    /// An unknown value of which nothing is known.
    #[must_use]
    pub const fn unknown() -> Self {
        Self::Unknown(Refinements(None))
    }

    /// Whether this is null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether this is itself unknown; its elements may be even if it is not.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }

    /// Whether neither this nor anything in it is unknown.
    #[must_use]
    pub fn is_wholly_known(&self) -> bool {
        match self {
            Self::Unknown(_) => false,
            Self::List(elements) => elements.iter().all(Self::is_wholly_known),
            Self::Map(elements) => elements.values().all(Self::is_wholly_known),
            Self::Dynamic(typed) => typed.1.is_wholly_known(),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) => true,
        }
    }

    /// The attribute or map element `name`, where this is an object or map that has it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Map(elements) => elements.get(name),
            _ => None,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}
