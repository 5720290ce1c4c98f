//! A value that is known, with its type: what SOPS counts into the MAC, and what is handed out.
//!
//! A word in the clear is a number, a truth value or a time where Go's `yaml.v3`, which SOPS reads with, takes it for
//! one. Where this differs in a rare spelling, the MAC differs, and nothing is handed out.

use std::borrow::Cow;

use jiff::civil;
use zeroize::Zeroizing;

/// A value.
pub(crate) enum Leaf {
    Null,
    Flag(bool),
    Whole(i64),
    Real(f64),
    /// In the form of RFC 3339.
    Time(String),
    Text(Zeroizing<Vec<u8>>),
}

impl Leaf {
    /// A text.
    pub(crate) fn text(text: &str) -> Self {
        Self::Text(Zeroizing::new(text.as_bytes().to_vec()))
    }

    /// What a word in the clear is.
    pub(crate) fn of_word(word: &str) -> Self {
        match word {
            "true" | "True" | "TRUE" => return Self::Flag(true),
            "false" | "False" | "FALSE" => return Self::Flag(false),
            _ => {}
        }
        let number = whole(word).map(Self::Whole).or_else(|| real(word).map(Self::Real));
        number.or_else(|| time(word).map(Self::Time)).unwrap_or_else(|| Self::text(word))
    }

    /// What was encrypted as a value of this type.
    pub(crate) fn of_decrypted(bytes: Zeroizing<Vec<u8>>, kind: &str) -> Option<Self> {
        let text = || std::str::from_utf8(&bytes).ok();
        Some(match kind {
            "int" => Self::Whole(text()?.parse().ok()?),
            "float" => Self::Real(text()?.parse().ok()?),
            "bool" => Self::Flag(match text()? {
                "True" | "true" => true,
                "False" | "false" => false,
                _ => return None,
            }),
            "time" => Self::Time(text()?.to_owned()),
            "str" | "bytes" => Self::Text(bytes),
            _ => return None,
        })
    }

    /// The bytes that the MAC covers.
    pub(crate) fn covered(&self) -> Cow<'_, [u8]> {
        match self {
            Self::Null => Cow::Borrowed(&[]),
            Self::Flag(true) => Cow::Borrowed(b"True"),
            Self::Flag(false) => Cow::Borrowed(b"False"),
            Self::Whole(number) => Cow::Owned(number.to_string().into_bytes()),
            Self::Real(number) => Cow::Owned(number.to_string().into_bytes()),
            Self::Time(time) => Cow::Borrowed(time.as_bytes()),
            Self::Text(text) => Cow::Borrowed(text),
        }
    }
}

/// `_` may stand between digits; bases are written as in Go, and an old octal number begins with 0.
fn whole(word: &str) -> Option<i64> {
    let bare = word.replace('_', "");
    let (sign, digits) = match bare.as_bytes().first()? {
        b'-' => ("-", &bare[1..]),
        b'+' => ("", &bare[1..]),
        _ => ("", bare.as_str()),
    };
    let based = |prefixes: [&str; 2]| prefixes.iter().find_map(|it| digits.strip_prefix(*it));
    let (radix, digits) = if let Some(digits) = based(["0x", "0X"]) {
        (16, digits)
    } else if let Some(digits) = based(["0o", "0O"]) {
        (8, digits)
    } else if let Some(digits) = based(["0b", "0B"]) {
        (2, digits)
    } else if digits.len() > 1 && digits.starts_with('0') {
        (8, &digits[1..])
    } else {
        (10, digits)
    };
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_plain.then(|| i64::from_str_radix(&format!("{sign}{digits}"), radix).ok()).flatten()
}

fn real(word: &str) -> Option<f64> {
    let bare = word.replace('_', "");
    let unsigned = bare.trim_start_matches(['-', '+']);
    let is_number = unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        && unsigned.bytes().any(|byte| byte.is_ascii_digit())
        && unsigned
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
    bare.parse().ok().filter(|number: &f64| is_number && number.is_finite())
}

/// A date, or a date and a time, in the form that SOPS gives it.
fn time(word: &str) -> Option<String> {
    let (date, clock) = match word.split_once(['T', 't', ' ']) {
        Some((date, clock)) => (date, Some(clock)),
        None => (word, None),
    };
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let is_date = parts.next().is_none() && year.len() == 4 && month.len() <= 2 && day.len() <= 2;
    let date = civil::Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok();
    let date = date.filter(|_| is_date)?;
    let Some(clock) = clock else { return Some(format!("{date}T00:00:00Z")) };
    let zone = clock.find(['Z', '+', '-']).unwrap_or(clock.len());
    let (clock, zone) = clock.split_at(zone);
    let zone = match (zone, word.contains(' ')) {
        ("", true) | ("Z" | "+00:00", false) => "Z",
        (zone, false) if zone.len() == 6 => zone,
        _ => return None,
    };
    let clock: civil::Time = padded(clock)?.parse().ok()?;
    Some(format!("{date}T{clock}{zone}"))
}

/// Hours, minutes and seconds of two digits each.
fn padded(clock: &str) -> Option<String> {
    let mut parts = clock.split(':');
    let (hours, minutes, seconds) = (parts.next()?, parts.next()?, parts.next()?);
    let whole = seconds.split_once('.').map_or(seconds, |(whole, _)| whole).len();
    let zero = if whole == 1 { "0" } else { "" };
    parts.next().is_none().then(|| format!("{hours:0>2}:{minutes:0>2}:{zero}{seconds}"))
}

#[cfg(test)]
mod tests {
    use super::Leaf;

    fn covered(word: &str) -> String {
        String::from_utf8(Leaf::of_word(word).covered().into_owned()).unwrap()
    }

    #[test]
    fn a_word_is_what_go_takes_it_for() {
        for (word, expected) in [
            ("true", "True"),
            ("FALSE", "False"),
            ("yes", "yes"),
            ("5432", "5432"),
            ("-7", "-7"),
            ("1_000", "1000"),
            ("0x1F", "31"),
            ("0o17", "15"),
            ("010", "8"),
            ("09", "9"),
            ("0.50", "0.5"),
            ("1e3", "1000"),
            ("1e21", "1000000000000000000000"),
            ("v1.2", "v1.2"),
            ("1.2.3", "1.2.3"),
            ("9223372036854775807", "9223372036854775807"),
            ("2001-02-03", "2001-02-03T00:00:00Z"),
            ("2001-2-3", "2001-02-03T00:00:00Z"),
            ("2001-02-03T04:05:06Z", "2001-02-03T04:05:06Z"),
            ("2001-02-03T4:5:6.50+01:00", "2001-02-03T04:05:06.5+01:00"),
            ("2001-02-03 04:05:06", "2001-02-03T04:05:06Z"),
            ("2001-02-30", "2001-02-30"),
            ("10-11-12", "10-11-12"),
            ("-", "-"),
            ("e", "e"),
            (".", "."),
        ] {
            assert_eq!(covered(word), expected, "{word}");
        }
    }
}
