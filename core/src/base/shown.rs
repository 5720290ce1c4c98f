//! How a value from elsewhere is shown in a message: quoted, escaped and cut.

use super::foreign;

/// At most this many characters of a found value are shown.
const SHOWN: usize = 120;

/// A value as it is shown in a message: in backticks, escaped, cut when long.
#[must_use]
pub fn quoted(text: &str) -> String {
    if text.is_empty() {
        return "an empty text".to_owned();
    }
    format!("`{}`", foreign::word(text, SHOWN))
}

/// "one of `a`, `b`", for a list of allowed words.
#[must_use]
pub fn one_of(words: &[&str]) -> String {
    match words {
        [] => "nothing, because the list of allowed values is empty".to_owned(),
        [only] => quoted(only),
        several => {
            let list: Vec<String> = several.iter().map(|word| quoted(word)).collect();
            format!("one of {}", list.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn found_values_are_shown_safely() {
        assert_eq!(quoted("a\nb"), "`a\\nb`");
        assert_eq!(quoted(""), "an empty text");
        assert_eq!(quoted(&"ä".repeat(500)).chars().count(), SHOWN + 3);
    }
}
