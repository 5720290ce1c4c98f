//! The record of a deployment is the deployment.

use super::Deployment;
use crate::record::Record;

/// The record of a deployment is the deployment.
pub type DeploymentRecord = Deployment;

impl Record for Deployment {
    const KIND: &'static str = "deployment";
    const SHELF: &'static str = "deployments";
}
