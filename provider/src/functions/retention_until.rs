//! `retention_until`.

use pipeline_core::Timestamp;
use pipeline_core::archive::retention::Kept;
use tfplugin::{Function, FunctionFault, Model};

use super::fault;

/// Until when something is kept, in UTC; null where it is kept for good, or has not ended yet.
///
/// A `run` is kept 90 days after a `success` and 365 days after it `failed` or was `cancelled`;
/// a `deployment_log` 30 days, a `health_check_response` 7, an `artifact` 90 and a `workflow_log` 30.
/// A `deployment`, an `approval`, an `audit` entry and an `infrastructure_resource` stay.
#[derive(Debug, Clone, Model)]
pub struct RetentionUntil {
    /// What it is: `run`, `deployment`, `deployment_log`, `health_check_response`, `approval`, `audit`,
    /// `infrastructure_resource`, `artifact` or `workflow_log`.
    pub kind: String,
    /// Its status, which a `run` needs; null where it has none.
    pub status: Option<String>,
    /// When it ended, or was made where it has no end, in UTC.
    pub at: String,
}

impl Function for RetentionUntil {
    const NAME: &'static str = "retention_until";
    type Output = Option<String>;

    fn call(self) -> Result<Option<String>, FunctionFault> {
        let kind = self.kind.parse::<Kept>().map_err(|error| fault(&error, Self::KIND))?;
        let at = self.at.parse::<Timestamp>().map_err(|error| fault(&error, Self::AT))?;
        let until = kind.until(self.status.as_deref(), at);
        let until = until.map_err(|error| fault(&error, Self::STATUS))?;
        Ok(until.map(|until| until.to_string()))
    }
}
