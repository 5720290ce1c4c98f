//! What a person wants to know of a log: its runs, its newest entries, and what is wrong with it.
//!
//! What is kept is bounded by [`limits`](super::limits); counts are of all.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::io::{self, Read as Input};

use super::entry::{Level, LogEntry};
use super::limits::{MOST_PROBLEMS, MOST_RUNS, SHOWN_MESSAGE, SHOWN_NAME};
use super::progress::Run;
use super::raw::{Deviation, Item};
use super::read::{Found, scan};
use crate::Timestamp;
use crate::base::foreign;
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, Violations};
use crate::run::{RunId, StepName, TestExecution};

/// Which entries are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// So many, the newest.
    pub limit: usize,
    /// Only of these levels; of all where empty.
    pub levels: Vec<Level>,
    /// Only of these steps; of all where empty.
    pub steps: Vec<StepName>,
}

impl Default for Selection {
    fn default() -> Self {
        Self { limit: 100, levels: Vec::new(), steps: Vec::new() }
    }
}

/// What is in a log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunLog {
    /// Its runs, in the order in which they began.
    pub runs: Vec<Run>,
    /// The newest entries of those that were asked for, in the order of their times.
    pub entries: Vec<ShownEntry>,
    /// The first problems, in the order of the log.
    pub problems: Vec<Problem>,
    /// What deviates from the format and is understood all the same.
    pub deviations: Vec<DeviationCount>,
    /// How many there are of all.
    pub counts: Counts,
}

/// An entry as it may be shown: escaped, and cut where it is long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownEntry {
    /// The line of the log on which it begins.
    pub line: u64,
    /// When it was written.
    pub timestamp: Timestamp,
    /// How much it matters.
    pub level: Level,
    /// What it says.
    pub message: String,
    /// The run that it belongs to.
    pub run_id: RunId,
    /// The source file that wrote it.
    pub source_file: String,
    /// The line of that file.
    pub line_number: i64,
    /// The function that wrote it.
    pub function_name: String,
    /// The step of the run.
    pub step_name: StepName,
    /// How long the step took, in milliseconds.
    pub duration_ms: Option<i64>,
    /// The exit code that it tells of.
    pub exit_code: Option<i64>,
    /// More about an error.
    pub error: Option<String>,
}

/// Something that is wrong with a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line, from 1, on which the entry begins.
    pub line: u64,
    /// What is wrong.
    pub violation: Violation,
}

/// How often something deviates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviationCount {
    /// What it is.
    pub deviation: Deviation,
    /// The line of the first entry that does.
    pub line: u64,
    /// How many do.
    pub count: u64,
}

/// How many there are of all, kept or not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Good entries.
    pub entries: u64,
    /// Those of them that were asked for, by level and step.
    pub selected: u64,
    /// Those that only tell.
    pub infos: u64,
    /// Those that warn.
    pub warnings: u64,
    /// Those that tell of an error.
    pub errors: u64,
    /// Problems.
    pub problems: u64,
    /// Entries and tests of runs beyond the [most](MOST_RUNS) that are told apart.
    pub of_other_runs: u64,
}

impl RunLog {
    /// Reads a log to its end.
    ///
    /// # Errors
    /// The input cannot be read.
    pub fn read(input: impl Input, selection: &Selection) -> io::Result<Self> {
        let mut gathering = Gathering::new(selection);
        scan(input, |found| gathering.take(found))?;
        Ok(gathering.finish())
    }
}

/// What is known so far.
struct Gathering<'s> {
    selection: &'s Selection,
    log: RunLog,
    places: BTreeMap<RunId, usize>,
    newest: BinaryHeap<Reverse<Kept>>,
    deviations: BTreeMap<Deviation, DeviationCount>,
    last_run: Option<RunId>,
}

/// An entry that is among the newest so far; of equal times the later line is newer.
struct Kept(ShownEntry);

impl Kept {
    const fn key(&self) -> (Timestamp, u64) {
        (self.0.timestamp, self.0.line)
    }
}

impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Kept {}

impl PartialOrd for Kept {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Kept {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl<'s> Gathering<'s> {
    fn new(selection: &'s Selection) -> Self {
        Self {
            selection,
            log: RunLog::default(),
            places: BTreeMap::new(),
            newest: BinaryHeap::new(),
            deviations: BTreeMap::new(),
            last_run: None,
        }
    }

    fn take(&mut self, found: Found<'_>) {
        let line = found.line;
        for deviation in found.deviations() {
            let first = DeviationCount { deviation, line, count: 0 };
            self.deviations.entry(deviation).or_insert(first).count += 1;
        }
        for violation in found.problems {
            self.tell(line, violation);
        }
        match found.item {
            Some(Item::Entry(entry)) => self.take_entry(line, &entry),
            Some(Item::Test { run_id, test }) => match run_id.or(self.last_run) {
                Some(run_id) => self.take_test(line, run_id, None, test),
                None => self.tell(line, without_run()),
            },
            None => {}
        }
    }

