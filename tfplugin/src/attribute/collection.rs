//! Lists, sets and maps of any attribute.

use std::collections::{BTreeMap, BTreeSet};

use super::{Attribute, Contents, mismatch};
use crate::diagnostics::Diagnostics;
use crate::model::Trail;
use crate::schema::{AttributeKind, Nesting};
use crate::types::Type;
use crate::value::Value;

const DYNAMIC: &str = "a collection cannot hold values of a dynamic type";
const WRITE_ONLY: &str = "a set cannot hold write-only arguments";
const CHOSEN: &str = "members of a set cannot have defaults or `optional` computed values, because a \
                      changed member could not be told from a new one; use a map";

/// The kind of a collection of `T`: nested attributes stay nested attributes.
fn collection<T: Attribute>(nesting: Nesting) -> AttributeKind {
    match T::kind() {
        AttributeKind::Nested { nesting: Nesting::Single, attributes } => {
            AttributeKind::Nested { nesting, attributes }
        }
        kind => AttributeKind::Plain(nesting.around(kind.ty())),
    }
}

const fn fault<T: Attribute>(own: Option<&'static str>) -> Option<&'static str> {
    match T::FAULT {
        Some(fault) => Some(fault),
        None if T::CONTENTS.dynamic => Some(DYNAMIC),
        None => own,
    }
}

/// The elements of a list or set; else a problem.
fn elements<'a>(
    value: &'a Value,
    what: &str,
    trail: &Trail<'_>,
    out: &mut Diagnostics,
) -> Option<&'a [Value]> {
    if let Value::List(elements) = value {
        return Some(elements);
    }
    mismatch(what, value, trail, out);
    None
}

/// The entries of a map; else a problem.
fn entries<'a>(
    value: &'a Value,
    trail: &Trail<'_>,
    out: &mut Diagnostics,
) -> Option<&'a BTreeMap<String, Value>> {
    if let Value::Map(entries) = value {
        return Some(entries);
    }
    mismatch("a map", value, trail, out);
    None
}

fn element<T: Attribute>(value: &Value, trail: &Trail<'_>, out: &mut Diagnostics) -> Option<T> {
    if value.is_null() {
        no_null(trail, out);
        return None;
    }
    T::decode(value, trail, out)
}

fn element_draft<T: Attribute>(
    value: &Value,
    trail: &Trail<'_>,
    out: &mut Diagnostics,
) -> Option<T::Draft> {
    match value {
        Value::Null => {
            no_null(trail, out);
            None
        }
        Value::Unknown(_) => T::unknown_draft(trail),
        known => T::decode_draft(known, trail, out),
    }
}

fn no_null(trail: &Trail<'_>, out: &mut Diagnostics) {
    out.error(
        trail.path(),
        "Missing value",
        "An element is null, but every element needs a value. Remove it or give it a value.",
    );
}

/// All of them, or none where one is missing; every one is looked at before giving up.
fn all<T>(items: impl Iterator<Item = Option<T>>) -> Option<Vec<T>> {
    let items: Vec<Option<T>> = items.collect();
    items.into_iter().collect()
}

impl<T: Attribute> Attribute for Vec<T> {
    type Draft = Vec<T::Draft>;
    type SetDraft = Vec<Self::Draft>;
    const CHOICES: &'static [(&'static str, &'static str)] = T::CHOICES;
    const SENSITIVE: bool = T::SENSITIVE;
    const CONTENTS: Contents = T::CONTENTS;
    const FAULT: Option<&'static str> = fault::<T>(None);
    const IDENTITY: bool = T::IDENTITY;

    fn kind() -> AttributeKind {
        collection::<T>(Nesting::List)
    }

    fn decode(value: &Value, trail: &Trail<'_>, out: &mut Diagnostics) -> Option<Self> {
        let list = elements(value, "a list", trail, out)?.iter().enumerate();
        all(list.map(|(index, value)| element(value, &trail.index(index), out)))
    }

    fn encode(&self) -> Value {
        Value::List(self.iter().map(T::encode).collect())
    }

    fn decode_draft(
        value: &Value,
        trail: &Trail<'_>,
        out: &mut Diagnostics,
    ) -> Option<Self::Draft> {
        let list = elements(value, "a list", trail, out)?.iter().enumerate();
        all(list.map(|(index, value)| element_draft::<T>(value, &trail.index(index), out)))
    }

    fn encode_draft(draft: &Self::Draft) -> Value {
        Value::List(draft.iter().map(T::encode_draft).collect())
    }

    fn collect_set(drafts: Vec<Self::Draft>) -> Self::SetDraft {
        drafts
    }

