//! Files in JUnit's XML format, as pytest, Jest, Surefire, gotestsum and cargo-nextest write them.
//!
//! There is no one schema, so what all agree on is read: test cases, and in them failures, errors and skips.
//! A report is never better than its writer says: failures that a suite counts and no case of it has are
//! failures too. Output that tests printed is passed over. A document type is refused, and with it every
//! entity that could grow; work is linear, and depth and what is kept have limits.

pub mod survey;

pub use survey::{Reported, Reports, ReportsError, check_pattern};

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;
use thiserror::Error;

use crate::base::foreign;
use crate::base::limits::DEEPEST;
use crate::base::shown::quoted;
use crate::run::TestResult;

/// How many bytes a file may have: 64 MiB.
pub const LARGEST: usize = 64 * 1024 * 1024;

/// How many failures are told in words; the others are counted.
pub const MOST_FAILURES: usize = 100;

/// How many letters of a name or a message are kept.
const SHOWN: usize = 500;

/// What a file reports, or several together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JunitReport {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed or broke off, and failures of suites outside of any test.
    pub failed: u64,
    /// Tests that were skipped.
    pub skipped: u64,
    /// How long all of them took, in milliseconds.
    pub duration_ms: u64,
    /// The first of those that failed.
    pub failures: Vec<JunitFailure>,
}

/// One test that failed, told in words that are escaped and cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JunitFailure {
    /// Its suite or class; empty where none is named.
    pub suite: String,
    /// Its name.
    pub name: String,
    /// What was said.
    pub message: String,
}

/// Why a file is no report.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum JunitError {
    /// It is too large.
    #[error("it has {0} bytes; at most {LARGEST} are read")]
    TooLarge(usize),
    /// It is not UTF-8.
    #[error("byte {0} is no UTF-8")]
    NoText(usize),
    /// It is no XML.
    #[error("it is no XML at byte {at}: {what}")]
    NoXml {
        /// Where that shows.
        at: u64,
        /// What is wrong.
        what: String,
    },
    /// It ends in the middle.
    #[error("it ends within {0}; whoever wrote it was stopped")]
    Unfinished(String),
    /// It declares a document type.
    #[error("it declares a document type, which no runner does")]
    DocumentType,
    /// It is nested too deeply.
    #[error("it is nested more than {DEEPEST} levels deep")]
    TooDeep,
    /// It is another kind of document.
    #[error("it begins with {0}; expected `testsuites` or `testsuite`")]
    OtherRoot(String),
}

impl JunitReport {
    /// Reads the bytes of one file.
    ///
    /// # Errors
    /// It is no such file, not whole, or beyond the limits.
    pub fn read(bytes: &[u8]) -> Result<Self, JunitError> {
        if bytes.len() > LARGEST {
            return Err(JunitError::TooLarge(bytes.len()));
        }
        let text =
            std::str::from_utf8(bytes).map_err(|error| JunitError::NoText(error.valid_up_to()))?;
        let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
        let mut reading = Reading::default();
        loop {
            let at = reader.buffer_position();
            match reader.read_event() {
                Ok(Event::Eof) => return reading.finish(),
                Ok(event) => reading.take(&event)?,
                Err(error) => return Err(reading.broken(at, &error)),
            }
        }
    }

    /// All that passed or failed.
    #[must_use]
    pub const fn tests(&self) -> u64 {
        self.passed.saturating_add(self.failed)
    }

    /// What came of the tests that it reports.
    #[must_use]
    pub fn result(&self) -> TestResult {
        let count = |count| i64::try_from(count).unwrap_or(i64::MAX);
        TestResult {
            success: None,
            exit_code: i64::from(self.failed > 0),
            duration_seconds: Duration::from_millis(self.duration_ms).as_secs_f64(),
            test_count: count(self.tests()),
            passed_count: count(self.passed),
            failed_count: count(self.failed),
        }
    }

    /// Adds another file of the same run.
    pub fn add(&mut self, other: Self) {
        self.passed = self.passed.saturating_add(other.passed);
        self.failed = self.failed.saturating_add(other.failed);
        self.skipped = self.skipped.saturating_add(other.skipped);
        self.duration_ms = self.duration_ms.saturating_add(other.duration_ms);
        self.failures.extend(other.failures);
        self.failures.truncate(MOST_FAILURES);
    }
}

/// Attributes of an element, by name.
type Attributes<'a> = BTreeMap<&'static str, Cow<'a, str>>;

/// What is known so far.
#[derive(Default)]
struct Reading {
    report: JunitReport,
    open: Vec<Open>,
    case: Option<Case>,
    has_root: bool,
}

/// An element that did not end yet.
struct Open {
    name: String,
    /// How many failures a suite says that it has, where it does.
    claimed: Option<u64>,
    /// How many it really has so far.
    found: u64,
    suite: String,
}

/// A test case that did not end yet.
struct Case {
    name: String,
    class: String,
    depth: usize,
    message: Option<String>,
    is_skipped: bool,
}

impl Reading {
    fn take(&mut self, event: &Event<'_>) -> Result<(), JunitError> {
        match event {
            Event::Start(element) => self.begin(element),
            Event::Empty(element) => {
                self.begin(element)?;
                self.end();
                Ok(())
            }
            Event::End(_) => {
                self.end();
                Ok(())
            }
            Event::DocType(_) => Err(JunitError::DocumentType),
            _ => Ok(()),
        }
    }

