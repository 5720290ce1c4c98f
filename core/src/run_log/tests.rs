//! Logs as they come: good ones, those of other systems, broken ones, and whatever bytes there may be.

use std::fmt::Write as _;
use std::io::{self, Read};

use proptest::prelude::*;

use super::limits::{LARGEST_VALUE, MOST_PROBLEMS, MOST_RUNS, SHOWN_MESSAGE};
use super::stream::{Fault, Piece, Values};
use super::*;
use crate::RuleId;
use crate::run::{StepName, TestExecution, TestExecutionParts, TestStatus, TestType};

const RUN: &str = "run-20251020-143045-k8m3q2";

/// An input that gives a few bytes at a time.
struct Dripping<'a>(&'a [u8], usize);

impl Read for Dripping<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.1.min(self.0.len()).min(into.len());
        let (now, later) = self.0.split_at(count);
        into[..count].copy_from_slice(now);
        self.0 = later;
        Ok(count)
    }
}

/// An entry as one line, with these fields instead of its own.
fn entry(fields: &str) -> String {
    let mut value = serde_json::json!({
        "timestamp": "2025-10-20T14:30:45Z", "level": "info", "message": "Running unit tests",
        "run_id": RUN, "source_file": "scripts/ci/run.sh", "line_number": 123,
        "function_name": "run_unit", "step_name": "test-unit",
    });
    let fields: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&format!("{{{fields}}}")).unwrap();
    value.as_object_mut().unwrap().extend(fields);
    value.to_string()
}

fn read(log: impl AsRef<[u8]>) -> RunLog {
    RunLog::read(log.as_ref(), &Selection::default()).unwrap()
}

/// The lines and rules of all problems.
fn problems(log: &RunLog) -> Vec<(u64, RuleId)> {
    log.problems.iter().map(|problem| (problem.line, problem.violation.rule)).collect()
}

#[test]
fn a_run_is_found_with_its_steps() {
    let lines = [
        entry("\"step_name\": \"init\""),
        entry("\"timestamp\": \"2025-10-20T14:30:50Z\""),
        entry(
            "\"timestamp\": \"2025-10-20T14:31:30Z\", \"duration_ms\": 40000, \"level\": \"error\"",
        ),
        entry(
            "\"timestamp\": \"2025-10-20T14:31:31Z\", \"step_name\": \"complete\", \"exitCode\": 2",
        ),
    ];
    let log = read(lines.join("\n"));
    assert_eq!(problems(&log), []);
    let [run] = log.runs.as_slice() else { panic!("{log:?}") };
    assert_eq!(run.run_id.to_string(), RUN);
    assert_eq!((run.infos, run.warnings, run.errors, run.exit_code), (3, 0, 1, Some(2)));
    assert!(run.is_complete());
    let steps: Vec<_> = run.steps.iter().map(|step| (step.name, step.duration_ms)).collect();
    let unit = (StepName::TestUnit, Some(40_000));
    assert_eq!(steps, [(StepName::Init, None), unit, (StepName::Complete, None)]);
    assert_eq!(log.entries.len(), 4);
    assert_eq!(log.counts.entries, 4);
}

#[test]
fn a_pretty_log_of_another_system_is_understood_and_its_deviations_are_named() {
    let pretty = |line: String| {
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        serde_json::to_string_pretty(&value).unwrap()
    };
    let first = entry("\"timestamp\": \"2025-10-20T14:30:45.250Z\", \"level\": \"success\"");
    let second =
        entry("\"timestamp\": \"2025-10-20T16:30:46+02:00\", \"error\": {\"code\": \"E1\"}");
    let third = entry("\"exitCode\": 1").replace("step_name", "step");
    let log = read(format!("{}\n{}\n{}", pretty(first), pretty(second), pretty(third)));
    assert_eq!(problems(&log), []);
    assert_eq!(log.entries.len(), 3);
    assert_eq!(log.entries[1].timestamp.to_string(), "2025-10-20T14:30:45.25Z");
    assert_eq!(log.entries[2].timestamp.to_string(), "2025-10-20T14:30:46Z");
    assert_eq!(log.entries[2].error.as_deref(), Some("{\"code\":\"E1\"}"));
    let deviations: Vec<_> =
        log.deviations.iter().map(|it| (it.deviation, it.line, it.count)).collect();
    assert_eq!(
        deviations,
        [
            (Deviation::Fraction, 1, 1),
            (Deviation::Offset, 11, 1),
            (Deviation::Success, 1, 1),
            (Deviation::StepKey, 24, 1),
            (Deviation::ExitCode, 24, 1),
            (Deviation::ErrorObject, 11, 1),
            (Deviation::SeveralLines, 1, 3),
        ]
    );
}

