//! `satisfies`.

use pipeline_core::version::VersionConstraint;
use tfplugin::{Function, FunctionFault, Model};

use super::{fault, version};

/// Whether a version satisfies a constraint.
///
/// Constraints are written as for Terraform providers: `>= 1.2, < 2.0`, `~> 1.4`, `!= 1.3.1`. A
/// pre-release satisfies only a constraint that names it.
#[derive(Debug, Clone, Model)]
pub struct Satisfies {
    /// The version, such as `api/v1.2.3`.
    pub version: String,
    /// The constraint, such as `~> 1.2`.
    pub constraint: String,
}

impl Function for Satisfies {
    const NAME: &'static str = "satisfies";
    type Output = bool;

    fn call(self) -> Result<bool, FunctionFault> {
        let version = version(&self.version, Self::VERSION)?;
        let constraint: VersionConstraint =
            self.constraint.parse().map_err(|error| fault(&error, Self::CONSTRAINT))?;
        Ok(constraint.matches(&version))
    }
}
