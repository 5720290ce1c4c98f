//! Credentials in what CI runs, and secrets files in the clear, of one commit: `audit_commit <repository> <commit>`.

#![allow(clippy::print_stdout, reason = "a script prints its result")]

use std::collections::BTreeSet;
use std::error::Error;

use pipeline_core::git::{Repository, Settings};
use pipeline_core::secret_scan::survey;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let location = arguments.next().ok_or("which repository?")?;
    let repository = Repository::open(Some(&location), None, Settings::default())?;
    let commit = repository.resolve(&arguments.next().ok_or("which commit?")?).await?;
    let audit = survey(&repository, commit, &[], &BTreeSet::new()).await?;
    for finding in &audit.findings {
        println!("{}", finding.violation());
    }
    println!("{} files, {} findings", audit.files, audit.findings.len() + audit.left_out);
    Ok(())
}
