//! Wrappers that say who sets a value, or that it is never shown.

use std::fmt;

use super::{Attribute, Contents, Nullable, Slot};
use crate::diagnostics::Diagnostics;
use crate::model::Trail;
use crate::schema::{AttributeKind, Presence};
use crate::value::Value;

/// A value that the provider sets: the only one that can be unknown during an apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Computed<T> {
    /// It is this.
    Known(T),
    /// It is not known yet.
    #[default]
    Unknown,
}

impl<T> Computed<T> {
    /// A known value.
    pub const fn known(value: T) -> Self {
        Self::Known(value)
    }

    /// The value, where it is known.
    pub const fn get(&self) -> Option<&T> {
        if let Self::Known(value) = self { Some(value) } else { None }
    }

    /// The value itself, where it is known.
    pub fn into_inner(self) -> Option<T> {
        if let Self::Known(value) = self { Some(value) } else { None }
    }

    /// Whether it is not known yet.
    pub const fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }
}

impl<T> From<T> for Computed<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

impl<N: Nullable> Slot for Computed<N> {
    type Plain = N::Plain;
    const PRESENCE: Presence = Presence::Computed;

    fn decode(value: &Value, trail: &Trail<'_>, out: &mut Diagnostics) -> Option<Self> {
        match value {
            // Not filled in yet: state of an object that is older than the attribute.
            Value::Null if !N::NULLABLE => Some(Self::Unknown),
            Value::Unknown(_) => Some(Self::Unknown),
            value if value.is_wholly_known() => {
                N::decode_nullable(value, trail, out).map(Self::Known)
            }
            // Partly known: what the parts allow.
            value => {
                let decoded = N::decode_nullable(value, trail, &mut Diagnostics::new());
                Some(decoded.map_or(Self::Unknown, Self::Known))
            }
        }
    }

    fn encode(&self) -> Value {
        self.get().map_or_else(Value::unknown, N::encode_nullable)
    }
}

/// An argument that is given in configuration and never stored.
///
/// It is there in `create` and `update`, and in drafts of the configuration; nowhere else.
#[derive(Clone, PartialEq, Eq)]
pub struct WriteOnly<T>(Option<T>);

impl<T> WriteOnly<T> {
    /// The value, where one is given.
    pub const fn get(&self) -> Option<&T> {
        self.0.as_ref()
    }

    /// The value itself, where one is given.
    pub fn into_inner(self) -> Option<T> {
        self.0
    }
}

impl<T> Default for WriteOnly<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> From<T> for WriteOnly<T> {
    fn from(value: T) -> Self {
        Self(Some(value))
    }
}

impl<T> fmt::Debug for WriteOnly<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "(write-only)" } else { "None" })
    }
}

impl<T: Attribute> Slot for WriteOnly<T> {
    type Plain = T;
    const PRESENCE: Presence = Presence::Optional;
    const WRITE_ONLY: bool = true;

    fn decode(value: &Value, trail: &Trail<'_>, out: &mut Diagnostics) -> Option<Self> {
        if value.is_null() {
            return Some(Self(None));
        }
        hidden(trail, out, |trail, out| T::decode(value, trail, out)).map(|value| Self(Some(value)))
    }

    fn encode(&self) -> Value {
        Value::Null
    }
}

/// A value that is never shown: not in plans, not in problems, not by `Debug`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Sensitive<T>(T);

impl<T> Sensitive<T> {
    /// A value not to be shown.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, for use and not for showing.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// The value itself, for use and not for showing.
    pub fn into_exposed(self) -> T {
        self.0
    }
}

impl<T> From<T> for Sensitive<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> fmt::Debug for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(sensitive)")
    }
}

impl<T: Attribute> Attribute for Sensitive<T> {
    type Draft = Sensitive<T::Draft>;
    type SetDraft = Vec<Self::Draft>;
    const SENSITIVE: bool = true;
    const CHOICES: &'static [(&'static str, &'static str)] = T::CHOICES;
    const CONTENTS: Contents = T::CONTENTS;
    const SETTINGS: bool = T::SETTINGS;
    const FAULT: Option<&'static str> = T::FAULT;

    fn kind() -> AttributeKind {
        T::kind()
    }

    fn decode(value: &Value, trail: &Trail<'_>, out: &mut Diagnostics) -> Option<Self> {
        hidden(trail, out, |trail, out| T::decode(value, trail, out)).map(Self)
    }

    fn encode(&self) -> Value {
        self.0.encode()
    }

    fn decode_draft(
        value: &Value,
        trail: &Trail<'_>,
        out: &mut Diagnostics,
    ) -> Option<Self::Draft> {
        hidden(trail, out, |trail, out| T::decode_draft(value, trail, out)).map(Sensitive)
    }

    fn unknown_draft(trail: &Trail<'_>) -> Option<Self::Draft> {
        T::unknown_draft(trail).map(Sensitive)
    }

    fn encode_draft(draft: &Self::Draft) -> Value {
        T::encode_draft(&draft.0)
    }

    fn collect_set(drafts: Vec<Self::Draft>) -> Self::SetDraft {
        drafts
    }

    fn encode_set(drafts: &Self::SetDraft) -> Value {
        Value::List(drafts.iter().map(Self::encode_draft).collect())
    }

    fn check(draft: &Self::Draft, out: &mut Diagnostics) {
        T::check(&draft.0, out);
    }
}

/// Runs `decode` and says of its problems only where they are: their text may hold the value.
pub(crate) fn hidden<T>(
    trail: &Trail<'_>,
    out: &mut Diagnostics,
    decode: impl FnOnce(&Trail<'_>, &mut Diagnostics) -> Option<T>,
) -> Option<T> {
    let mut found = Diagnostics::new();
    let decoded = decode(trail, &mut found);
    for problem in found {
        out.error(
            problem.path,
            problem.summary,
            "The value is not valid here. It is sensitive, so neither it nor the reason is shown.",
        );
    }
    decoded
}
