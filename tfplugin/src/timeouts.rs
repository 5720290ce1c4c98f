//! How long each operation may take: a ready-made nested attribute.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::attribute::Text;

/// How long each operation may take. What is not set takes as long as the provider thinks right.
#[derive(Debug, Clone, Default, PartialEq, Eq, tfplugin::Model)]
#[tf(settings)]
pub struct Timeouts {
    /// How long creating may take, such as `10m`.
    pub create: Option<Text<Span>>,
    /// How long reading may take, such as `30s`.
    pub read: Option<Text<Span>>,
    /// How long an update may take, such as `1h30m`.
    pub update: Option<Text<Span>>,
    /// How long deleting may take, such as `10m`.
    pub delete: Option<Text<Span>>,
}

/// A length of time as people write it: `90s`, `10m`, `1h30m`. It keeps its spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    text: String,
    duration: Duration,
}

impl Span {
    /// The length of time.
    #[must_use]
    pub const fn duration(&self) -> Duration {
        self.duration
    }
}

/// Text that is no length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "Found {0:?}, but a length of time is whole numbers with units from `d`, `h`, `m`, `s` and \
     `ms`, largest first, such as \"90s\", \"1h30m\" or \"90d\"."
)]
pub struct SpanError(String);

/// Units with their length in milliseconds, largest first.
const UNITS: [(&str, u64); 5] =
    [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

impl FromStr for Span {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        match milliseconds(text) {
            Some(total) => {
                Ok(Self { text: text.to_owned(), duration: Duration::from_millis(total) })
            }
            None => Err(SpanError(text.to_owned())),
        }
    }
}

fn milliseconds(text: &str) -> Option<u64> {
    let (mut rest, mut units, mut total) = (text, UNITS.as_slice(), 0_u64);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (count, tail) = rest.split_at(digits);
        let unit = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit);
        let position = units.iter().position(|(name, _)| *name == unit)?;
        total = total.checked_add(count.parse::<u64>().ok()?.checked_mul(units[position].1)?)?;
        (rest, units) = (tail, &units[position + 1..]);
    }
    (!text.is_empty()).then_some(total)
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Span;

    #[test]
    fn reads_what_people_write() {
        for (text, seconds) in
            [("90s", 90), ("10m", 600), ("1h30m", 5400), ("0s", 0), ("1d1h", 90_000)]
        {
            let span: Span = text.parse().unwrap();
            assert_eq!(span.duration(), Duration::from_secs(seconds));
            assert_eq!(span.to_string(), text);
        }
        assert_eq!("250ms".parse::<Span>().unwrap().duration(), Duration::from_millis(250));
    }

    #[test]
    fn refuses_everything_else() {
        for text in
            ["", "10", "m", "1.5h", "10 m", "30m1h", "5m5m", "-5m", "10w", "99999999999999h"]
        {
            assert!(text.parse::<Span>().is_err(), "{text} was accepted");
        }
    }
}
