//! Where versions follow one another: a sub-project in an environment, perhaps in one of its regions.

use std::fmt;

use serde::Serialize;

use crate::deployment::Deployment;
use crate::{EnvironmentName, RegionName, SubProjectPath};

/// A sub-project in an environment, perhaps in one of its regions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Lane {
    /// The environment.
    pub environment: EnvironmentName,
    /// The sub-project; empty for the root.
    pub sub_project_path: SubProjectPath,
    /// The region, where deployments name one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<RegionName>,
}

impl Lane {
    /// Where a deployment belongs.
    #[must_use]
    pub fn of(deployment: &Deployment) -> Self {
        Self {
            environment: deployment.environment.clone(),
            sub_project_path: deployment.version.sub_project_path().clone(),
            region: deployment.region.clone(),
        }
    }

    /// The same sub-project in all regions.
    #[must_use]
    pub fn whole(&self) -> Self {
        Self { region: None, ..self.clone() }
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.environment)?;
        if !self.sub_project_path.is_root() {
            write!(f, " · {}", self.sub_project_path)?;
        }
        self.region.as_ref().map_or(Ok(()), |region| write!(f, " · {region}"))
    }
}
