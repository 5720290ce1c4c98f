//! Bools, numbers, strings and values of a dynamic type.

use std::collections::BTreeSet;

use super::{Attribute, Contents, mismatch};
use crate::diagnostics::Diagnostics;
use crate::leaf_draft;
use crate::model::Trail;
use crate::schema::AttributeKind;
use crate::types::Type;
use crate::value::{Number, Value};

impl Attribute for bool {
    type Draft = Self;
    type SetDraft = BTreeSet<Self>;
    const IDENTITY: bool = true;

    fn kind() -> AttributeKind {
        AttributeKind::Plain(Type::Bool)
    }

    fn decode(value: &Value, trail: &Trail<'_>, out: &mut Diagnostics) -> Option<Self> {
        if let Value::Bool(flag) = value {
            return Some(*flag);
        }
        mismatch("a bool", value, trail, out);
        None
    }

    fn encode(&self) -> Value {
        Value::Bool(*self)
    }

    leaf_draft!(where Self: Ord);
}

impl Attribute for String {
    type Draft = Self;
    type SetDraft = BTreeSet<Self>;
    const IDENTITY: bool = true;

    fn kind() -> AttributeKind {
        AttributeKind::Plain(Type::String)
    }

    fn decode(value: &Value, trail: &Trail<'_>, out: &mut Diagnostics) -> Option<Self> {
        if let Value::String(text) = value {
            return Some(text.clone());
        }
        mismatch("a string", value, trail, out);
        None
    }

    fn encode(&self) -> Value {
        Value::String(self.clone())
    }

    leaf_draft!(where Self: Ord);
}

impl Attribute for Number {
    type Draft = Self;
    type SetDraft = BTreeSet<Self>;
    const IDENTITY: bool = true;

    fn kind() -> AttributeKind {
        AttributeKind::Plain(Type::Number)
    }

    fn decode(value: &Value, trail: &Trail<'_>, out: &mut Diagnostics) -> Option<Self> {
        number(value, trail, out).cloned()
    }

    fn encode(&self) -> Value {
        Value::Number(self.clone())
    }

    leaf_draft!(where Self: Ord);
}

fn number<'a>(value: &'a Value, trail: &Trail<'_>, out: &mut Diagnostics) -> Option<&'a Number> {
    if let Value::Number(number) = value {
        return Some(number);
    }
    mismatch("a number", value, trail, out);
    None
}

fn out_of_range(number: &Number, expected: &str, trail: &Trail<'_>, out: &mut Diagnostics) {
    out.error(
        trail.path(),
        "Number out of range",
        format!("Found {number}, but {expected} is expected."),
    );
}

macro_rules! integer {
    ($type:ty, $read:ident) => {
        impl Attribute for $type {
            type Draft = Self;
            type SetDraft = BTreeSet<Self>;
            const IDENTITY: bool = true;

            fn kind() -> AttributeKind {
                AttributeKind::Plain(Type::Number)
            }

            fn decode(value: &Value, trail: &Trail<'_>, out: &mut Diagnostics) -> Option<Self> {
                let number = number(value, trail, out)?;
                let found = number.$read();
                if found.is_none() {
                    let range = format!("a whole number from {} to {}", Self::MIN, Self::MAX);
                    out_of_range(number, &range, trail, out);
                }
                found
            }

            fn encode(&self) -> Value {
                Value::Number(Number::from(*self))
            }

            leaf_draft!(where Self: Ord);
        }
    };
}

integer!(i64, as_i64);
integer!(u64, as_u64);

impl Attribute for f64 {
    type Draft = Self;
    type SetDraft = Vec<Self>;
    const IDENTITY: bool = true;

    fn kind() -> AttributeKind {
        AttributeKind::Plain(Type::Number)
    }

    fn decode(value: &Value, trail: &Trail<'_>, out: &mut Diagnostics) -> Option<Self> {
        let number = number(value, trail, out)?;
        // A number that a double cannot hold would come back as another number.
        let found = number.as_f64().filter(|f| Number::try_from(*f).is_ok_and(|n| n == *number));
        if found.is_none() {
            out_of_range(number, "a number that a 64-bit float holds exactly", trail, out);
        }
        found
    }

    fn encode(&self) -> Value {
        Number::try_from(*self).map_or(Value::Null, Value::Number)
    }

    leaf_draft!();
}

impl Attribute for Value {
    type Draft = Self;
    type SetDraft = Vec<Self>;
    const CONTENTS: Contents = Contents { dynamic: true, ..Contents::NONE };

    fn kind() -> AttributeKind {
        AttributeKind::Plain(Type::Dynamic)
    }

    fn decode(value: &Value, _: &Trail<'_>, _: &mut Diagnostics) -> Option<Self> {
        Some(value.clone())
    }

    fn encode(&self) -> Value {
        self.clone()
    }

    leaf_draft!();
}
