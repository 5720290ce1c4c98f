//! What `#[derive(Model)]` implements, and the parts its code is made of.
//!
//! A [`Model`] is a struct whose values are settled, apart from its `Computed` fields. Its [`Draft`]
//! has the same fields, each of which may be null or not known yet: what validation and planning
//! work with. Decoding reports every problem it finds, each at its path.

use std::collections::BTreeMap;
use std::fmt::Debug;

use crate::attribute::{Contents, Slot};
use crate::diagnostics::Diagnostics;
use crate::schema::Block;
use crate::value::Value;

mod attr;
mod field;
mod group;
mod shape;
mod trail;

pub use attr::Attr;
pub use field::{Field, FieldValue};
pub use group::{Group, Member};
pub use shape::{Shape, Spec};
pub use trail::Trail;

/// A struct that is a Terraform object. Derived, never written by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the type of an attribute",
    label = "not a Terraform type",
    note = "wrap a domain type that is `FromStr + Display` as `Text<{Self}>`",
    note = "put `#[derive(Model)]` on a struct of nested attributes, or on an enum without fields"
)]
pub trait Model: Sized + Send + Sync + 'static {
    /// The same fields, each of which may be null or unknown.
    type Draft: Draft<Model = Self> + From<Self>;
    /// The version that state is stored under.
    const SCHEMA_VERSION: i64 = 0;
    /// Every argument that describes the object replaces it when it changes.
    const IMMUTABLE: bool;
    /// Says how work is done, not what the object is, such as timeouts.
    const SETTINGS: bool;
    /// Whether any field is a nested block.
    const HAS_BLOCKS: bool;
    /// Whether the last field takes any number of further arguments of a function.
    const VARIADIC: bool;
    /// What is somewhere inside that not every place allows.
    const CONTENTS: Contents;

    /// The schema.
    fn block() -> Block;

    /// The model of `value`; nothing where a problem was added to `out`.
    fn decode(value: &Value, trail: &Trail<'_>, out: &mut Diagnostics) -> Option<Self>;

    /// The value of this model; write-only arguments are null.
    fn encode(&self) -> Value;
}

/// The draft of a [`Model`]. Derived with it.
pub trait Draft: Sized + Clone + Debug + Send + Sync + 'static {
    /// What this is a draft of.
    type Model: Model<Draft = Self>;

    /// The draft of an object, null or unknown; a part that is wrong is reported and unknown.
    fn read(value: &Value, trail: &Trail<'_>, out: &mut Diagnostics) -> Self;

    /// The value of this draft.
    fn encode(&self) -> Value;

    /// Whether any field was set since it was read.
    fn touched(&self) -> bool;

    /// Writes the fields that were set into `target`, and leaves the others as they are there.
    fn overlay(&self, target: &mut Value);

    /// Checks what concerns several fields or needs a function, here and in nested drafts.
    fn check(&self, out: &mut Diagnostics);

    /// The model, where all of it is known and valid. In a configuration, what the provider computes
    /// is null, and not known in the model unless null is one of its values.
    fn settled(&self) -> Option<Self::Model> {
        let value = self.encode();
        let decode =
            || <Self::Model as Model>::decode(&value, &Trail::ROOT, &mut Diagnostics::new());
        value.is_wholly_known().then(decode).flatten()
    }
}

/// The draft of a settled model.
pub fn draft_of<M: Model>(model: &M) -> M::Draft {
    // What a model encodes, it decodes: there is nothing to report.
    M::Draft::read(&model.encode(), &Trail::ROOT, &mut Diagnostics::new())
}

/// An object being decoded, field by field.
#[derive(Debug)]
pub struct Object<'a> {
    fields: &'a BTreeMap<String, Value>,
    trail: &'a Trail<'a>,
}

impl<'a> Object<'a> {
    /// The object that `value` is; else a problem.
    pub fn new(value: &'a Value, trail: &'a Trail<'a>, out: &mut Diagnostics) -> Option<Self> {
        if let Value::Map(fields) = value {
            return Some(Self { fields, trail });
        }
        crate::attribute::mismatch("an object", value, trail, out);
        None
    }

    /// The field `name`.
    pub fn field<S: Slot>(&self, name: &'static str, out: &mut Diagnostics) -> Option<S> {
        let value = self.fields.get(name).unwrap_or(&Value::Null);
        S::decode(value, &self.trail.attribute(name), out)
    }

    /// The field `name`, or its default where it is null.
    pub fn field_or<S: Slot>(
        &self,
        name: &'static str,
        default: fn() -> Value,
        out: &mut Diagnostics,
    ) -> Option<S> {
        match self.fields.get(name) {
            None | Some(Value::Null) => S::decode(&default(), &self.trail.attribute(name), out),
            Some(value) => S::decode(value, &self.trail.attribute(name), out),
        }
    }
}
