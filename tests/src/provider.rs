//! The provider binary under test.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use crate::{Failure, Outcome, command};

/// The environment variable that names the binary to test.
pub const VARIABLE: &str = "PIPELINE_PROVIDER";

/// The source address, as configurations write it.
pub const SOURCE: &str = "pipeline/pipeline";

/// The name of the binary; Terraform looks for this one.
pub const BINARY: &str = "terraform-provider-pipeline";

/// Where the binary is: `PIPELINE_PROVIDER`, else built next to the running test, once.
///
/// # Errors
/// The build fails.
pub fn binary() -> Outcome<PathBuf> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    if let Some(path) = std::env::var_os(VARIABLE).filter(|value| !value.is_empty()) {
        return Ok(PathBuf::from(path));
    }
    let built = BUILT.get_or_init(|| build().map_err(|failure| failure.to_string()));
    built.clone().map_err(Failure::from)
}

fn build() -> Outcome<PathBuf> {
    let test = std::env::current_exe()?;
    let profile = test.ancestors().nth(2).ok_or("the running test has no target directory")?;
    let target = profile.parent().ok_or("the running test has no target directory")?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args(["build", "--quiet", "--package", BINARY, "--target-dir"]).arg(target);
    command::run(&mut build)?.success()?;
    Ok(target.join("debug").join(BINARY))
}
