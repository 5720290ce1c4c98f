//! `parse_run_id`.

use pipeline_core::run::RunId;
use tfplugin::{Function, FunctionFault, Model};

use super::fault;

/// Says when a run began, by its ID.
///
/// IDs of runs look like `run-20251020-143045-k8m3q2`, with the date and the time in UTC.
#[derive(Debug, Clone, Model)]
pub struct ParseRunId {
    /// The ID of the run, such as `run-20251020-143045-k8m3q2`.
    pub run_id: String,
}

/// The ID of a run, taken apart.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct RunIdParts {
    /// The ID itself.
    pub run_id: String,
    /// When the run began, in UTC.
    pub started_at: Option<String>,
    /// The six characters that tell it from others of the same second.
    pub suffix: String,
}

impl Function for ParseRunId {
    const NAME: &'static str = "parse_run_id";
    type Output = RunIdParts;

    fn call(self) -> Result<RunIdParts, FunctionFault> {
        let id: RunId = self.run_id.parse().map_err(|error| fault(&error, Self::RUN_ID))?;
        Ok(RunIdParts {
            run_id: self.run_id,
            started_at: id.began_at().map(|at| at.to_string()),
            suffix: id.suffix().to_owned(),
        })
    }
}
