//! One field of a draft: its value as far as known, and its path for blame.

use std::fmt;

use super::group::{Member, Standing};
use super::{Draft, Trail};
use crate::attribute::{Attribute, DraftOf, Slot, hidden};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::path::Path;
use crate::value::{Refinements, Value};

/// What is known of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldValue<T> {
    /// It is this.
    Known(T),
    /// It is not set.
    Null,
    /// It is not known before apply.
    Unknown,
}

/// A field of a draft.
#[derive(Clone)]
pub struct Field<T> {
    path: Path,
    value: FieldValue<T>,
    /// The value as read, where `value` says less: refined, partly unknown, or wrong.
    raw: Option<Value>,
    touched: bool,
    hidden: bool,
}

impl<T: fmt::Debug> fmt::Debug for Field<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.hidden && self.known().is_some() {
            return f.write_str("(write-only)");
        }
        self.value.fmt(f)
    }
}

impl<T> Field<T> {
    /// Where it is, from the root of the block.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is known of it.
    pub fn value(&self) -> FieldValue<&T> {
        match &self.value {
            FieldValue::Known(value) => FieldValue::Known(value),
            FieldValue::Null => FieldValue::Null,
            FieldValue::Unknown => FieldValue::Unknown,
        }
    }

    /// The value, where it is known and not null.
    pub fn known(&self) -> Option<&T> {
        if let FieldValue::Known(value) = &self.value { Some(value) } else { None }
    }

    /// The value for changing it in place, where it is known and not null.
    pub fn known_mut(&mut self) -> Option<&mut T> {
        self.touched = true;
        if let FieldValue::Known(value) = &mut self.value { Some(value) } else { None }
    }

    /// Whether it is not set.
    pub fn is_null(&self) -> bool {
        matches!(self.value, FieldValue::Null)
    }

    /// Whether it is not known before apply.
    pub fn is_unknown(&self) -> bool {
        matches!(self.value, FieldValue::Unknown)
    }

    /// Makes it `value`.
    pub fn set(&mut self, value: T) {
        self.replace(FieldValue::Known(value));
    }

    /// Makes it null.
    pub fn set_null(&mut self) {
        self.replace(FieldValue::Null);
    }

    /// Makes it not known before apply.
    pub fn set_unknown(&mut self) {
        self.replace(FieldValue::Unknown);
    }

    /// An error here.
    pub fn error(&self, summary: impl Into<String>, detail: impl Into<String>) -> Diagnostic {
        Diagnostic::error(self.path.clone(), summary, detail)
    }

    /// A warning here.
    pub fn warning(&self, summary: impl Into<String>, detail: impl Into<String>) -> Diagnostic {
        Diagnostic::warning(self.path.clone(), summary, detail)
    }

    /// Whether it was set since it was read.
    pub fn touched(&self) -> bool {
        self.touched
    }

    /// Reports what `rule` finds wrong with a known value, as its error prints itself in the alternate
    /// form (`{:#}`).
    pub fn validate<E: fmt::Display>(
        &self,
        rule: impl FnOnce(&T) -> Result<(), E>,
        out: &mut Diagnostics,
    ) {
        if let Some(Err(error)) = self.known().map(rule) {
            out.push(self.error("Invalid value", format!("{error:#}")));
        }
    }

    /// This field as a member of a group.
    pub fn member(&self) -> Member<'_> {
        let standing = match self.value {
            FieldValue::Known(_) => Standing::Set,
            FieldValue::Null => Standing::Unset,
            FieldValue::Unknown => Standing::Open,
        };
        Member::new(&self.path, standing)
    }

    fn replace(&mut self, value: FieldValue<T>) {
        self.value = value;
        self.raw = None;
        self.touched = true;
    }
}

impl<D: Draft> Field<D> {
    /// The model inside, where all of it is known; a part of it that is not makes it unknown.
    pub fn settled(&self) -> FieldValue<D::Model> {
        match self.value() {
            FieldValue::Known(draft) => {
                draft.settled().map_or(FieldValue::Unknown, FieldValue::Known)
            }
            FieldValue::Null => FieldValue::Null,
            FieldValue::Unknown => FieldValue::Unknown,
        }
    }
}

impl<T> Field<T> {
    /// The field `name` of an object, null or unknown value.
    pub fn read<S: Slot>(
        name: &'static str,
        object: &Value,
        trail: &Trail<'_>,
        out: &mut Diagnostics,
    ) -> Self
    where
        S::Plain: Attribute<Draft = T>,
    {
        let trail = trail.attribute(name);
        let value = if object.is_unknown() { object } else { object.get(name).unwrap_or(&NULL) };
        let path = trail.path();
        let (value, raw) = match value {
            Value::Null => (FieldValue::Null, None),
            Value::Unknown(Refinements(None)) => (FieldValue::Unknown, None),
            Value::Unknown(_) if object.is_unknown() => (FieldValue::Unknown, None),
            Value::Unknown(_) => (FieldValue::Unknown, Some(value.clone())),
            known => match decode_draft::<S>(known, &trail, out) {
                Some(draft) => (FieldValue::Known(draft), None),
                None => (FieldValue::Unknown, Some(value.clone())),
            },
        };
        Self { path, value, raw, touched: false, hidden: S::WRITE_ONLY }
    }

    /// Its value.
    pub fn encode<S: Slot>(&self) -> Value
    where
        S::Plain: Attribute<Draft = T>,
    {
        match (&self.raw, &self.value) {
            (Some(raw), _) => raw.clone(),
            (None, FieldValue::Known(draft)) => <S::Plain as Attribute>::encode_draft(draft),
            (None, FieldValue::Null) => Value::Null,
            (None, FieldValue::Unknown) => Value::unknown(),
        }
    }

    /// Writes it into the object `target`, where it was set.
    pub fn overlay<S: Slot>(&self, name: &'static str, target: &mut Value)
    where
        S::Plain: Attribute<Draft = T>,
    {
        if let (true, Value::Map(fields)) = (self.touched, target) {
            fields.insert(name.to_owned(), self.encode::<S>());
        }
    }

    /// Checks the drafts nested in it.
    pub fn check<S: Slot>(&self, out: &mut Diagnostics)
    where
        S::Plain: Attribute<Draft = T>,
    {
        if let Some(draft) = self.known() {
            <S::Plain as Attribute>::check(draft, out);
        }
    }
}

/// The draft inside a field; what is wrong with a write-only value is not shown.
fn decode_draft<S: Slot>(
    value: &Value,
    trail: &Trail<'_>,
    out: &mut Diagnostics,
) -> Option<DraftOf<S>> {
    if S::WRITE_ONLY {
        hidden(trail, out, |trail, out| <S::Plain as Attribute>::decode_draft(value, trail, out))
    } else {
        <S::Plain as Attribute>::decode_draft(value, trail, out)
    }
}

static NULL: Value = Value::Null;
