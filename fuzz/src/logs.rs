//! What runs leave behind: logs, and reports of tests.

use std::io::{self, Read};

use pipeline_core::run::junit::{JunitReport, MOST_FAILURES};
use pipeline_core::run_log::limits::{MOST_PROBLEMS, MOST_RUNS};
use pipeline_core::run_log::{RunLog, Selection};

use crate::Outcome;
use crate::laws::{shown, told};

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

pub(crate) fn run_log(bytes: &[u8]) -> Outcome {
    let selection = Selection::default();
    let Ok(log) = RunLog::read(bytes, &selection) else { return Outcome::Refused };
    // A portion for each length, so that no place of the log is spared.
    let portion = bytes.len() % 61 + 1;
    assert_eq!(RunLog::read(Dripping(bytes, portion), &selection).ok().as_ref(), Some(&log));
    let counts = log.counts;
    assert_eq!(counts.infos + counts.warnings + counts.errors, counts.entries);
    assert!(log.runs.len() <= MOST_RUNS && log.problems.len() <= MOST_PROBLEMS);
    assert!(log.entries.len() <= selection.limit);
    assert!(log.entries.is_sorted_by_key(|entry| (entry.timestamp, entry.line)));
    assert!(log.problems.is_sorted_by_key(|problem| problem.line));
    log.problems.iter().for_each(|problem| told(&problem.violation));
    for entry in &log.entries {
        shown(&entry.message);
        shown(&entry.source_file);
        shown(&entry.function_name);
        entry.error.iter().for_each(|error| shown(error));
    }
    (counts.entries > 0).into()
}

pub(crate) fn junit(bytes: &[u8]) -> Outcome {
    let report = match JunitReport::read(bytes) {
        Ok(report) => report,
        Err(reason) => {
            told(&reason);
            return Outcome::Refused;
        }
    };
    let told = u64::try_from(report.failures.len()).unwrap_or(u64::MAX);
    assert!(report.failures.len() <= MOST_FAILURES && told <= report.failed);
    assert_eq!(report.failures.is_empty(), report.failed == 0);
    assert_eq!(report.tests(), report.passed.saturating_add(report.failed));
    assert_eq!(report.result().exit_code == 0, report.failed == 0);
    for failure in &report.failures {
        shown(&failure.suite);
        shown(&failure.name);
        shown(&failure.message);
    }
    let mut twice = report.clone();
    twice.add(report.clone());
    assert_eq!(twice.passed, report.passed.saturating_mul(2));
    Outcome::Read
}
