//! Writes logs: one JSON object on a line, in the order in which they are given.

use std::collections::BTreeMap;
use std::io::{self, Write};

use thiserror::Error;

use super::entry::LogEntry;
use super::progress::Run;
use crate::base::violation::Violations;
use crate::run::RunId;

/// Why an entry was not written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// It contradicts what its run logged before.
    #[error(transparent)]
    Refused(#[from] Violations),
    /// The output takes no more.
    #[error("the log cannot be written: {0}")]
    Failed(#[from] io::Error),
}

/// Writes a log that [`RunLog`](super::RunLog) reads without a problem.
///
/// It remembers the runs of the log, not their entries. A line is written whole or, where the output fails,
/// perhaps in part.
#[derive(Debug)]
pub struct LogWriter<W> {
    output: W,
    runs: BTreeMap<RunId, Run>,
}

impl<W: Write> LogWriter<W> {
    /// Begins a log.
    pub const fn new(output: W) -> Self {
        Self { output, runs: BTreeMap::new() }
    }

    /// Writes one entry.
    ///
    /// # Errors
    /// LOG005 for a step that is complete already; TST002 and TST007 for tests that contradict those before;
    /// LOG006 for an entry that is too large to be read; the output fails.
    pub fn write(&mut self, entry: &LogEntry<'_>) -> Result<(), WriteError> {
        let parts = entry.parts();
        let mut run = match self.runs.get(&parts.run_id) {
            Some(known) => known.clone(),
            None => Run::new(parts.run_id, parts.timestamp),
        };
        run.add(entry)?;
        if let Some(test) = parts.test {
            run.add_test(test)?;
        }
        let mut line = serde_json::to_vec(entry).map_err(io::Error::from)?;
        super::read::check_size(line.len())?;
        line.push(b'\n');
        self.output.write_all(&line)?;
        self.runs.insert(parts.run_id, run);
        Ok(())
    }

    /// The output.
    pub fn into_inner(self) -> W {
        self.output
    }
}