#[test]
fn good_entries_beside_bad_ones_are_kept() {
    let good = entry("");
    let pretty =
        serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(&good).unwrap());
    let pretty = pretty.unwrap();
    let cases: [(&str, u64); 11] = [
        ("npm warn deprecated", 1),
        ("[1, 2]", 1),
        ("{\"a\": \"cut off", 1),
        ("{\"a\": 1, ", 1),
        ("{\"a\": oops}", 1),
        ("{\"a\": \"\\", 1),
        ("{\n  \"a\": \"cut off,\n  \"b\": {\n    \"c\": 1\n  }\n}", 1),
        ("{\n  \"a\": [\n", 1),
        ("{\"a\": \u{1}\"x\"}", 1),
        ("{]", 1),
        ("}", 1),
    ];
    for (bad, count) in cases {
        for other in [&good, &pretty] {
            let log = read(format!("{other}\n{bad}\n{other}\n{other}"));
            assert_eq!(log.counts.entries, 3, "{bad}: {log:?}");
            let line = u64::try_from(other.lines().count()).unwrap() + 1;
            assert_eq!(
                problems(&log),
                vec![(line, RuleId::LOG006); usize::try_from(count).unwrap()],
                "{bad}"
            );
        }
    }
    // Text before a value on the same line hides nothing.
    let log = read(format!("ci | {good}\n{good} {good},\n"));
    assert_eq!(log.counts.entries, 3);
    assert_eq!(problems(&log), [(1, RuleId::LOG006), (2, RuleId::LOG006)]);
    let log = read(format!("\u{feff}{good}\r\n"));
    assert_eq!((log.counts.entries, log.counts.problems), (1, 0));
}

#[test]
fn every_bad_field_is_named() {
    let log = read(entry(
        "\"timestamp\": \"yesterday\", \"level\": \"warm\", \"message\": \"\", \"run_id\": \"run-1\", \
         \"source_file\": \"/bin/sh\", \"line_number\": 0, \"function_name\": 7, \
         \"step_name\": \"tests\", \"duration_ms\": -1",
    ));
    let mut rules: Vec<_> = problems(&log).into_iter().map(|(_, rule)| rule).collect();
    rules.sort();
    use RuleId::*;
    assert_eq!(rules, [RUN020, LOG001, LOG002, LOG003, LOG003, LOG004, LOG004, LOG005, LOG007]);
    assert_eq!(log.counts.entries, 0);
    let missing = read("{}");
    assert_eq!(missing.counts.problems, 8, "{missing:?}");
    let told = log.problems.iter().map(|it| it.violation.to_string()).collect::<String>();
    assert!(told.contains("Did you mean `warn`?"), "{told}");
}

fn test_line(fields: &str) -> String {
    let mut value = serde_json::json!({
        "test_type": "e2e", "attempt_number": 1, "status": "failed", "duration": 45, "failure_count": 2,
        "started_at": 1_729_433_445, "completed_at": 1_729_433_490, "run_in_parallel": true,
        "fallback_to_serial": false,
    });
    let fields: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&format!("{{{fields}}}")).unwrap();
    value.as_object_mut().unwrap().extend(fields);
    value.to_string()
}

#[test]
fn tests_are_found_wherever_they_stand() {
    let again = test_line("\"attempt_number\": 2, \"status\": \"passed\", \"failure_count\": 0");
    let inside = entry(&format!("\"test_execution\": {}", test_line("")));
    let beside = entry(again.trim_matches(['{', '}']));
    let alone = format!("{}\n{again}", test_line("")).replace("e2e", "unit");
    let log = read(format!("{inside}\n{beside}\n{alone}"));
    // A second attempt of unit tests is not allowed; all else is.
    assert_eq!(problems(&log), [(4, RuleId::TST008)]);
    let tests: Vec<_> = log.runs[0].tests().iter().map(|test| *test.parts()).collect();
    let told: Vec<_> = tests.iter().map(|test| (test.test_type, test.attempt_number)).collect();
    assert_eq!(told, [(TestType::E2e, 1), (TestType::E2e, 2), (TestType::Unit, 1)]);
    // Tests that are wrong do not spoil the entry.
    let log = read(entry("\"test_execution\": {}"));
    assert_eq!((log.counts.entries, log.counts.problems), (1, 9));
    // Tests that no run is known for.
    assert_eq!(problems(&read(test_line(""))), [(1, RuleId::LOG003)]);
}

