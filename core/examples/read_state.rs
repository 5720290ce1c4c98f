//! Shows what a state file says, without secrets: `read_state <file>`.

#![allow(clippy::print_stdout, reason = "a script prints its result")]

use std::error::Error;
use std::path::Path;

use pipeline_core::terraform_state::{Output, StateFile, local};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("which file?")?;
    let state = StateFile::read(&local::read(Path::new(&path)).await?.bytes)?;
    println!("serial {}, by Terraform {}", state.serial, state.terraform_version);
    for (name, output) in &state.outputs {
        match output {
            Output::Plain { value, .. } => println!("{name} = {value}"),
            _ => println!("{name} is hidden"),
        }
    }
    Ok(())
}
