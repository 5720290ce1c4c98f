//! What stands in a value of a log, field by field, with all that is wrong with it.
//!
//! A field of another type is a problem of that field and not of the whole value. Some systems write other
//! words for the same; those are understood, and named as deviations.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::entry::{self, Level, LogEntry, LogEntryParts};
use super::field::Field;
use crate::Timestamp;
use crate::base::rule::RuleId;
use crate::base::violation::{Findings, Violation, Violations};
use crate::run::{RunId, StepName, TestExecution, TestExecutionParts};

/// What a good value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item<'a> {
    /// An entry.
    Entry(LogEntry<'a>),
    /// How tests went, in a value of its own.
    Test {
        /// The run, where the value names it; otherwise it is that of the entry before.
        run_id: Option<RunId>,
        /// How they went.
        test: TestExecution,
    },
}

macro_rules! deviations {
    ($($(#[$meta:meta])* $name:ident $rule:ident $told:literal,)+) => {
        /// What is understood although the format says otherwise.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Deviation { $($(#[$meta])* $name,)+ }

        impl Deviation {
            /// Every deviation.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The rule that is meant.
            #[must_use]
            pub const fn rule(self) -> RuleId {
                match self { $(Self::$name => RuleId::$rule),+ }
            }

            /// What deviates, and how it is understood.
            #[must_use]
            pub const fn told(self) -> &'static str {
                match self { $(Self::$name => $told),+ }
            }
        }
    };
}

deviations! {
    /// Fractions of seconds.
    Fraction LOG001 "the time has fractions of a second; they are kept",
    /// A time with an offset.
    Offset LOG001 "the time is not in UTC; it is converted",
    /// Level `success`.
    Success LOG002 "level `success` is not listed; it is read as `info`",
    /// `step` for `step_name`.
    StepKey LOG003 "the step stands in `step`; it is read as `step_name`",
    /// `exitCode`.
    ExitCode LOG003 "`exitCode` is no field of an entry; it is kept as the exit code",
    /// `error`.
    ErrorObject LOG003 "`error` is no field of an entry; it is kept as text",
    /// A value over several lines.
    SeveralLines LOG006 "the entry stands on several lines; it is read as one",
}

/// All deviations of one value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Deviations(u8);

impl Deviations {
    pub(super) fn add(&mut self, deviation: Deviation) {
        self.0 |= 1 << deviation as u8;
    }

    pub(super) fn iter(self) -> impl Iterator<Item = Deviation> {
        Deviation::ALL.iter().copied().filter(move |it| self.0 & (1 << *it as u8) != 0)
    }
}

/// What was made of one value.
pub(super) struct Read<'a> {
    pub(super) item: Option<Item<'a>>,
    pub(super) problems: Vec<Violation>,
    pub(super) deviations: Deviations,
}

#[derive(Deserialize)]
struct Raw<'a> {
    #[serde(borrow, default)]
    timestamp: Field<'a>,
    #[serde(borrow, default)]
    level: Field<'a>,
    #[serde(borrow, default)]
    message: Field<'a>,
    #[serde(borrow, default)]
    run_id: Field<'a>,
    #[serde(borrow, default)]
    source_file: Field<'a>,
    #[serde(borrow, default)]
    line_number: Field<'a>,
    #[serde(borrow, default)]
    function_name: Field<'a>,
    #[serde(borrow, default)]
    step_name: Field<'a>,
    #[serde(borrow, default)]
    step: Field<'a>,
    #[serde(borrow, default)]
    duration_ms: Field<'a>,
    #[serde(borrow, default, rename = "exitCode")]
    exit_code: Field<'a>,
    error: Option<Value>,
    #[serde(borrow)]
    test_execution: Option<RawTest<'a>>,
    test_type: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct RawTest<'a> {
    #[serde(borrow, default)]
    test_type: Field<'a>,
    #[serde(borrow, default)]
    attempt_number: Field<'a>,
    #[serde(borrow, default)]
    status: Field<'a>,
    #[serde(borrow, default)]
    duration: Field<'a>,
    #[serde(borrow, default)]
    failure_count: Field<'a>,
    #[serde(borrow, default)]
    started_at: Field<'a>,
    #[serde(borrow, default)]
    completed_at: Field<'a>,
    #[serde(borrow, default)]
    run_in_parallel: Field<'a>,
    #[serde(borrow, default)]
    fallback_to_serial: Field<'a>,
}