    fn encode_set(drafts: &Self::SetDraft) -> Value {
        Value::List(drafts.iter().map(Self::encode_draft).collect())
    }

    fn check(draft: &Self::Draft, out: &mut Diagnostics) {
        draft.iter().for_each(|element| T::check(element, out));
    }
}

impl<T: Attribute + Ord> Attribute for BTreeSet<T> {
    type Draft = T::SetDraft;
    type SetDraft = Vec<Self::Draft>;
    const CHOICES: &'static [(&'static str, &'static str)] = T::CHOICES;
    const SENSITIVE: bool = T::SENSITIVE;
    const CONTENTS: Contents = T::CONTENTS;
    const FAULT: Option<&'static str> = fault::<T>(if T::CONTENTS.write_only {
        Some(WRITE_ONLY)
    } else if T::CONTENTS.chosen {
        Some(CHOSEN)
    } else {
        None
    });

    fn kind() -> AttributeKind {
        collection::<T>(Nesting::Set)
    }

    // No step leads into a set: its elements are blamed at the set.
    fn decode(value: &Value, trail: &Trail<'_>, out: &mut Diagnostics) -> Option<Self> {
        let set = elements(value, "a set", trail, out)?.iter();
        Some(all(set.map(|value| element(value, trail, out)))?.into_iter().collect())
    }

    fn encode(&self) -> Value {
        Value::List(self.iter().map(T::encode).collect())
    }

    fn decode_draft(
        value: &Value,
        trail: &Trail<'_>,
        out: &mut Diagnostics,
    ) -> Option<Self::Draft> {
        let set = elements(value, "a set", trail, out)?.iter();
        all(set.map(|value| element_draft::<T>(value, trail, out))).map(T::collect_set)
    }

    fn encode_draft(draft: &Self::Draft) -> Value {
        T::encode_set(draft)
    }

    fn collect_set(drafts: Vec<Self::Draft>) -> Self::SetDraft {
        drafts
    }

    fn encode_set(drafts: &Self::SetDraft) -> Value {
        Value::List(drafts.iter().map(Self::encode_draft).collect())
    }
}

impl<T: Attribute> Attribute for BTreeMap<String, T> {
    type Draft = BTreeMap<String, T::Draft>;
    type SetDraft = Vec<Self::Draft>;
    const CHOICES: &'static [(&'static str, &'static str)] = T::CHOICES;
    const SENSITIVE: bool = T::SENSITIVE;
    const CONTENTS: Contents = T::CONTENTS;
    const FAULT: Option<&'static str> = fault::<T>(None);

    fn kind() -> AttributeKind {
        collection::<T>(Nesting::Map)
    }

    fn decode(value: &Value, trail: &Trail<'_>, out: &mut Diagnostics) -> Option<Self> {
        let map = entries(value, trail, out)?.iter();
        let decoded = all(map.map(|(key, value)| {
            element(value, &trail.key(key), out).map(|value| (key.clone(), value))
        }));
        Some(decoded?.into_iter().collect())
    }

    fn encode(&self) -> Value {
        Value::Map(self.iter().map(|(key, value)| (key.clone(), value.encode())).collect())
    }

    fn decode_draft(
        value: &Value,
        trail: &Trail<'_>,
        out: &mut Diagnostics,
    ) -> Option<Self::Draft> {
        let map = entries(value, trail, out)?.iter();
        let decoded = all(map.map(|(key, value)| {
            element_draft::<T>(value, &trail.key(key), out).map(|value| (key.clone(), value))
        }));
        Some(decoded?.into_iter().collect())
    }

    fn encode_draft(draft: &Self::Draft) -> Value {
        let entries = draft.iter().map(|(key, value)| (key.clone(), T::encode_draft(value)));
        Value::Map(entries.collect())
    }

    fn collect_set(drafts: Vec<Self::Draft>) -> Self::SetDraft {
        drafts
    }

    fn encode_set(drafts: &Self::SetDraft) -> Value {
        Value::List(drafts.iter().map(Self::encode_draft).collect())
    }

    fn check(draft: &Self::Draft, out: &mut Diagnostics) {
        draft.values().for_each(|element| T::check(element, out));
    }
}

impl AttributeKind {
    /// The type of its values.
    pub(crate) fn ty(&self) -> Type {
        match self {
            Self::Plain(ty) => ty.clone(),
            Self::Nested { nesting, attributes } => {
                let attributes = attributes.iter().map(|a| (a.name.clone(), a.ty()));
                nesting.around(Type::Object(attributes.collect()))
            }
        }
    }
}
