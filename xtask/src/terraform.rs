//! Which Terraform the chores use.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::terraform::{Terraform, VARIABLE};

use crate::{install, screen};

/// The Terraform named by `PIPELINE_TERRAFORM`, else the one on the path, else one of our own.
pub(crate) fn locate() -> Outcome<Terraform> {
    let named = std::env::var_os(VARIABLE).is_some_and(|value| !value.is_empty());
    match Terraform::find() {
        Ok(terraform) => Ok(terraform),
        // A name that a person gave is never replaced by a guess.
        Err(failure) if named => Err(failure),
        Err(failure) => {
            screen::remark(&format!("{failure}: using the pinned one under target/tools"));
            Terraform::at(&install::installed(&install::TERRAFORM)?)
        }
    }
}

/// Prints where it is, alone on standard output.
pub(crate) fn print() -> Outcome {
    let terraform = locate()?;
    screen::line(&terraform.program.to_string_lossy());
    Ok(())
}
