//! Whether AWS itself would take what the tests asked of the local AWS: each recorded request is
//! validated by AWS's own models of its API. What no test asks for is not seen.

use std::path::{Path, PathBuf};
use std::process::Command;

use pipeline_acceptance::{Failure, Outcome, command};

use crate::cargo::target;
use crate::{screen, tools};

/// The name of the step.
pub(super) const STEP: &str = "requests to AWS by its models";

/// Where requests are recorded; those of an earlier run go.
pub(super) fn fresh_folder() -> Outcome<PathBuf> {
    let folder = target()?.join("aws-requests");
    if folder.is_dir() {
        std::fs::remove_dir_all(&folder)?;
    }
    Ok(folder)
}

/// Validates everything that was recorded there.
pub(super) fn validate(requests: &Path) -> Outcome {
    let program = tools::installed(&tools::AWS_MODELS)?;
    let recorded = std::fs::read_dir(requests).map_err(|error| {
        Failure::new(format!(
            "no request was recorded ({error}): the local AWS does not heed PIPELINE_AWS_RECORD"
        ))
    })?;
    let files = recorded.map(|entry| Ok(entry?.path())).collect::<Outcome<Vec<_>>>()?;
    let said = command::run(Command::new(program).args(files))?;
    screen::line(said.stdout.trim_end());
    match said.code {
        Some(0) => Ok(()),
        _ => Err(said.failure("requests that AWS would refuse")),
    }
}
