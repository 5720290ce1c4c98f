//! `pipeline_run_log`: what the log of a run says.
//!
//! How it is read, and what is kept of it, is `pipeline_core`'s.

use std::path::Path as FilePath;

use pipeline_core::run::{RunId, StepName, TestExecution};
use pipeline_core::run_log::limits::MOST_ENTRIES;
use pipeline_core::run_log::survey::{self, LogFileError};
use pipeline_core::run_log::{
    Counts, DeviationCount, Level, Problem, Run, RunLog as Log, Selection, ShownEntry, Step,
};
use tfplugin::{Computed, DataContext, DataSource, Diagnostic, Diagnostics, Model, Text};

use crate::pipeline::Pipeline;

/// The log of pipeline runs: its runs and their steps, its newest entries, how tests went, and everything
/// that is wrong with it.
///
/// A log is one JSON object after another, each on one line or on several, however large it is. What is no
/// entry is listed in `problems` with its line; the entries beside it are read all the same. What other
/// systems write in their own words is understood and listed in `deviations`. Problems do not fail the plan;
/// let a `check` or a `postcondition` do so.
#[derive(Debug, Clone, Model)]
pub struct RunLog {
    /// File that holds the log. A relative path is taken from the working directory.
    pub path: String,
    /// How many entries to show at most, the newest. At most 10,000.
    #[tf(default = 100)]
    pub limit: u64,
    /// Levels of the entries to show: `info`, `warn` and `error`. All where absent.
    pub levels: Option<Vec<Text<Level>>>,
    /// Steps of the entries to show, such as `test-unit`. All where absent.
    pub steps: Option<Vec<Text<StepName>>>,
    /// Runs, in the order in which they began; at most 2,000.
    pub runs: Computed<Vec<RunItem>>,
    /// Newest entries of those asked for, in the order of their times.
    pub entries: Computed<Vec<EntryItem>>,
    /// Executions of tests, run by run.
    pub test_executions: Computed<Vec<TestItem>>,
    /// The first 100 problems, in the order of the log.
    pub problems: Computed<Vec<ProblemItem>>,
    /// What deviates from the format and is understood all the same.
    pub deviations: Computed<Vec<DeviationItem>>,
    /// How many there are of all, shown or not.
    pub counts: Computed<CountsItem>,
}

/// One run.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct RunItem {
    /// ID of the run.
    pub run_id: String,
    /// Time of its first entry, in UTC.
    pub started_at: String,
    /// Time of its last entry, in UTC.
    pub last_entry_at: String,
    /// Whether it reached the step `complete`.
    pub is_complete: bool,
    /// Exit code, where an entry of the step `complete` tells it.
    pub exit_code: Option<i64>,
    /// Steps, in the order in which they began.
    pub steps: Vec<StepItem>,
    /// How many entries only tell.
    pub info_count: u64,
    /// How many entries warn.
    pub warn_count: u64,
    /// How many entries tell of an error.
    pub error_count: u64,
}

/// One step of a run.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct StepItem {
    /// Name of the step.
    pub step_name: String,
    /// Time of its first entry, in UTC.
    pub started_at: String,
    /// When it was complete, in UTC; null where no entry says so.
    pub completed_at: Option<String>,
    /// How long it took, in milliseconds, all attempts together.
    pub duration_ms: Option<i64>,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct EntryItem {
    /// Line of the log on which it begins.
    pub line: u64,
    /// When it was written, in UTC.
    pub timestamp: String,
    /// Level: `info`, `warn` or `error`.
    pub level: String,
    /// What it says. What terminals and CI systems would obey is escaped; what is longer than 2,000 letters
    /// is cut.
    pub message: String,
    /// ID of its run.
    pub run_id: String,
    /// Source file that wrote it.
    pub source_file: String,
    /// Line of the source file.
    pub line_number: i64,
    /// Function that wrote it.
    pub function_name: String,
    /// Step of the run.
    pub step_name: String,
    /// How long the step took, in milliseconds, where this entry completes it.
    pub duration_ms: Option<i64>,
    /// Exit code that it tells of.
    pub exit_code: Option<i64>,
    /// More about an error.
    pub error: Option<String>,
}

/// One execution of a suite of tests.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct TestItem {
    /// ID of the run.
    pub run_id: String,
    /// Suite: `unit`, `integration` or `e2e`.
    pub test_type: String,
    /// 1, or 2 for the second attempt.
    pub attempt_number: i64,
    /// How it went: `passed`, `failed` or `skipped`.
    pub status: String,
    /// How long it took, in seconds.
    pub duration: i64,
    /// How many tests failed.
    pub failure_count: i64,
    /// When it began, in seconds since 1970.
    pub started_at: i64,
    /// When it ended, in seconds since 1970.
    pub completed_at: i64,
    /// Whether other suites ran at the same time.
    pub run_in_parallel: bool,
    /// Whether it ran alone because together with others it could not.
    pub fallback_to_serial: bool,
}

/// Something that is wrong with the log.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct ProblemItem {
    /// Line on which the entry begins.
    pub line: u64,
    /// Rule that is broken.
    pub rule: String,
    /// What was found, what was expected, and what to do next.
    pub message: String,
}

/// Something that deviates from the format and is understood all the same.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct DeviationItem {
    /// Line of the first entry that deviates.
    pub line: u64,
    /// Rule that is meant.
    pub rule: String,
    /// What deviates, and how it is understood.
    pub message: String,
    /// How many entries deviate.
    pub count: u64,
}

