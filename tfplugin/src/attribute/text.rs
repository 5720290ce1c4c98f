//! A string that is a type of the domain: the type's own parser is the validator.

use std::collections::BTreeSet;
use std::fmt::{self, Display, Write};
use std::ops::Deref;
use std::str::FromStr;

use super::{Attribute, mismatch};
use crate::diagnostics::Diagnostics;
use crate::leaf_draft;
use crate::model::Trail;
use crate::schema::AttributeKind;
use crate::types::Type;
use crate::value::Value;

/// A value of `T`, written as a string.
///
/// What `T` prints must be what it was parsed from: the host compares the strings, and another
/// spelling of the same value would be a change that nobody asked for. Such a spelling is an error
/// that shows the expected one.
///
/// What the parser finds wrong is shown as its error prints itself in the alternate form (`{:#}`),
/// where a domain can say more than on one line.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<T>(pub T);

impl<T> Text<T> {
    /// The value itself.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Text<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> From<T> for Text<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: Display> Display for Text<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: Display> fmt::Debug for Text<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

impl<T> Attribute for Text<T>
where
    T: FromStr + Display + Clone + Send + Sync + 'static,
    T::Err: Display,
{
    type Draft = Self;
    type SetDraft = BTreeSet<Self>;
    const IDENTITY: bool = true;

    fn kind() -> AttributeKind {
        AttributeKind::Plain(Type::String)
    }

    fn decode(value: &Value, trail: &Trail<'_>, out: &mut Diagnostics) -> Option<Self> {
        let Value::String(text) = value else {
            mismatch("a string", value, trail, out);
            return None;
        };
        match text.parse::<T>() {
            Ok(parsed) if prints_as(&parsed, text) => Some(Self(parsed)),
            Ok(parsed) => {
                out.error(
                    trail.path(),
                    "Unexpected spelling",
                    format!("Found \"{text}\", which is spelled \"{parsed}\". Write \"{parsed}\"."),
                );
                None
            }
            Err(error) => {
                out.error(trail.path(), "Invalid value", format!("{error:#}"));
                None
            }
        }
    }

    fn encode(&self) -> Value {
        Value::String(self.0.to_string())
    }

    leaf_draft!(where Self: Ord);
}

/// A value of `T` that keeps the spelling it was written in, for a `T` that reads several spellings.
///
/// `Text<Spelled<T>>` accepts them all, and two of them are two values: the host compares strings.
#[derive(Clone)]
pub struct Spelled<T> {
    text: String,
    value: T,
}

impl<T: FromStr> FromStr for Spelled<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<Self, T::Err> {
        Ok(Self { text: text.to_owned(), value: text.parse()? })
    }
}

impl<T> Display for Spelled<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<T> Deref for Spelled<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> PartialEq for Spelled<T> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<T> Eq for Spelled<T> {}

/// Whether `value` prints exactly `text`, without building the string.
fn prints_as(value: &impl Display, text: &str) -> bool {
    let mut rest = Rest(text);
    write!(rest, "{value}").is_ok() && rest.0.is_empty()
}

/// What is left of the expected text.
struct Rest<'a>(&'a str);

impl Write for Rest<'_> {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        self.0 = self.0.strip_prefix(part).ok_or(fmt::Error)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spelling_is_kept_where_that_is_asked_for() {
        let read = |text: &str| {
            let mut out = Diagnostics::new();
            let plain = Text::<f64>::decode(&Value::from(text), &Trail::ROOT, &mut out);
            let spelled = Text::<Spelled<f64>>::decode(&Value::from(text), &Trail::ROOT, &mut out);
            (plain.is_some(), spelled)
        };
        let (plain, one) = read("1.0");
        assert!(!plain);
        assert_eq!(one.as_ref().map(Attribute::encode), Some(Value::from("1.0")));
        assert_eq!(one.as_ref().map(|one| ***one), Some(1.0));
        let (plain, other) = read("1");
        assert!(plain && one != other);
        assert_eq!(read("one").1, None);
    }
}
