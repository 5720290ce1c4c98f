//! Registers an environment by the conventions of its folder:
//! `register_environment <repository> <name>`.

#![allow(clippy::print_stdout, reason = "a script prints its result")]

use std::error::Error;

use pipeline_core::{Environment, Pipeline};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let pipeline = Pipeline::open(&arguments.next().ok_or("which repository?")?)?;
    let name = arguments.next().ok_or("which environment?")?.parse()?;
    let record = pipeline.register(Environment::by_convention(name), None).await?;
    println!("{} {}", record.environment.name, record.commit_sha);
    Ok(())
}
