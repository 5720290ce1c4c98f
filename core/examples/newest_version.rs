//! The newest version of a sub-project that satisfies a constraint:
//! `newest_version <repository> <sub-project> [<constraint>]`.

#![allow(clippy::print_stdout, reason = "a script prints its result")]

use std::error::Error;

use pipeline_core::{Pipeline, SubProjectPath, VersionConstraint};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let pipeline = Pipeline::open(&arguments.next().ok_or("which repository?")?)?;
    let project: SubProjectPath = arguments.next().unwrap_or_default().parse()?;
    let constraint = arguments.next().map(|text| text.parse::<VersionConstraint>()).transpose()?;
    match pipeline.newest(&project, constraint.as_ref()).await? {
        Some(release) => println!("{} {}", release.version, release.commit),
        None => println!("none"),
    }
    Ok(())
}