    fn take_entry(&mut self, line: u64, entry: &LogEntry<'_>) {
        let parts = entry.parts();
        self.last_run = Some(parts.run_id);
        if let Some(run) = self.run(parts.run_id, Some(parts.timestamp))
            && let Err(wrong) = run.add(entry)
        {
            self.tell_all(line, wrong);
            return;
        }
        let counts = &mut self.log.counts;
        counts.entries += 1;
        match parts.level {
            Level::Info => counts.infos += 1,
            Level::Warn => counts.warnings += 1,
            Level::Error => counts.errors += 1,
        }
        if let Some(test) = parts.test {
            self.take_test(line, parts.run_id, Some(parts.timestamp), test);
        }
        let Selection { levels, steps, .. } = self.selection;
        let wanted = (levels.is_empty() || levels.contains(&parts.level))
            && (steps.is_empty() || steps.contains(&parts.step_name));
        if wanted {
            self.log.counts.selected += 1;
            self.keep(line, entry);
        }
    }

    fn take_test(&mut self, line: u64, id: RunId, at: Option<Timestamp>, test: TestExecution) {
        let at = at.or_else(|| Timestamp::from_unix_seconds(test.parts().completed_at));
        if let Some(run) = self.run(id, at)
            && let Err(wrong) = run.add_test(test)
        {
            self.tell_all(line, wrong);
        }
    }

    /// The run of that ID, unless there are too many.
    fn run(&mut self, id: RunId, at: Option<Timestamp>) -> Option<&mut Run> {
        let place = match (self.places.get(&id), at) {
            (Some(place), _) => *place,
            (None, Some(at)) if self.log.runs.len() < MOST_RUNS => {
                let place = self.log.runs.len();
                self.places.insert(id, place);
                self.log.runs.push(Run::new(id, at));
                place
            }
            _ => {
                self.log.counts.of_other_runs += 1;
                return None;
            }
        };
        self.log.runs.get_mut(place)
    }

    fn keep(&mut self, line: u64, entry: &LogEntry<'_>) {
        let limit = self.selection.limit;
        let key = (entry.parts().timestamp, line);
        if self.newest.len() >= limit {
            match self.newest.peek() {
                Some(Reverse(oldest)) if oldest.key() < key => drop(self.newest.pop()),
                _ => return,
            }
        }
        self.newest.push(Reverse(Kept(ShownEntry::new(line, entry))));
    }

    fn tell(&mut self, line: u64, violation: Violation) {
        self.log.counts.problems += 1;
        if self.log.problems.len() < MOST_PROBLEMS {
            self.log.problems.push(Problem { line, violation });
        }
    }

    fn tell_all(&mut self, line: u64, wrong: Violations) {
        for violation in wrong {
            self.tell(line, violation);
        }
    }

    fn finish(mut self) -> RunLog {
        let newest = self.newest.into_sorted_vec();
        self.log.entries = newest.into_iter().rev().map(|Reverse(kept)| kept.0.escaped()).collect();
        self.log.deviations = self.deviations.into_values().collect();
        self.log.runs.sort_by_key(|run| (run.first_at, run.run_id));
        self.log
    }
}

impl ShownEntry {
    /// What is kept of an entry while the log is read.
    fn new(line: u64, entry: &LogEntry<'_>) -> Self {
        let parts = entry.parts();
        Self {
            line,
            timestamp: parts.timestamp,
            level: parts.level,
            message: cut(&parts.message, SHOWN_MESSAGE),
            run_id: parts.run_id,
            source_file: cut(&parts.source_file, SHOWN_NAME),
            line_number: parts.line_number,
            function_name: cut(&parts.function_name, SHOWN_NAME),
            step_name: parts.step_name,
            duration_ms: parts.duration_ms,
            exit_code: parts.exit_code,
            error: parts.error.as_deref().map(|error| cut(error, SHOWN_MESSAGE)),
        }
    }

    fn escaped(self) -> Self {
        Self {
            message: foreign::word(&self.message, SHOWN_MESSAGE),
            source_file: foreign::word(&self.source_file, SHOWN_NAME),
            function_name: foreign::word(&self.function_name, SHOWN_NAME),
            error: self.error.map(|error| foreign::word(&error, SHOWN_MESSAGE)),
            ..self
        }
    }
}

/// One letter more than will be shown, which tells that there were more.
fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    text.chars().take(most + 1).collect()
}

fn without_run() -> Violation {
    let next = "Write the `run_id` into it, or log it after an entry of its run.";
    let found = "an execution of tests of an unknown run";
    Violation::new(RuleId::LOG003, found, "the ID of a run", next).under("run_id")
}
