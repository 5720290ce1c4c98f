//! How the simulation names things in what it reports.

use pipeline_core::DeploymentId;

/// The last part of an ID, which tells deployers of one schedule apart.
pub(crate) fn short(id: &DeploymentId) -> &str {
    id.as_str().rsplit('-').next().unwrap_or_default()
}
