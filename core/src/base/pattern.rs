//! What the body of a healthy answer looks like: a regular expression.
//!
//! It is kept as it was written. Matching takes time linear in the body, and what an expression may
//! grow to is limited, so that no expression of a configuration can hold a check up.

use std::fmt;
use std::str::FromStr;

use regex_lite::{Regex, RegexBuilder};

use super::rule::RuleId;
use super::violation::{Violation, Violations, quoted};

text_serde!(BodyPattern);

/// How many bytes a compiled expression may take.
const LARGEST: usize = 1 << 16;

/// A regular expression that the body of an answer has to match somewhere.
#[derive(Debug, Clone)]
pub struct BodyPattern(Regex);

impl BodyPattern {
    /// The expression as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether it matches somewhere in this body; bytes that are no UTF-8 match nothing but a dot.
    #[must_use]
    pub fn matches(&self, body: &[u8]) -> bool {
        self.0.is_match(&String::from_utf8_lossy(body))
    }
}

impl PartialEq for BodyPattern {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for BodyPattern {}

impl FromStr for BodyPattern {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        if text.is_empty() {
            let expected = "an expression that does not match every body";
            let next = "Write what a healthy answer says, such as `^ok$`, or leave it out.";
            return Err(Violation::new(RuleId::OWN041, quoted(text), expected, next).into());
        }
        RegexBuilder::new(text).size_limit(LARGEST).build().map(Self).map_err(|error| {
            let found = format!("{}, which does not parse ({error})", quoted(text));
            let next = "Write a backslash before a character that is meant as itself.";
            Violation::new(RuleId::OWN041, found, "a regular expression for the body", next).into()
        })
    }
}

impl fmt::Display for BodyPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> BodyPattern {
        text.parse().unwrap()
    }

    #[test]
    fn it_matches_somewhere_unless_it_is_anchored() {
        assert!(pattern("healthy").matches(b"it is unhealthy"));
        assert!(!pattern(r"\bhealthy\b").matches(b"it is unhealthy"));
        assert!(pattern(r#""status":\s*"ok""#).matches(b"{\"status\":  \"ok\"}"));
        assert!(!pattern("^ok$").matches(b"ok\nbut"));
        assert_eq!(pattern("^ok$").to_string(), "^ok$");
    }

    #[test]
    fn bytes_that_are_no_text_do_no_harm() {
        assert!(pattern("ok").matches(b"\xff\xfeok\x00"));
        assert!(!pattern("ok").matches(b"\xff\xfe"));
    }

    #[test]
    fn what_cannot_be_compiled_is_refused() {
        for text in ["", "(", "[", "a{2,1}", "(?P<a", "(a{0,1000}){0,1000}"] {
            assert!(text.parse::<BodyPattern>().unwrap_err().breaks(RuleId::OWN041), "{text}");
        }
    }

    #[test]
    fn a_hostile_expression_is_done_soon() {
        let body = vec![b'a'; 64 * 1024];
        let started = std::time::Instant::now();
        assert!(!pattern("(a|a)*(a|a)*(a*)*b$").matches(&body));
        assert!(started.elapsed() < std::time::Duration::from_secs(5));
    }
}