/// How many there are.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct CountsItem {
    /// Good entries.
    pub entries: u64,
    /// Good entries of the levels and steps that were asked for.
    pub selected: u64,
    /// Entries that only tell.
    pub info: u64,
    /// Entries that warn.
    pub warn: u64,
    /// Entries that tell of an error.
    pub error: u64,
    /// Problems.
    pub problems: u64,
    /// Entries of runs beyond those that are listed.
    pub of_other_runs: u64,
}

impl DataSource for RunLog {
    const NAME: &'static str = "pipeline_run_log";
    type Provider = Pipeline;

    fn validate(draft: &RunLogDraft, out: &mut Diagnostics) {
        if let Some(limit) = draft.limit.known()
            && *limit > MOST_ENTRIES
        {
            out.push(Diagnostic::error(
                Self::LIMIT,
                "So many entries are not shown",
                format!(
                    "Found {limit}; expected at most {MOST_ENTRIES}, because all of them go into the state. \
                     Next: ask for fewer; `counts` is of all."
                ),
            ));
        }
    }

    async fn read(self, _: &DataContext<Self>) -> Result<Self, Diagnostics> {
        let selection = self.selection();
        let log = survey::read(FilePath::new(&self.path), selection).await;
        let log = log.map_err(|failed| no_file(&failed))?;
        Ok(Self {
            test_executions: tests(&log).into(),
            runs: log.runs.iter().map(RunItem::from).collect::<Vec<_>>().into(),
            entries: log.entries.into_iter().map(EntryItem::from).collect::<Vec<_>>().into(),
            problems: log.problems.iter().map(ProblemItem::from).collect::<Vec<_>>().into(),
            deviations: log.deviations.iter().map(DeviationItem::from).collect::<Vec<_>>().into(),
            counts: CountsItem::from(log.counts).into(),
            ..self
        })
    }
}

impl RunLog {
    fn selection(&self) -> Selection {
        Selection {
            limit: usize::try_from(self.limit.min(MOST_ENTRIES)).unwrap_or(usize::MAX),
            levels: self.levels.iter().flatten().map(|level| level.0).collect(),
            steps: self.steps.iter().flatten().map(|step| step.0).collect(),
        }
    }
}

fn tests(log: &Log) -> Vec<TestItem> {
    let of_run = |run: &Run| {
        let id = run.run_id;
        run.tests().iter().map(move |test| TestItem::new(id, test)).collect::<Vec<_>>()
    };
    log.runs.iter().flat_map(of_run).collect()
}

impl From<&Run> for RunItem {
    fn from(run: &Run) -> Self {
        Self {
            run_id: run.run_id.to_string(),
            started_at: run.first_at.to_string(),
            last_entry_at: run.last_at.to_string(),
            is_complete: run.is_complete(),
            exit_code: run.exit_code,
            steps: run.steps.iter().map(StepItem::from).collect(),
            info_count: run.infos,
            warn_count: run.warnings,
            error_count: run.errors,
        }
    }
}

impl From<&Step> for StepItem {
    fn from(step: &Step) -> Self {
        Self {
            step_name: step.name.to_string(),
            started_at: step.started_at.to_string(),
            completed_at: step.completed_at.map(|at| at.to_string()),
            duration_ms: step.duration_ms,
        }
    }
}

impl From<ShownEntry> for EntryItem {
    fn from(entry: ShownEntry) -> Self {
        Self {
            line: entry.line,
            timestamp: entry.timestamp.to_string(),
            level: entry.level.to_string(),
            message: entry.message,
            run_id: entry.run_id.to_string(),
            source_file: entry.source_file,
            line_number: entry.line_number,
            function_name: entry.function_name,
            step_name: entry.step_name.to_string(),
            duration_ms: entry.duration_ms,
            exit_code: entry.exit_code,
            error: entry.error,
        }
    }
}

impl TestItem {
    fn new(run_id: RunId, test: &TestExecution) -> Self {
        let parts = test.parts();
        Self {
            run_id: run_id.to_string(),
            test_type: parts.test_type.to_string(),
            attempt_number: parts.attempt_number,
            status: parts.status.to_string(),
            duration: parts.duration,
            failure_count: parts.failure_count,
            started_at: parts.started_at,
            completed_at: parts.completed_at,
            run_in_parallel: parts.run_in_parallel,
            fallback_to_serial: parts.fallback_to_serial,
        }
    }
}

impl From<&Problem> for ProblemItem {
    fn from(problem: &Problem) -> Self {
        Self {
            line: problem.line,
            rule: problem.violation.rule.to_string(),
            message: problem.violation.to_string(),
        }
    }
}

impl From<&DeviationCount> for DeviationItem {
    fn from(found: &DeviationCount) -> Self {
        Self {
            line: found.line,
            rule: found.deviation.rule().to_string(),
            message: found.deviation.told().to_owned(),
            count: found.count,
        }
    }
}

impl From<Counts> for CountsItem {
    fn from(counts: Counts) -> Self {
        Self {
            entries: counts.entries,
            selected: counts.selected,
            info: counts.infos,
            warn: counts.warnings,
            error: counts.errors,
            problems: counts.problems,
            of_other_runs: counts.of_other_runs,
        }
    }
}

fn no_file(failed: &LogFileError) -> Diagnostics {
    let (summary, next) = if failed.is_missing {
        ("There is no log", "Check the path, and that the pipeline ran.")
    } else {
        ("The log could not be read", "Name the file of the log, and see that it may be read.")
    };
    let detail = format!("Found that {failed}; expected a file that holds a log. Next: {next}");
    Diagnostic::error(RunLog::PATH, summary, detail).into()
}