#[test]
fn the_newest_are_kept_and_all_are_counted() {
    let line = |second: u32, level: &str| {
        entry(&format!("\"timestamp\": \"2025-10-20T14:30:{second:02}Z\", \"level\": \"{level}\""))
    };
    let lines =
        [line(9, "info"), line(1, "error"), line(5, "warn"), line(7, "info"), line(5, "info")];
    let select = |limit, levels| {
        let selection = Selection { limit, levels, ..Selection::default() };
        RunLog::read(lines.join("\n").as_bytes(), &selection).unwrap()
    };
    let shown = |log: &RunLog| log.entries.iter().map(|it| it.line).collect::<Vec<_>>();
    let log = select(3, Vec::new());
    assert_eq!(shown(&log), [5, 4, 1]);
    assert_eq!(
        log.counts,
        Counts {
            entries: 5,
            selected: 5,
            infos: 3,
            warnings: 1,
            errors: 1,
            problems: 0,
            of_other_runs: 0,
        }
    );
    let log = select(9, vec![Level::Warn, Level::Error]);
    assert_eq!(shown(&log), [2, 3]);
    assert_eq!((log.counts.selected, log.counts.entries), (2, 5));
    assert_eq!(shown(&select(0, Vec::new())), [0_u64; 0]);
}

#[test]
fn text_is_escaped_and_cut() {
    let long = "x".repeat(SHOWN_MESSAGE + 9);
    let log = read(format!(
        "{}\n{}",
        entry("\"message\": \"a\\u001b[2J\\n::error::b\""),
        entry(&format!("\"message\": \"{long}\""))
    ));
    assert_eq!(log.entries[0].message, "a\\u{1b}[2J\\n::error::b");
    assert_eq!(log.entries[1].message.chars().count(), SHOWN_MESSAGE + 1);
    let log = read(entry("\"level\": \"\\u001b[2J\""));
    assert!(!log.problems[0].violation.to_string().contains('\u{1b}'));
}

#[test]
fn what_is_too_large_too_deep_or_too_much_is_named_and_passed_over() {
    let good = entry("");
    let large = format!("{{\"a\": \"{}\"}}", "x".repeat(LARGEST_VALUE));
    let deep = format!("{{\"a\": {}1{}}}", "[".repeat(500_000), "]".repeat(500_000));
    for bad in [&large, &deep] {
        let log = read(format!("{good}\n{bad}\n{good}"));
        assert_eq!((log.counts.entries, problems(&log)), (2, vec![(2, RuleId::LOG006)]));
    }
    let log = read("text\n".repeat(MOST_PROBLEMS + 5));
    assert_eq!((log.problems.len(), log.counts.problems), (MOST_PROBLEMS, 105));
    let mut runs = String::new();
    for number in 0..MOST_RUNS + 3 {
        writeln!(runs, "{}", entry(&format!("\"run_id\": \"run-20251020-143045-{number:06}\"")))
            .unwrap();
    }
    let log = read(runs);
    assert_eq!((log.runs.len(), log.counts.of_other_runs), (MOST_RUNS, 3));
    assert_eq!(log.counts.entries, 2003);
}

/// However deep `DEEPEST` lets a value be, serde reads it; one deeper, it would not.
#[test]
fn the_two_limits_of_depth_are_one() {
    for depth in [126, 127, 128, 129] {
        let value = format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        let pieces = Values::new(value.as_bytes())
            .next()
            .unwrap()
            .map(|it| matches!(it, Piece::Value { .. }));
        assert_eq!(
            pieces,
            Some(serde_json::from_str::<serde_json::Value>(&value).is_ok()),
            "{depth}"
        );
    }
}

/// All pieces, with the bytes of values.
fn pieces(bytes: &[u8], at_once: usize) -> Vec<(u64, Result<Vec<u8>, Fault>)> {
    let mut values = Values::new(Dripping(bytes, at_once));
    let mut all = Vec::new();
    while let Some(piece) = values.next().unwrap() {
        all.push(match piece {
            Piece::Value { line, bytes, .. } => (line, Ok(bytes.to_owned())),
            Piece::Broken { line, fault } => (line, Err(fault)),
        });
    }
    all
}

prop_compose! {
    fn executions()(kind in 0..3_usize, failures in 0..3_i64, start in 0..2_000_000_000_i64, long in 0..900_i64, parallel: bool) -> TestExecution {
        TestExecution::new(TestExecutionParts {
            test_type: TestType::ALL[kind],
            attempt_number: 1,
            status: if failures == 0 { TestStatus::Passed } else { TestStatus::Failed },
            duration: long,
            failure_count: failures,
            started_at: start,
            completed_at: start + long,
            run_in_parallel: parallel,
            fallback_to_serial: false,
        }).unwrap()
    }
}

