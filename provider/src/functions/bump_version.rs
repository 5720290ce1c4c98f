//! `bump_version`.

use pipeline_core::version::Bump;
use tfplugin::{Function, FunctionFault, Model};

use super::{fault, version};

/// The next version after a given one.
///
/// `major`, `minor` and `patch` raise that number, clear what is below it and drop a pre-release;
/// `prerelease` raises the last number of the pre-release (`v1.2.0-rc.1` gives `v1.2.0-rc.2`).
#[derive(Debug, Clone, Model)]
pub struct BumpVersion {
    /// The version to start from, such as `api/v1.2.3`.
    pub version: String,
    /// What to raise: `major`, `minor`, `patch` or `prerelease`.
    pub part: String,
}

impl Function for BumpVersion {
    const NAME: &'static str = "bump_version";
    type Output = String;

    fn call(self) -> Result<String, FunctionFault> {
        let version = version(&self.version, Self::VERSION)?;
        let part: Bump = self.part.parse().map_err(|error| fault(&error, Self::PART))?;
        let next = version.bump(&part).map_err(|error| fault(&error, Self::VERSION))?;
        Ok(next.to_string())
    }
}
