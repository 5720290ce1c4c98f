//! Which Rust types can be attributes, and who sets them.
//!
//! [`Attribute`] is a type of value: text, a number, a list, a nested model. [`Slot`] is the type of
//! a field, which wraps an attribute in who sets it: `T`, `Option<T>`, `Computed<T>`, `WriteOnly<T>`.

use std::fmt::Debug;

use crate::diagnostics::Diagnostics;
use crate::model::{Draft, Model, Trail};
use crate::schema::{AttributeKind, Block, Nesting, Presence};
use crate::value::Value;

mod choice;
mod collection;
mod scalar;
mod text;
mod wrapper;

pub use choice::choice;
pub use text::{Spelled, Text};
pub(crate) use wrapper::hidden;
pub use wrapper::{Computed, Sensitive, WriteOnly};

/// A type of value. Derived for models and choices; implemented here for everything else.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the type of an attribute",
    label = "not a Terraform type",
    note = "wrap a domain type that is `FromStr + Display` as `Text<{Self}>`",
    note = "put `#[derive(Model)]` on a struct of nested attributes, or on an enum without fields"
)]
pub trait Attribute: Sized + Send + Sync + 'static {
    /// The same, but parts of it may be null or unknown.
    type Draft: Clone + Debug + Send + Sync + 'static;
    /// A set of drafts.
    type SetDraft: Clone + Debug + Send + Sync + 'static;
    /// The allowed values and what they mean, where they are fixed.
    const CHOICES: &'static [(&'static str, &'static str)] = &[];
    /// Never shown.
    const SENSITIVE: bool = false;
    /// What is somewhere inside that not every place allows.
    const CONTENTS: Contents = Contents::NONE;
    /// Says how work is done, not what the object is.
    const SETTINGS: bool = false;
    /// Why the type cannot be used at all, where it cannot.
    const FAULT: Option<&'static str> = None;
    /// Whether an identity may hold it: a primitive or a list of these.
    const IDENTITY: bool = false;

    /// Its type in a schema.
    fn kind() -> AttributeKind;

    /// The value of `value`, which is not null; nothing where a problem was added to `out`.
    fn decode(value: &Value, trail: &Trail<'_>, out: &mut Diagnostics) -> Option<Self>;

    /// The value of this.
    fn encode(&self) -> Value;

    /// The draft of `value`, which is neither null nor unknown; nothing where it is in part unknown
    /// and a draft of this type cannot say so, or where a problem was added to `out`.
    fn decode_draft(value: &Value, trail: &Trail<'_>, out: &mut Diagnostics)
    -> Option<Self::Draft>;

    /// The draft of an element that is not known at all, where a draft can say so.
    fn unknown_draft(trail: &Trail<'_>) -> Option<Self::Draft> {
        let _ = trail;
        None
    }

    /// The value of a draft.
    fn encode_draft(draft: &Self::Draft) -> Value;

    /// A set of drafts.
    fn collect_set(drafts: Vec<Self::Draft>) -> Self::SetDraft
    where
        Self: Ord;

    /// The value of a set of drafts.
    fn encode_set(drafts: &Self::SetDraft) -> Value;

    /// Checks the drafts nested in a draft.
    fn check(draft: &Self::Draft, out: &mut Diagnostics) {
        let _ = (draft, out);
    }
}

/// What is somewhere inside a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contents {
    /// A write-only argument.
    pub write_only: bool,
    /// A value of a dynamic type.
    pub dynamic: bool,
    /// An argument that the provider chooses where the configuration does not: with a default, or
    /// optional and computed.
    pub chosen: bool,
}

impl Contents {
    /// Nothing of note.
    pub const NONE: Self = Self { write_only: false, dynamic: false, chosen: false };
    /// An argument that the provider chooses where the configuration does not.
    pub const CHOSEN: Self = Self { chosen: true, ..Self::NONE };

    /// What is in either.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            write_only: self.write_only || other.write_only,
            dynamic: self.dynamic || other.dynamic,
            chosen: self.chosen || other.chosen,
        }
    }
}

