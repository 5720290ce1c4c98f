//! What is in the log of a run, and what is wrong with it: `read_run_log ci.log`.

use std::error::Error;
use std::fs::File;
use std::io::{Write as _, stdout};

use pipeline_core::run_log::{RunLog, Selection};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("name the file of the log")?;
    let log = RunLog::read(File::open(path)?, &Selection::default())?;
    let mut out = stdout().lock();
    for run in &log.runs {
        let steps: Vec<_> = run.steps.iter().map(|step| step.name.as_str()).collect();
        writeln!(out, "{}: {} ({} errors)", run.run_id, steps.join(", "), run.errors)?;
    }
    for problem in &log.problems {
        writeln!(out, "line {}: {}", problem.line, problem.violation)?;
    }
    writeln!(out, "{} entries, {} problems", log.counts.entries, log.counts.problems)?;
    Ok(())
}
