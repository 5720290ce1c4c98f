//! What is wrong with a configuration file, all at once: `validate_configuration aphex-config.yaml`.

#![allow(clippy::print_stdout, reason = "a script prints its result")]

use std::error::Error;

use pipeline_core::{KnownRegions, configuration};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("which file?")?;
    let text = std::fs::read_to_string(path)?;
    let reading = configuration::read(&text, &KnownRegions::default());
    for problem in &reading.problems {
        println!("{problem}");
    }
    reading.configuration.map(drop).ok_or_else(|| "the configuration is not valid".into())
}