/// What a leaf type answers about drafts: its draft is itself. `where Self: Ord` belongs to a type
/// whose set of drafts is ordered.
#[doc(hidden)]
#[macro_export]
macro_rules! leaf_draft {
    ($($ordered:tt)*) => {
        fn decode_draft(
            value: &$crate::value::Value,
            trail: &$crate::model::Trail<'_>,
            out: &mut $crate::diagnostics::Diagnostics,
        ) -> ::core::option::Option<Self> {
            <Self as $crate::attribute::Attribute>::decode(value, trail, out)
        }
        fn encode_draft(draft: &Self) -> $crate::value::Value {
            <Self as $crate::attribute::Attribute>::encode(draft)
        }
        fn collect_set(
            drafts: ::std::vec::Vec<Self>,
        ) -> <Self as $crate::attribute::Attribute>::SetDraft
        $($ordered)*
        {
            drafts.into_iter().collect()
        }
        fn encode_set(
            drafts: &<Self as $crate::attribute::Attribute>::SetDraft,
        ) -> $crate::value::Value {
            let values = drafts.iter().map(<Self as $crate::attribute::Attribute>::encode);
            $crate::value::Value::List(values.collect())
        }
    };
}

impl<M: Model> Attribute for M {
    type Draft = M::Draft;
    type SetDraft = Vec<M::Draft>;
    const CONTENTS: Contents = M::CONTENTS;
    const SETTINGS: bool = M::SETTINGS;
    const FAULT: Option<&'static str> = if M::HAS_BLOCKS {
        Some("a model with blocks can only be a block itself: nested attributes hold no blocks")
    } else {
        None
    };

    fn kind() -> AttributeKind {
        AttributeKind::Nested { nesting: Nesting::Single, attributes: M::block().attributes }
    }

    fn decode(value: &Value, trail: &Trail<'_>, out: &mut Diagnostics) -> Option<Self> {
        M::decode(value, trail, out)
    }

    fn encode(&self) -> Value {
        M::encode(self)
    }

    fn decode_draft(value: &Value, trail: &Trail<'_>, out: &mut Diagnostics) -> Option<M::Draft> {
        Some(M::Draft::read(value, trail, out))
    }

    fn unknown_draft(trail: &Trail<'_>) -> Option<M::Draft> {
        Some(M::Draft::read(&Value::unknown(), trail, &mut Diagnostics::new()))
    }

    fn encode_draft(draft: &M::Draft) -> Value {
        draft.encode()
    }

    fn collect_set(drafts: Vec<M::Draft>) -> Vec<M::Draft> {
        drafts
    }

    fn encode_set(drafts: &Vec<M::Draft>) -> Value {
        Value::List(drafts.iter().map(Draft::encode).collect())
    }

    fn check(draft: &M::Draft, out: &mut Diagnostics) {
        draft.check(out);
    }
}

/// The type of a field: an attribute, and who sets it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the type of a field",
    label = "not a Terraform type",
    note = "a field is `T`, `Option<T>`, `Computed<T>`, `Computed<Option<T>>` or `WriteOnly<T>`",
    note = "wrap a domain type that is `FromStr + Display` as `Text<{Self}>`",
    note = "put `#[derive(Model)]` on a struct of nested attributes, or on an enum without fields"
)]
pub trait Slot: Sized + Send + Sync + 'static {
    /// The attribute inside.
    type Plain: Attribute;
    /// Who sets it.
    const PRESENCE: Presence;
    /// Given in configuration, never stored.
    const WRITE_ONLY: bool = false;

    /// The field's value; nothing where a problem was added to `out`.
    fn decode(value: &Value, trail: &Trail<'_>, out: &mut Diagnostics) -> Option<Self>;

    /// The value of this field.
    fn encode(&self) -> Value;
}

/// The draft of what is inside a field of type `S`.
pub type DraftOf<S> = <<S as Slot>::Plain as Attribute>::Draft;

