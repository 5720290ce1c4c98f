//! What lies below an error, and an error told together with all that lies below it.
//!
//! An error says what it knows itself and leaves the rest to its source, so that nothing is said twice.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// A text of somebody else's as people may see it.
pub use super::foreign::text as visible;

/// What lies below an error: the operating system's, a library's, or what a program said. Shared, since
/// several callers may hear of one failure. Two are equal where they say the same.
#[derive(Clone)]
pub struct Cause(Arc<dyn Error + Send + Sync>);

/// What a program or a service said, where that is all that is known.
#[derive(Debug, thiserror::Error)]
#[error("{}", visible(.0))]
struct Said(String);

impl Cause {
    /// An error of somebody else's.
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(Arc::from(error.into()))
    }

    /// What a program or a service said.
    #[must_use]
    pub fn said(text: &str) -> Self {
        Self::new(Said(text.to_owned()))
    }

    /// The error itself, to be asked what it is.
    #[must_use]
    pub fn get_ref(&self) -> &(dyn Error + Send + Sync + 'static) {
        &*self.0
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl Error for Cause {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

impl PartialEq for Cause {
    fn eq(&self, other: &Self) -> bool {
        in_full(self) == in_full(other)
    }
}

impl Eq for Cause {}

/// At most so many errors below each other are told.
const DEEPEST: usize = 16;

/// An error and all that lies below it, in one line: `what failed: why: why that`. What an error of
/// somebody else's repeats of its source is told once.
#[must_use]
pub fn in_full(error: &dyn Error) -> String {
    let mut told = error.to_string();
    let mut below = error.source();
    for _ in 0..DEEPEST {
        let Some(cause) = below else { break };
        let said = cause.to_string();
        if !told.ends_with(&said) {
            told.push_str(": ");
            told.push_str(&said);
        }
        below = cause.source();
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the door is shut")]
    struct Outer(#[source] Cause);

    #[derive(Debug, thiserror::Error)]
    #[error("it broke: {0}")]
    struct Repeats(#[source] Cause);

    #[test]
    fn an_error_is_told_with_all_that_lies_below_it() {
        let error = Outer(Cause::new(Repeats(Cause::said("no key"))));
        assert_eq!(in_full(&error), "the door is shut: it broke: no key");
    }

    #[test]
    fn what_an_error_says_of_its_source_is_told_once() {
        assert_eq!(in_full(&Repeats(Cause::said("no key"))), "it broke: no key");
    }

    #[test]
    fn causes_are_equal_that_say_the_same() {
        assert_eq!(Cause::said("x"), Cause::new(std::io::Error::other("x")));
        assert_ne!(Cause::said("x"), Cause::new(Outer(Cause::said("x"))));
    }

    #[test]
    fn a_cause_can_be_asked_what_it_is() {
        let cause = Cause::new(std::io::Error::from(std::io::ErrorKind::NotFound));
        let found = cause.get_ref().downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        assert_eq!(found, Some(std::io::ErrorKind::NotFound));
    }

    #[test]
    fn a_terminal_obeys_nothing_of_what_others_say() {
        let said = Cause::said("red \u{1b}[31m and\u{7} back\u{202e}wards\nnext");
        let told = "red \\u{1b}[31m and\\u{7} back\\u{202e}wards\nnext";
        assert_eq!(said.to_string(), told);
    }
}
