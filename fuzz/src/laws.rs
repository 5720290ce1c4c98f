//! What has to hold of more than one kind of input.

use std::fmt::{Debug, Display};
use std::str::FromStr;

/// The longest reason that a reader may give, in bytes: all problems at once, but never the input itself.
const LONGEST_REASON: usize = 1 << 20;

/// A text, if the bytes are one.
pub(crate) fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// What prints is read as what was printed.
pub(crate) fn prints_and_reads<T>(text: &str) -> bool
where
    T: FromStr + Display + PartialEq + Debug,
    T::Err: Display + Debug,
{
    match text.parse::<T>() {
        Ok(value) => {
            let printed = value.to_string();
            match printed.parse::<T>() {
                Ok(again) => assert_eq!(again, value, "printed as {printed:?}"),
                Err(error) => unread(&printed, &error),
            }
            true
        }
        Err(reason) => {
            told(&reason);
            false
        }
    }
}

/// Something was printed that its own reader refuses.
#[expect(
    clippy::panic,
    reason = "by a panic the engine and the tests hear that something does not hold"
)]
pub(crate) fn unread(printed: &str, error: &impl Display) -> ! {
    panic!("{printed:?} was printed, and is refused: {error}")
}

/// A reason can be shown on a terminal: foreign text in it is escaped, and not all of a large input.
pub(crate) fn told(reason: &impl Display) {
    let reason = reason.to_string();
    shown(&reason);
    assert!(reason.len() <= LONGEST_REASON, "a reason of {} bytes", reason.len());
    assert!(!reason.is_empty(), "no reason");
}

/// A text can be shown on a terminal: of control characters it has only breaks and tabs.
pub(crate) fn shown(text: &str) {
    let control = text.chars().find(|letter| letter.is_control() && !"\n\t".contains(*letter));
    assert_eq!(control, None, "in {text:?}");
}
