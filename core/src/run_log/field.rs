//! A field of any type, so that one of the wrong type is told and does not hide the others.
//!
//! It is taken from the log as it stands there: where a program that links this library turns on
//! `arbitrary_precision` of `serde_json`, a number of unknown type would arrive as an object.

use std::borrow::Cow;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error};
use serde_json::value::RawValue;

use crate::base::rule::RuleId;
use crate::base::violation::{Violation, Violations, quoted};

/// What stands in a field.
#[derive(Debug, Default)]
pub(super) enum Field<'a> {
    /// Nothing.
    #[default]
    Absent,
    Text(Cow<'a, str>),
    Whole(i64),
    /// A number with a fraction, or one that is out of range.
    Number(&'a str),
    Bool(bool),
    List,
    Object,
}

impl<'a> Field<'a> {
    pub(super) fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    pub(super) fn if_present(&self) -> Option<&Self> {
        (!self.is_absent()).then_some(self)
    }

    /// What was found, for a message.
    pub(super) fn told(&self) -> String {
        match self {
            Self::Absent => "nothing".to_owned(),
            Self::Text(text) => quoted(text),
            Self::Whole(number) => format!("the number {number}"),
            Self::Number(number) => format!("the number {}", quoted(number)),
            Self::Bool(flag) => format!("`{flag}`"),
            Self::List => "a list".to_owned(),
            Self::Object => "an object".to_owned(),
        }
    }

    /// The field, or that it is missing.
    pub(super) fn required(&self, rule: RuleId) -> Result<&Self, Violations> {
        self.if_present().ok_or_else(|| self.is_not(rule, "a text"))
    }

    /// The text.
    pub(super) fn into_text(self) -> Result<Cow<'a, str>, Violations> {
        match self {
            Self::Text(text) => Ok(text),
            other => Err(other.is_not(RuleId::LOG003, "a text")),
        }
    }

    /// The value that the text names; `what` it should be stands in the message where it is no text.
    pub(super) fn parsed<T>(&self, rule: RuleId, what: &str) -> Result<T, Violations>
    where
        T: FromStr<Err = Violations>,
    {
        match self {
            Self::Text(text) => text.parse(),
            other => Err(other.is_not(rule, what)),
        }
    }

    /// The whole number.
    pub(super) fn whole(&self, rule: RuleId) -> Result<i64, Violations> {
        match self {
            Self::Whole(number) => Ok(*number),
            other => Err(other.is_not(rule, "a whole number")),
        }
    }

    /// Whether it is so.
    pub(super) fn yes_or_no(&self, rule: RuleId) -> Result<bool, Violations> {
        match self {
            Self::Bool(flag) => Ok(*flag),
            other => Err(other.is_not(rule, "`true` or `false`")),
        }
    }

    fn is_not(&self, rule: RuleId, expected: &str) -> Violations {
        let next = "Let the logger write it with each entry.";
        Violation::new(rule, self.told(), expected, next).into()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Field<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Some(raw) = Option::<&'de RawValue>::deserialize(deserializer)? else {
            return Ok(Self::Absent);
        };
        let text = raw.get();
        Ok(match text.as_bytes() {
            [b'"', inner @ .., b'"'] if !inner.contains(&b'\\') => {
                Self::Text(Cow::Borrowed(&text[1..text.len() - 1]))
            }
            [b'"', ..] => {
                Self::Text(Cow::Owned(serde_json::from_str(text).map_err(Error::custom)?))
            }
            [b't' | b'f', ..] => Self::Bool(text == "true"),
            [b'[', ..] => Self::List,
            [b'{', ..] => Self::Object,
            _ => text.parse().map_or(Self::Number(text), Self::Whole),
        })
    }
}
