//! Deploys a version to an environment, in the same queue as everybody else:
//! `deploy <repository> <version> <environment>`.

#![allow(clippy::print_stdout, reason = "a script prints its result")]

use std::error::Error;

use pipeline_core::{Deploy, Pipeline};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let pipeline = Pipeline::open(&arguments.next().ok_or("which repository?")?)?;
    let version = arguments.next().ok_or("which version?")?.parse()?;
    let environment = arguments.next().ok_or("which environment?")?.parse()?;
    let deployed = pipeline.deploy(Deploy::new(version, environment)).await?;
    println!("{} {} {}", deployed.id, deployed.version, deployed.status());
    Ok(())
}
