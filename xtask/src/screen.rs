//! What a chore shows: plain lines, a mark in front, colour where the screen has it.

use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

/// Prints one line. A reader that has gone away ends nothing.
pub(crate) fn line(text: &str) {
    drop(writeln!(std::io::stdout(), "{text}"));
}

/// A remark beside the result: on standard error, where no pipe takes it for the result.
pub(crate) fn remark(text: &str) {
    aside(&format!("  {text}"));
}

/// What another program says on standard error, as it is.
pub(crate) fn aside(text: &str) {
    drop(writeln!(std::io::stderr(), "{text}"));
}

/// Announces a step.
pub(crate) fn step(text: &str) {
    line(&format!("\n{} {}", paint("34;1", "▶"), paint("1", text)));
}

/// Something went well.
pub(crate) fn good(text: &str) {
    line(&format!("{} {text}", paint("32;1", "✓")));
}

/// Something did not.
pub(crate) fn bad(text: &str) {
    line(&format!("{} {text}", paint("31;1", "✗")));
}

/// The last word of a chore that failed.
pub(crate) fn error(text: &str) {
    drop(writeln!(std::io::stderr(), "{} {text}", paint("31;1", "error:")));
}

/// A duration as people read it.
pub(crate) fn time(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 1.0 { format!("{:.0} ms", seconds * 1000.0) } else { format!("{seconds:.1} s") }
}

/// `text` in a colour, where standard output is a screen.
pub(crate) fn paint(code: &str, text: &str) -> String {
    let coloured = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    if coloured { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
}
