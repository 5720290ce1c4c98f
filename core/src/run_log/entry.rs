//! One entry of a log.
//!
//! It borrows from what it was read from; [`LogEntry::into_owned`] takes it along.

use std::borrow::Cow;

use serde::Serialize;

use crate::Timestamp;
use crate::base::rule::RuleId;
use crate::base::violation::{Findings, Violation, Violations, quoted};
use crate::run::{RunId, StepName, TestExecution};

closed_list! {
    /// How much an entry matters.
    pub enum Level breaks LOG002 {
        /// It tells.
        Info = "info",
        /// It warns.
        Warn = "warn",
        /// Something failed.
        Error = "error",
    }
}

/// What a [`LogEntry`] is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogEntryParts<'a> {
    /// When it was written.
    pub timestamp: Timestamp,
    /// How much it matters.
    pub level: Level,
    /// What it says.
    pub message: Cow<'a, str>,
    /// The run that it belongs to.
    pub run_id: RunId,
    /// The source file that wrote it, as a relative path.
    pub source_file: Cow<'a, str>,
    /// The line of that file, from 1.
    pub line_number: i64,
    /// The function that wrote it.
    pub function_name: Cow<'a, str>,
    /// The step of the run.
    pub step_name: StepName,
    /// How long the step took, in milliseconds, where this entry completes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<i64>,
    /// The exit code that it tells of. Only some systems write it.
    #[serde(rename = "exitCode", skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i64>,
    /// More about an error, as text or as compact JSON. Only some systems write it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Cow<'a, str>>,
    /// How tests went, where this entry says so.
    #[serde(rename = "test_execution", skip_serializing_if = "Option::is_none")]
    pub test: Option<TestExecution>,
}

/// One entry of a log, which keeps all rules that concern it alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct LogEntry<'a>(LogEntryParts<'a>);

impl<'a> LogEntry<'a> {
    /// The entry of these parts.
    ///
    /// # Errors
    /// LOG003 for a text that says nothing, LOG004 and LOG005.
    pub fn new(parts: LogEntryParts<'a>) -> Result<Self, Violations> {
        let mut findings = Findings::new();
        let texts = [
            ("message", &parts.message),
            ("source_file", &parts.source_file),
            ("function_name", &parts.function_name),
        ];
        for (name, text) in texts {
            findings.take(name, filled(text));
        }
        findings.take("source_file", relative(&parts.source_file));
        findings.take("line_number", line(parts.line_number));
        if let Some(duration) = parts.duration_ms {
            findings.take("duration_ms", not_negative(duration));
        }
        findings.finish(Self(parts))
    }

    /// What it is made of.
    #[must_use]
    pub const fn parts(&self) -> &LogEntryParts<'a> {
        &self.0
    }

    /// The same entry, without what it was read from.
    #[must_use]
    pub fn into_owned(self) -> LogEntry<'static> {
        let owned = |text: Cow<'a, str>| Cow::Owned(text.into_owned());
        let parts = self.0;
        LogEntry(LogEntryParts {
            message: owned(parts.message),
            source_file: owned(parts.source_file),
            function_name: owned(parts.function_name),
            error: parts.error.map(owned),
            timestamp: parts.timestamp,
            level: parts.level,
            run_id: parts.run_id,
            line_number: parts.line_number,
            step_name: parts.step_name,
            duration_ms: parts.duration_ms,
            exit_code: parts.exit_code,
            test: parts.test,
        })
    }
}

/// LOG003: a text that is there says something.
pub(super) fn filled(text: &str) -> Result<(), Violations> {
    if !text.is_empty() {
        return Ok(());
    }
    let next = "Let the logger write it with each entry.";
    Err(Violation::new(RuleId::LOG003, "an empty text", "a text", next).into())
}

/// LOG004, of the source file; LOG003 is about an empty one.
pub(super) fn relative(path: &str) -> Result<(), Violations> {
    let mut bytes = path.bytes();
    let (first, second) = (bytes.next(), bytes.next());
    let drive = first.is_some_and(|it| it.is_ascii_alphabetic()) && second == Some(b':');
    if !matches!(first, Some(b'/' | b'\\')) && !drive {
        return Ok(());
    }
    let next = "Write the path from the root of the repository.";
    Err(Violation::new(RuleId::LOG004, quoted(path), "a relative path", next).into())
}

/// LOG004, of the line.
pub(super) fn line(number: i64) -> Result<(), Violations> {
    if number >= 1 {
        return Ok(());
    }
    let next = "Count lines from 1.";
    Err(Violation::new(RuleId::LOG004, format!("line {number}"), "1 or more", next).into())
}

/// LOG005, of the number.
pub(super) fn not_negative(duration: i64) -> Result<(), Violations> {
    if duration >= 0 {
        return Ok(());
    }
    let next = "Measure with a clock that only goes forward.";
    Err(Violation::new(RuleId::LOG005, format!("{duration} ms"), "0 ms or more", next).into())
}
