//! What a block may hold: the shape that the host is told, and the facts the plan engine needs.
//!
//! Built once, on first use, from the author's structs. Not here: descriptions of behaviour that the
//! host never sees, except the four engine facts of [`Attribute`].

use crate::types::Type;
use crate::value::Value;

mod types;

/// A versioned block: one resource, data source or provider configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    /// The version that state is stored under, from zero.
    pub version: i64,
    /// The block itself.
    pub block: Block,
}

/// Attributes and nested blocks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Block {
    /// Markdown.
    pub description: String,
    /// Why not to use it any more, where that is so.
    pub deprecated: Option<String>,
    /// In the order declared.
    pub attributes: Vec<Attribute>,
    /// In the order declared.
    pub blocks: Vec<NestedBlock>,
}

/// One argument or result.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// Lower-case words joined by `_`.
    pub name: String,
    /// Markdown.
    pub description: String,
    /// Why not to use it any more, where that is so.
    pub deprecated: Option<String>,
    /// Its type, or the attributes nested in it.
    pub kind: AttributeKind,
    /// Who sets it.
    pub presence: Presence,
    /// Not shown in plans.
    pub sensitive: bool,
    /// Given in configuration, never stored.
    pub write_only: bool,
    /// The value where the configuration gives none.
    pub default: Option<Value>,
    /// A change destroys the object and creates another.
    pub requires_replace: bool,
    /// Once set, it never changes for this object: a plan keeps the prior value.
    pub use_state_for_unknown: bool,
    /// Part of the object's identity.
    pub identity: Option<IdentityRole>,
}

/// A type, or attributes nested in an attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum AttributeKind {
    /// A plain type.
    Plain(Type),
    /// Objects with attributes of their own.
    Nested {
        /// How many, and under what.
        nesting: Nesting,
        /// In the order declared.
        attributes: Vec<Attribute>,
    },
}

/// Who sets an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// The configuration must.
    Required,
    /// The configuration may.
    Optional,
    /// Only the provider does.
    Computed,
    /// The configuration may; else the provider does.
    OptionalComputed,
}

/// Whether an identity attribute must be given to import by identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityRole {
    /// It must.
    Required,
    /// It may.
    Optional,
}

/// How nested objects are arranged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nesting {
    /// At most one.
    Single,
    /// In order.
    List,
    /// Unordered and unique.
    Set,
    /// Under string keys.
    Map,
}

/// A block inside a block.
#[derive(Debug, Clone, PartialEq)]
pub struct NestedBlock {
    /// Lower-case words joined by `_`.
    pub name: String,
    /// The block itself.
    pub block: Block,
    /// How many, and under what.
    pub nesting: Nesting,
    /// At least this many.
    pub min_items: i64,
    /// At most this many; zero: no limit.
    pub max_items: i64,
}

/// The identity of a resource type: the attributes that name one object for ever.
#[derive(Debug, Clone, PartialEq)]
pub struct IdentitySchema {
    /// The version that identities are stored under, from zero.
    pub version: i64,
    /// Name, type, role and description of each, in the order declared.
    pub attributes: Vec<IdentityAttribute>,
}

/// One attribute of an [`IdentitySchema`].
#[derive(Debug, Clone, PartialEq)]
pub struct IdentityAttribute {
    /// The name, the same as in the resource.
    pub name: String,
    /// A primitive, or a list of primitives.
    pub ty: Type,
    /// Whether import by identity must give it.
    pub role: IdentityRole,
    /// Plain text.
    pub description: String,
}

/// The signature of a provider-defined function.
#[derive(Debug, Clone, PartialEq)]
pub struct Signature {
    /// One line, plain text.
    pub summary: String,
    /// Markdown.
    pub description: String,
    /// In order.
    pub parameters: Vec<Parameter>,
    /// What further arguments are, where any number may follow.
    pub variadic: Option<Parameter>,
    /// What comes back.
    pub result: Type,
}

/// One parameter of a [`Signature`].
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// An HCL identifier.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Markdown.
    pub description: String,
    /// Whether null may be passed.
    pub allow_null: bool,
    /// Whether unknown values may be passed.
    pub allow_unknown: bool,
}
