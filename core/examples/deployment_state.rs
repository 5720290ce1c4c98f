//! Prints the `deployment-state.json` of an environment: `deployment_state <repository> <environment>`.

#![allow(clippy::print_stdout, reason = "a script prints its result")]

use std::error::Error;

use pipeline_core::Pipeline;
use pipeline_core::deployment::dialect::DeploymentState;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let pipeline = Pipeline::open(&arguments.next().ok_or("which repository?")?)?;
    let environment = arguments.next().ok_or("which environment?")?.parse()?;
    let history = pipeline.history(&environment).await?;
    let (state, left_out) = DeploymentState::of(history.in_order());
    for (deployment, reason) in left_out {
        eprintln!("{} is left out: {reason}", deployment.id);
    }
    println!("{}", state.to_json()?);
    Ok(())
}
