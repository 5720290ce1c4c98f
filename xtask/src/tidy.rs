//! What the compiler does not check: who may use whom, what a file looks like, what is missing.
//!
//! Each check is a function from what it reads to a list of problems, one line each, that says what
//! to do. All problems are shown at once.

mod edges;
mod enforcement;
mod features;
mod files;
mod layout;
mod modules;
mod process;
mod purity;
mod source;

use pipeline_acceptance::{Failure, Outcome};

use crate::{cargo, screen};

/// Runs every check.
pub(crate) fn run() -> Outcome {
    let metadata = cargo::metadata()?;
    let sources = source::tracked(cargo::root())?;
    let mut problems = edges::check(&metadata);
    problems.extend(features::check(&metadata));
    problems.extend(purity::check(&sources));
    problems.extend(process::check(&sources));
    problems.extend(files::check(&sources));
    problems.extend(modules::check(&metadata, &sources));
    problems.extend(layout::check(&sources));
    let rules = enforcement::check(&sources);
    problems.extend(rules.problems);
    for line in rules.later {
        screen::line(&format!("  {line}"));
    }
    if problems.is_empty() {
        screen::line(&format!("  {} files are tidy", sources.len()));
        return Ok(());
    }
    problems.sort();
    Err(Failure::new(format!("{}\n{} problems", problems.join("\n"), problems.len())))
}
