//! Terraform's types, as schemas and dynamic values name them.

use std::collections::BTreeMap;

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