/// Reads the bytes of one value.
pub(super) fn read(bytes: &[u8]) -> Result<Read<'_>, serde_json::Error> {
    let raw: Raw<'_> = serde_json::from_slice(bytes)?;
    let mut deviations = Deviations::default();
    let mut findings = Findings::new();
    let flat = match raw.test_type {
        Some(IgnoredAny) => Some(serde_json::from_slice::<RawTest<'_>>(bytes)?),
        None => None,
    };
    let at = if flat.is_some() { None } else { Some("test_execution") };
    let test =
        flat.as_ref().or(raw.test_execution.as_ref()).and_then(|test| match (test.read(), at) {
            (Ok(test), _) => Some(test),
            (Err(wrong), Some(at)) => findings.take(at, Err(wrong)),
            (Err(wrong), None) => {
                wrong.into_iter().for_each(|violation| findings.push(violation));
                None
            }
        });
    let alone = flat.is_some() && raw.level.is_absent() && raw.message.is_absent();
    let item = if alone {
        let run_id = raw.run_id.if_present().map(|it| it.parsed(RuleId::RUN020, "the ID of a run"));
        let run_id = findings.take_option("run_id", run_id);
        test.map(|test| Item::Test { run_id, test })
    } else {
        raw.entry(test, &mut findings, &mut deviations).map(Item::Entry)
    };
    Ok(Read { item, problems: findings.into_vec(), deviations })
}

impl<'a> Raw<'a> {
    fn entry(
        self,
        test: Option<TestExecution>,
        findings: &mut Findings,
        deviations: &mut Deviations,
    ) -> Option<LogEntry<'a>> {
        let (step_name, step_key) = match self.step.if_present() {
            Some(_) if self.step_name.is_absent() => {
                deviations.add(Deviation::StepKey);
                (&self.step, "step")
            }
            _ => (&self.step_name, "step_name"),
        };
        let step_name = match step_name.required(RuleId::LOG003) {
            Err(missing) => findings.take(step_key, Err(missing)),
            Ok(field) => findings
                .take(step_key, field.parsed::<StepName>(RuleId::LOG007, "the name of a step")),
        };
        let timestamp = findings.take("timestamp", time(&self.timestamp, deviations));
        let level = findings.take("level", level(&self.level, deviations));
        let run_id = match self.run_id.required(RuleId::LOG003) {
            Err(missing) => findings.take("run_id", Err(missing)),
            Ok(field) => {
                findings.take("run_id", field.parsed::<RunId>(RuleId::RUN020, "the ID of a run"))
            }
        };
        let line_number = findings.take("line_number", self.line_number.whole(RuleId::LOG004));
        let duration_ms = self.duration_ms.if_present().map(|it| it.whole(RuleId::LOG005));
        let duration_ms = findings.take_option("duration_ms", duration_ms);
        let exit_code = self.exit_code.if_present().map(|field| {
            deviations.add(Deviation::ExitCode);
            field.whole(RuleId::LOG003)
        });
        let exit_code = findings.take_option("exitCode", exit_code);
        let error = self.error.map(|error| {
            deviations.add(Deviation::ErrorObject);
            Cow::Owned(match error {
                Value::String(text) => text,
                other => other.to_string(),
            })
        });
        let message = findings.take("message", self.message.into_text());
        let source_file = findings.take("source_file", self.source_file.into_text());
        let function_name = findings.take("function_name", self.function_name.into_text());
        if let (
            Some(timestamp),
            Some(level),
            Some(message),
            Some(run_id),
            Some(source_file),
            Some(line_number),
            Some(function_name),
            Some(step_name),
        ) = (
            timestamp,
            level,
            &message,
            run_id,
            &source_file,
            line_number,
            &function_name,
            step_name,
        ) {
            let made = LogEntry::new(LogEntryParts {
                timestamp,
                level,
                message: message.clone(),
                run_id,
                source_file: source_file.clone(),
                line_number,
                function_name: function_name.clone(),
                step_name,
                duration_ms,
                exit_code,
                error,
                test,
            });
            return keep(findings, made);
        }
        // All problems at once: what is there is judged although something else is missing.
        let texts = [
            ("message", &message),
            ("source_file", &source_file),
            ("function_name", &function_name),
        ];
        for (name, text) in texts {
            findings.take_option(name, text.as_deref().map(entry::filled));
        }
        findings.take_option("source_file", source_file.as_deref().map(entry::relative));
        findings.take_option("line_number", line_number.map(entry::line));
        findings.take_option("duration_ms", duration_ms.map(entry::not_negative));
        None
    }
}

