//! `parse_version`.

use tfplugin::{Function, FunctionFault, Model};

use super::version;
use crate::parts::VersionParts;

/// Splits a version into its parts.
///
/// The version may carry a sub-project path and a pre-release, as in `api/v1.2.3-rc.1`.
#[derive(Debug, Clone, Model)]
pub struct ParseVersion {
    /// The version, such as `v1.2.3` or `api/v1.2.3`.
    pub version: String,
}

impl Function for ParseVersion {
    const NAME: &'static str = "parse_version";
    type Output = VersionParts;

    fn call(self) -> Result<VersionParts, FunctionFault> {
        Ok(VersionParts::from(&version(&self.version, Self::VERSION)?))
    }
}