prop_compose! {
    fn entries()(
        second in 0..253_402_207_000_i64,
        level in 0..3_usize,
        run in "run-20251020-143045-[a-c]{6}",
        text in "\\PC{1,40}|[\u{0}-\u{7f}]{1,9}",
        file in "[a-z]{1,9}/[a-z]{1,9}",
        line in 1..i64::MAX,
        step in 0..9_usize,
        duration in proptest::option::of(0..i64::MAX),
        exit in proptest::option::of(any::<i64>()),
        error in proptest::option::of("\\PC{0,20}"),
        test in proptest::option::of(executions()),
    ) -> LogEntry<'static> {
        LogEntry::new(LogEntryParts {
            timestamp: crate::Timestamp::from_unix_seconds(second).unwrap(),
            level: Level::ALL[level],
            message: text.clone().into(),
            run_id: run.parse().unwrap(),
            source_file: file.into(),
            line_number: line,
            function_name: text.into(),
            step_name: StepName::ALL[step],
            duration_ms: duration,
            exit_code: exit,
            error: error.map(Into::into),
            test,
        }).unwrap()
    }
}

proptest! {
    /// What the writer writes the reader reads, one entry on a line; what it refuses is not in the log.
    #[test]
    fn what_is_written_is_read(all in proptest::collection::vec(entries(), 0..20)) {
        let mut writer = LogWriter::new(Vec::new());
        let written: Vec<_> = all.into_iter().filter(|entry| match writer.write(entry) {
            Ok(()) => true,
            Err(WriteError::Refused(_)) => false,
            Err(WriteError::Failed(error)) => panic!("{error}"),
        }).collect();
        let log = writer.into_inner();
        let mut back = Vec::new();
        scan(log.as_slice(), |found| {
            assert_eq!(found.problems, []);
            if let Some(Item::Entry(entry)) = found.item {
                back.push((found.line, entry.into_owned()));
            }
        }).unwrap();
        let expected: Vec<_> = (1..).zip(written).collect();
        prop_assert_eq!(back, expected);
        prop_assert_eq!(read(&log).counts.problems, 0);
    }

    /// Whatever bytes come, and in whatever portions: the pieces are the same, in order, and each value is
    /// a part of the log that begins on the line that is said.
    #[test]
    fn whatever_bytes_come(
        bytes in proptest::collection::vec(
            prop_oneof![
                Just(b'{'), Just(b'}'), Just(b'"'), Just(b'\n'), Just(b'\\'), Just(b'['), Just(b']'),
                Just(b' '), Just(b':'), Just(b'a'), any::<u8>(),
            ],
            0..60,
        ),
        at_once in 1..5_usize,
    ) {
        let all = pieces(&bytes, usize::MAX);
        prop_assert_eq!(&pieces(&bytes, at_once), &all);
        let lines: Vec<u64> = all.iter().map(|(line, _)| *line).collect();
        prop_assert!(lines.is_sorted());
        for (line, piece) in &all {
            let start = bytes.split(|byte| *byte == b'\n').nth(usize::try_from(line - 1).unwrap());
            prop_assert!(start.is_some());
            if let Ok(value) = piece {
                let is_part = bytes.windows(value.len()).any(|it| it == value);
                prop_assert_eq!((value[0], is_part), (b'{', true));
            }
        }
        read(&bytes);
    }

    /// Of good lines and others in any order, no good one is lost, and each other one is named.
    #[test]
    fn no_good_line_is_lost(marks in proptest::collection::vec(0..6_usize, 0..30)) {
        let others = ["text", "{\"a\": \"cut", "{\"a\": [1,", "{\"a\" 1}", "[{}]"];
        let good = entry("");
        let lines: Vec<&str> = marks.iter().map(|mark| others.get(*mark).copied().unwrap_or(&good)).collect();
        let log = read(lines.join("\n"));
        let (bad, fine): (Vec<_>, Vec<_>) = (1_u64..).zip(&marks).partition(|(_, mark)| **mark < 5);
        prop_assert_eq!(log.counts.entries, u64::try_from(fine.len()).unwrap());
        let mut named: Vec<u64> = log.problems.iter().map(|it| it.line).collect();
        named.dedup();
        // A list that nothing ended goes on until a value begins, and takes other lines with it.
        let swallows = marks.contains(&2);
        prop_assert!(swallows || named == bad.iter().map(|(line, _)| *line).collect::<Vec<_>>());
    }
}

#[test]
fn a_mark_of_the_byte_order_is_one_however_it_arrives() {
    let log = format!("\u{feff}{}\u{feff}\n{}\n\u{ef}x", entry(""), entry("\"level\": \"error\""));
    let whole = read(&log);
    assert_eq!((whole.counts.entries, whole.counts.problems), (2, 1));
    for portion in 1..5 {
        let found = RunLog::read(Dripping(log.as_bytes(), portion), &Selection::default());
        assert_eq!(found.unwrap(), whole, "{portion}");
    }
}