/// The value, or all that is wrong with it.
fn keep<T>(findings: &mut Findings, made: Result<T, Violations>) -> Option<T> {
    match made {
        Ok(value) => Some(value),
        Err(wrong) => {
            wrong.into_iter().for_each(|violation| findings.push(violation));
            None
        }
    }
}

impl RawTest<'_> {
    fn read(&self) -> Result<TestExecution, Violations> {
        let mut findings = Findings::new();
        let test_type = self.test_type.parsed(RuleId::TST001, "a suite");
        let parts = (
            findings.take("test_type", test_type),
            findings.take("attempt_number", self.attempt_number.whole(RuleId::TST002)),
            findings.take("status", self.status.parsed(RuleId::TST003, "how the suite went")),
            findings.take("duration", self.duration.whole(RuleId::TST005)),
            findings.take("failure_count", self.failure_count.whole(RuleId::TST004)),
            findings.take("started_at", self.started_at.whole(RuleId::TST005)),
            findings.take("completed_at", self.completed_at.whole(RuleId::TST005)),
            findings.take("run_in_parallel", self.run_in_parallel.yes_or_no(RuleId::TST006)),
            findings.take("fallback_to_serial", self.fallback_to_serial.yes_or_no(RuleId::TST006)),
        );
        let (
            Some(test_type),
            Some(attempt_number),
            Some(status),
            Some(duration),
            Some(failure_count),
            Some(started_at),
            Some(completed_at),
            Some(run_in_parallel),
            Some(fallback_to_serial),
        ) = parts
        else {
            return Err(findings.fail());
        };
        TestExecution::new(TestExecutionParts {
            test_type,
            attempt_number,
            status,
            duration,
            failure_count,
            started_at,
            completed_at,
            run_in_parallel,
            fallback_to_serial,
        })
    }
}

/// A time by ISO 8601, in any offset.
fn time(field: &Field<'_>, deviations: &mut Deviations) -> Result<Timestamp, Violations> {
    let Field::Text(text) = field else {
        let next = "Write the time, such as `2025-10-20T14:30:45Z`.";
        let expected = "a time by ISO 8601";
        return Err(Violation::new(RuleId::LOG001, field.told(), expected, next).into());
    };
    let read = text.parse::<Timestamp>().or_else(|wrong| match in_utc(text) {
        Some(time) => {
            deviations.add(Deviation::Offset);
            Ok(time)
        }
        None => Err(wrong.as_rule(RuleId::LOG001)),
    })?;
    if text.contains('.') {
        deviations.add(Deviation::Fraction);
    }
    Ok(read)
}

/// The same instant in UTC, of a complete time with another offset.
fn in_utc(text: &str) -> Option<Timestamp> {
    let complete = text.get(10..11) == Some("T") && !text.contains(":60") && !text.contains('[');
    let instant = complete.then(|| text.parse::<jiff::Timestamp>().ok()).flatten()?;
    instant.to_string().parse().ok()
}

fn level(field: &Field<'_>, deviations: &mut Deviations) -> Result<Level, Violations> {
    match field {
        Field::Text(text) if text == "success" => {
            deviations.add(Deviation::Success);
            Ok(Level::Info)
        }
        other => other.parsed(RuleId::LOG002, "`info`, `warn` or `error`"),
    }
}
