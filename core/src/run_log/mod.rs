//! The log of a run: entries as JSON values, one after another.
//!
//! [`LogEntry`] is one of them; [`LogWriter`] writes them, one on a line. [`scan`] reads a log of any size
//! and hands over each entry and each problem; [`RunLog`] gathers from that what a person wants to know.
//! [`survey`] opens a file.
//!
//! ```
//! use pipeline_core::run::StepName;
//! use pipeline_core::run_log::{Level, LogEntry, LogEntryParts, LogWriter, RunLog, Selection};
//!
//! let mut log = Vec::new();
//! let mut writer = LogWriter::new(&mut log);
//! writer.write(&LogEntry::new(LogEntryParts {
//!     timestamp: "2025-10-20T14:30:45Z".parse()?,
//!     level: Level::Info,
//!     message: "Unit tests passed".into(),
//!     run_id: "run-20251020-143045-k8m3q2".parse()?,
//!     source_file: "scripts/ci/run.sh".into(),
//!     line_number: 123,
//!     function_name: "run_unit_tests".into(),
//!     step_name: StepName::TestUnit,
//!     duration_ms: Some(45_000),
//!     exit_code: None,
//!     error: None,
//!     test: None,
//! })?)?;
//!
//! let read = RunLog::read(log.as_slice(), &Selection::default())?;
//! assert_eq!(read.counts.entries, 1);
//! assert!(read.problems.is_empty());
//! assert_eq!(read.runs[0].steps[0].duration_ms, Some(45_000));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod entry;
mod field;
mod gather;
pub mod limits;
mod progress;
mod raw;
mod read;
mod stream;
pub mod survey;
mod write;

#[cfg(test)]
mod tests;

pub use entry::{Level, LogEntry, LogEntryParts};
pub use gather::{Counts, DeviationCount, Problem, RunLog, Selection, ShownEntry};
pub use progress::{Run, Step};
pub use raw::{Deviation, Item};
pub use read::{Found, scan};
pub use write::{LogWriter, WriteError};
