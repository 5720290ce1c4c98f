//! Writes the log of a run to standard output, one entry on a line: `write_run_log <step>…`.

use std::borrow::Cow;
use std::error::Error;
use std::io::stdout;

use pipeline_core::Timestamp;
use pipeline_core::run_log::{Level, LogEntry, LogEntryParts, LogWriter};

fn main() -> Result<(), Box<dyn Error>> {
    let began: Timestamp = "2025-10-20T14:30:45Z".parse()?;
    let mut log = LogWriter::new(stdout().lock());
    for (seconds, step) in (1..).zip(std::env::args().skip(1)) {
        let entry = LogEntry::new(LogEntryParts {
            timestamp: began.plus_seconds(seconds),
            level: Level::Info,
            message: Cow::Borrowed("done"),
            run_id: "run-20251020-143045-k8m3q2".parse()?,
            source_file: Cow::Borrowed(file!()),
            line_number: i64::from(line!()),
            function_name: Cow::Borrowed("main"),
            step_name: step.parse()?,
            duration_ms: Some(1000),
            exit_code: None,
            error: None,
            test: None,
        })?;
        log.write(&entry)?;
    }
    Ok(())
}
