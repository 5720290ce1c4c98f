//! `compare_versions`.

use tfplugin::{Function, FunctionFault, Model};

use super::version;

/// Compares two versions: -1, 0 or 1.
///
/// SemVer precedence: a pre-release is lower than its release. Versions of different sub-projects have
/// no order and are an error.
#[derive(Debug, Clone, Model)]
pub struct CompareVersions {
    /// The left version, such as `v1.2.3`.
    pub left: String,
    /// The right version, such as `v1.10.0`.
    pub right: String,
}

impl Function for CompareVersions {
    const NAME: &'static str = "compare_versions";
    type Output = i64;

    fn call(self) -> Result<i64, FunctionFault> {
        let left = version(&self.left, Self::LEFT)?;
        let right = version(&self.right, Self::RIGHT)?;
        if left.sub_project_path() != right.sub_project_path() {
            let text = format!(
                "Versions of different sub-projects have no order. Found \"{left}\" and \"{right}\"; \
                 expected two versions of one sub-project."
            );
            return Err(FunctionFault::from(text).at(Self::RIGHT));
        }
        Ok(left.precedence(&right) as i64)
    }
}
