//! The report of a repository as Markdown: `make_report <repository>`.

#![allow(clippy::print_stdout, reason = "a script prints its result")]

use std::error::Error;

use pipeline_core::TagGrammar;
use pipeline_core::git::{Repository, Settings};
use pipeline_core::ledger::Ledger;
use pipeline_core::report::{ReportQuestion, survey};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let location = std::env::args().nth(1).ok_or("which repository?")?;
    let repository = Repository::open(Some(&location), None, Settings::default())?;
    let ledger = Ledger::new(repository);
    let mut facts = survey::survey(&ledger, &TagGrammar::default(), None, None).await?;
    let question = ReportQuestion::default();
    let (since, _) = facts.period(&question).ok_or("nothing is on record")?;
    survey::look_at_repository(ledger.store(), &mut facts, since).await?;
    println!("{}", facts.report(&question).ok_or("nothing is on record")?.markdown());
    Ok(())
}