/// An attribute, or `Option` of one.
pub trait Nullable: Sized + Send + Sync + 'static {
    /// The attribute inside.
    type Plain: Attribute;
    /// Whether null is one of its values.
    const NULLABLE: bool;

    /// The value of `value`; nothing where a problem was added to `out`.
    fn decode_nullable(value: &Value, trail: &Trail<'_>, out: &mut Diagnostics) -> Option<Self>;

    /// The value of this.
    fn encode_nullable(&self) -> Value;
}

impl<T: Attribute> Nullable for T {
    type Plain = T;
    const NULLABLE: bool = false;

    fn decode_nullable(value: &Value, trail: &Trail<'_>, out: &mut Diagnostics) -> Option<Self> {
        if value.is_null() {
            out.error(
                trail.path(),
                "Missing value",
                "The value is null, but one is required here. Set it.",
            );
            return None;
        }
        T::decode(value, trail, out)
    }

    fn encode_nullable(&self) -> Value {
        self.encode()
    }
}

impl<T: Attribute> Nullable for Option<T> {
    type Plain = T;
    const NULLABLE: bool = true;

    fn decode_nullable(value: &Value, trail: &Trail<'_>, out: &mut Diagnostics) -> Option<Self> {
        if value.is_null() { Some(None) } else { T::decode(value, trail, out).map(Some) }
    }

    fn encode_nullable(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::encode)
    }
}

impl<N: Nullable> Slot for N {
    type Plain = N::Plain;
    const PRESENCE: Presence = if N::NULLABLE { Presence::Optional } else { Presence::Required };

    fn decode(value: &Value, trail: &Trail<'_>, out: &mut Diagnostics) -> Option<Self> {
        N::decode_nullable(value, trail, out)
    }

    fn encode(&self) -> Value {
        self.encode_nullable()
    }
}

/// A field that can be a nested block.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a block",
    note = "a block is `Vec<M>`, `Option<M>` or `M`, where `M` is a struct with `#[derive(Model)]`"
)]
pub trait BlockSlot: Slot {
    /// How many.
    const NESTING: Nesting;

    /// The block of the model inside.
    fn block() -> Block;
}

impl<M: Model> BlockSlot for M {
    const NESTING: Nesting = Nesting::Single;

    fn block() -> Block {
        M::block()
    }
}

impl<M: Model> BlockSlot for Option<M> {
    const NESTING: Nesting = Nesting::Single;

    fn block() -> Block {
        M::block()
    }
}

impl<M: Model> BlockSlot for Vec<M> {
    const NESTING: Nesting = Nesting::List;

    fn block() -> Block {
        M::block()
    }
}

/// What is inside a field of type `S`.
#[must_use]
pub const fn contents<S: Slot>() -> Contents {
    let own = Contents { write_only: S::WRITE_ONLY, ..Contents::NONE };
    own.and(<S::Plain as Attribute>::CONTENTS)
}

/// Whether a field of type `S` says what the object is, and not how work on it is done.
#[must_use]
pub const fn describes_object<S: Slot>() -> bool {
    !<S::Plain as Attribute>::SETTINGS
}

/// Fails the build where the type of a field has no meaning in Terraform; blames the caller's line.
#[track_caller]
#[allow(clippy::panic, reason = "evaluated by the compiler, never by the program")]
pub const fn require_sound<S: Slot>() {
    if let Some(fault) = <S::Plain as Attribute>::FAULT {
        panic!("{}", fault);
    }
}

/// Fails the build where the type of a field cannot be part of an identity; blames the caller's line.
#[track_caller]
pub const fn require_identity<S: Slot>() {
    assert!(
        <S::Plain as Attribute>::IDENTITY,
        "an identity attribute is a string, number, bool or a list of these"
    );
}

/// Reports that `value` is not `expected`.
pub fn mismatch(expected: &str, value: &Value, trail: &Trail<'_>, out: &mut Diagnostics) {
    let found = match value {
        Value::Null => "null",
        Value::Unknown(_) => "a value that is not known yet",
        Value::Bool(_) => "a bool",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::List(_) => "a list",
        Value::Map(_) => "a map or object",
        Value::Dynamic(_) => "a value of a dynamic type",
    };
    out.error(
        trail.path(),
        "Wrong type of value",
        format!("Found {found} where {expected} is expected."),
    );
}