    fn begin(&mut self, element: &BytesStart<'_>) -> Result<(), JunitError> {
        let name = element.local_name();
        let name = name.as_ref();
        if self.open.is_empty() && (self.has_root || !matches!(name, "testsuites" | "testsuite")) {
            return Err(JunitError::OtherRoot(quoted(name)));
        }
        self.has_root = true;
        if self.open.len() >= DEEPEST {
            return Err(JunitError::TooDeep);
        }
        let attributes = attributes(element);
        let number =
            |name| attributes.get(name).and_then(|text: &Cow<'_, str>| text.parse::<u64>().ok());
        let mut open = Open {
            name: foreign::word(name, SHOWN),
            claimed: None,
            found: 0,
            suite: String::new(),
        };
        match name {
            "testsuites" | "testsuite" => {
                let claims = [number("failures"), number("errors")];
                if claims.iter().any(Option::is_some) {
                    let sum = claims.into_iter().flatten().fold(0_u64, u64::saturating_add);
                    open.claimed = Some(sum);
                }
                open.suite = shown(&attributes, "name");
            }
            "testcase" if self.case.is_none() => {
                let time = attributes.get("time").map_or(0, |time| milliseconds(time));
                self.report.duration_ms = self.report.duration_ms.saturating_add(time);
                self.case = Some(Case {
                    name: shown(&attributes, "name"),
                    class: shown(&attributes, "classname"),
                    depth: self.open.len(),
                    message: None,
                    is_skipped: false,
                });
            }
            "failure" | "error" => self.fail(&attributes),
            "skipped" => {
                if let Some(case) = &mut self.case {
                    case.is_skipped = true;
                }
            }
            _ => {}
        }
        self.open.push(open);
        Ok(())
    }

    /// A failure of the case that is open, or of the suite where none is.
    fn fail(&mut self, attributes: &Attributes<'_>) {
        if let Some(suite) = self.open.iter_mut().rev().find(|open| is_suite(&open.name)) {
            suite.found += 1;
        }
        let says = if attributes.contains_key("message") { "message" } else { "type" };
        let message = shown(attributes, says);
        match &mut self.case {
            Some(case) => {
                case.message.get_or_insert(message);
            }
            None => self.note(String::new(), String::new(), message),
        }
    }

    fn note(&mut self, name: String, class: String, message: String) {
        self.report.failed = self.report.failed.saturating_add(1);
        if self.report.failures.len() < MOST_FAILURES {
            let named = self.open.iter().rev().find(|open| !open.suite.is_empty());
            let named = named.map(|open| open.suite.clone()).unwrap_or_default();
            let suite = if class.is_empty() { named } else { class };
            self.report.failures.push(JunitFailure { suite, name, message });
        }
    }

    fn end(&mut self) {
        let Some(open) = self.open.pop() else { return };
        if is_suite(&open.name) {
            let unlisted = open.claimed.unwrap_or(0).saturating_sub(open.found);
            if unlisted > 0 {
                self.report.failed = self.report.failed.saturating_add(unlisted - 1);
                let told = "the suite counts more failures than its tests have";
                self.note(open.suite, String::new(), told.to_owned());
            }
            if let Some(outer) = self.open.last_mut() {
                outer.found = outer.found.saturating_add(open.found.saturating_add(unlisted));
            }
        } else if let Some(case) = self.case.take_if(|case| case.depth == self.open.len()) {
            self.count(case);
        }
    }

    fn count(&mut self, case: Case) {
        match case.message {
            Some(message) => self.note(case.name, case.class, message),
            None if case.is_skipped => self.report.skipped += 1,
            None => self.report.passed += 1,
        }
    }

    fn broken(&self, at: u64, error: &quick_xml::Error) -> JunitError {
        match (error, self.open.last()) {
            (quick_xml::Error::Syntax(_), Some(open)) => JunitError::Unfinished(quoted(&open.name)),
            _ => JunitError::NoXml { at, what: foreign::word(&error.to_string(), SHOWN) },
        }
    }

    fn finish(self) -> Result<JunitReport, JunitError> {
        match self.open.last() {
            Some(open) => Err(JunitError::Unfinished(quoted(&open.name))),
            None if self.has_root => Ok(self.report),
            None => Err(JunitError::Unfinished("its beginning".to_owned())),
        }
    }
}

fn is_suite(name: &str) -> bool {
    matches!(name, "testsuites" | "testsuite")
}

/// The attributes that are asked for. One that is broken counts as absent.
fn attributes<'a>(element: &'a BytesStart<'_>) -> Attributes<'a> {
    const NAMES: [&str; 7] = ["name", "classname", "time", "failures", "errors", "message", "type"];
    let mut all = element.attributes();
    // To look for attributes that stand twice would take the square of their number.
    all.with_checks(false);
    let known = all.flatten().filter_map(|attribute| {
        let name = NAMES.into_iter().find(|name| *name == attribute.key.as_ref())?;
        Some((name, attribute.normalized_value(XmlVersion::Implicit1_0).ok()?))
    });
    known.collect()
}

/// An attribute, escaped and cut; empty where it is absent.
fn shown(attributes: &Attributes<'_>, name: &str) -> String {
    attributes.get(name).map(|text| foreign::word(text, SHOWN)).unwrap_or_default()
}

/// Seconds as runners write them: `0.012`, and `1,234.5` in some.
fn milliseconds(seconds: &str) -> u64 {
    let plain: String = seconds.trim().chars().filter(|letter| *letter != ',').collect();
    let seconds = plain.parse::<f64>().unwrap_or_default();
    Duration::try_from_secs_f64(seconds)
        .ok()
        .and_then(|time| u64::try_from(time.as_millis()).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
