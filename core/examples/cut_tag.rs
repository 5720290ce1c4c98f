//! Tags the next version of a sub-project: `cut_tag <repository> <sub-project> [<revision>]`.

#![allow(clippy::print_stdout, reason = "a script prints its result")]

use std::error::Error;

use pipeline_core::{Bump, Pipeline, SubProjectPath, Version};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let pipeline = Pipeline::open(&arguments.next().ok_or("which repository?")?)?;
    let project: SubProjectPath = arguments.next().unwrap_or_default().parse()?;
    let revision = arguments.next().unwrap_or_else(|| "HEAD".to_owned());
    let next = match pipeline.newest(&project, None).await? {
        Some(newest) => newest.version.bump(&Bump::Minor)?,
        None => project.join("v0.1.0").parse::<Version>()?,
    };
    let tagged = pipeline.tag(&next.to_string(), &revision).await?;
    println!("{} {}", tagged.tag, tagged.commit);
    Ok(())
}
