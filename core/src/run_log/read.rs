//! Reads a log of any size, value by value.

use std::io::{self, Read as Input};

use super::limits::LARGEST_VALUE;
use super::raw::{self, Deviation, Deviations, Item};
use super::stream::{Fault, Piece, Values};
use crate::base::limits::{DEEPEST, is_too_deep};
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, Violations};

/// What was found at one place of a log.
#[derive(Debug)]
pub struct Found<'a> {
    /// The line on which it begins, from 1.
    pub line: u64,
    /// The entry or the execution of tests, where it is good.
    pub item: Option<Item<'a>>,
    /// What is wrong here. Tests that are wrong do not spoil the entry that tells of them.
    pub problems: Vec<Violation>,
    deviations: Deviations,
}

impl Found<'_> {
    /// What deviates from the format and is understood all the same.
    pub fn deviations(&self) -> impl Iterator<Item = Deviation> + use<> {
        self.deviations.iter()
    }
}

/// Reads a log to its end in constant memory, and hands over each entry and each problem, in order.
///
/// # Errors
/// The input cannot be read. What is in it is never an error, but handed over as a problem.
pub fn scan(input: impl Input, mut take: impl FnMut(Found<'_>)) -> io::Result<()> {
    let mut values = Values::new(input);
    while let Some(piece) = values.next()? {
        take(match piece {
            Piece::Broken { line, fault } => broken(line, told(fault)),
            Piece::Value { line, several_lines, bytes } => match raw::read(bytes) {
                Err(error) => broken(line, no_value(line, bytes, &error)),
                Ok(read) => {
                    let mut deviations = read.deviations;
                    if several_lines {
                        deviations.add(Deviation::SeveralLines);
                    }
                    Found { line, item: read.item, problems: read.problems, deviations }
                }
            },
        });
    }
    Ok(())
}

fn broken(line: u64, violation: Violation) -> Found<'static> {
    Found { line, item: None, problems: vec![violation], deviations: Deviations::default() }
}

fn told(fault: Fault) -> Violation {
    let next = match fault {
        Fault::TooLarge => "Log less at once; put large output into a file of its own.",
        Fault::TooDeep => "Log it flatter.",
        Fault::Text => "Send other output elsewhere, or log it as an entry.",
        _ => "Look for what stopped the logger in the middle.",
    };
    let found = match fault {
        Fault::Text => "text that is no JSON object".to_owned(),
        Fault::Unfinished(line) => {
            format!("an object that does not end before line {line} begins another")
        }
        Fault::End => "an object that does not end before the log ends".to_owned(),
        Fault::OpenText(line) => format!("a text without its closing quote on line {line}"),
        Fault::TooLarge => format!("an object of more than {LARGEST_VALUE} bytes"),
        Fault::TooDeep => format!("an object nested {DEEPEST} levels deep or more"),
    };
    Violation::new(RuleId::LOG006, found, "one JSON object after another", next)
}

/// The reasons of serde show what is in the log, so only the place is told.
fn no_value(line: u64, bytes: &[u8], error: &serde_json::Error) -> Violation {
    if is_too_deep(error) {
        return told(Fault::TooDeep);
    }
    let (further, column) = (error.line().saturating_sub(1), error.column());
    let line = line.saturating_add(u64::try_from(further).unwrap_or(u64::MAX));
    let place = format!("line {line}, column {column} of it");
    if std::str::from_utf8(bytes).is_err() {
        let next = "Let the logger write UTF-8.";
        return Violation::new(
            RuleId::LOG006,
            format!("bytes that are no UTF-8 ({place})"),
            "JSON",
            next,
        );
    }
    let (found, next) = if error.is_data() {
        let next = "Write each field once; `test_execution` is an object.";
        (format!("an object of another shape ({place})"), next)
    } else {
        (format!("an object that is no JSON ({place})"), "Let a JSON library write the log.")
    };
    Violation::new(RuleId::LOG006, found, "one JSON object after another", next)
}

/// LOG006, of a line that is to be written.
pub(super) fn check_size(bytes: usize) -> Result<(), Violations> {
    if bytes <= LARGEST_VALUE { Ok(()) } else { Err(told(Fault::TooLarge).into()) }
}
