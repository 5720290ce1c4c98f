//! Terraform's types, as schemas and dynamic values name them.

use std::collections::BTreeMap;

use crate::value::Value;

mod json;
pub use json::TypeError;

/// A type of the host's type system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// Unicode text.
    String,
    /// An arbitrary-precision number.
    Number,
    /// True or false.
    Bool,
    /// Any type, chosen by the value itself.
    Dynamic,
    /// An ordered sequence of one type.
    List(Box<Type>),
    /// Unordered, unique elements of one type.
    Set(Box<Type>),
    /// Elements of one type under string keys.
    Map(Box<Type>),
    /// A fixed sequence of types.
    Tuple(Vec<Type>),
    /// A fixed set of named types.
    Object(BTreeMap<String, Type>),
}

impl Type {
    /// The type that `value` has by itself: a sequence is a tuple, keys and values are an object.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null | Value::Unknown(_) => Self::Dynamic,
            Value::Bool(_) => Self::Bool,
            Value::Number(_) => Self::Number,
            Value::String(_) => Self::String,
            Value::List(elements) => Self::Tuple(elements.iter().map(Self::of).collect()),
            Value::Map(elements) => {
                let typed = |(name, value): (&String, &Value)| (name.clone(), Self::of(value));
                Self::Object(elements.iter().map(typed).collect())
            }
            Value::Dynamic(typed) => typed.0.clone(),
        }
    }
}
