//! The history of an environment, and the version that it can go back to:
//! `rollback_target <repository> <environment> [<sub-project>]`.

#![allow(clippy::print_stdout, reason = "a script prints its result")]

use std::error::Error;

use pipeline_core::{EnvironmentName, Pipeline, SubProjectPath};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let pipeline = Pipeline::open(&arguments.next().ok_or("which repository?")?)?;
    let environment: EnvironmentName = arguments.next().ok_or("which environment?")?.parse()?;
    let project: SubProjectPath = arguments.next().unwrap_or_default().parse()?;
    for deployment in pipeline.history(&environment).await?.records() {
        println!("{} {}", deployment.version, deployment.status());
    }
    match pipeline.rollback_target(&environment, &project).await? {
        Ok(target) => println!("back to {}", target.version),
        Err(reason) => println!("nothing to go back to: {reason}"),
    }
    Ok(())
}
