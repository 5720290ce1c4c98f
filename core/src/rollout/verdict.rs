//! What a target is asked to do, and how that ended. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Failure;
use crate::deployment::Rollout;
use crate::{CommitSha, DeploymentId, EnvironmentName, RegionName, Version};

/// The deployment that a target is to carry out.
#[derive(Debug, Clone)]
pub struct Order {
    /// The deployment.
    pub deployment_id: DeploymentId,
    /// What it deploys.
    pub version: Version,
    /// The commit of that.
    pub commit_sha: CommitSha,
    /// Where to.
    pub environment: EnvironmentName,
    /// To which region of it, where only one is meant.
    pub region: Option<RegionName>,
    /// Why, in the words of who asked.
    pub reason: Option<String>,
    /// What the environment ran before, where that is known.
    pub previous_version: Option<Version>,
    /// The commit that it ran before.
    pub previous_commit: Option<CommitSha>,
    /// What the last known good deployment of the same sub-project left, where it had a rollout.
    pub last_good: Option<Rollout>,
    /// The version of that deployment.
    pub last_good_version: Option<Version>,
    /// The deployments to the environment since then that are over and were no success, one whose holder died
    /// and was put aside among them: what they began in the target may go on, and is nobody else's.
    pub failed: Arc<BTreeSet<DeploymentId>>,
}

impl Order {
    /// What a command or a container is told of the deployment that it runs for.
    #[must_use]
    pub fn variables(&self, action: &str) -> BTreeMap<String, String> {
        let text = |value: Option<String>| value.unwrap_or_default();
        let all = [
            ("PIPELINE_ACTION", action.to_owned()),
            ("PIPELINE_DEPLOYMENT_ID", self.deployment_id.to_string()),
            ("PIPELINE_ENVIRONMENT", self.environment.to_string()),
            ("PIPELINE_REGION", text(self.region.as_ref().map(ToString::to_string))),
            ("PIPELINE_SUB_PROJECT_PATH", self.version.sub_project_path().to_string()),
            ("PIPELINE_VERSION", self.version.to_string()),
            ("PIPELINE_COMMIT_SHA", self.commit_sha.to_string()),
            (
                "PIPELINE_PREVIOUS_VERSION",
                text(self.previous_version.as_ref().map(ToString::to_string)),
            ),
            ("PIPELINE_PREVIOUS_COMMIT_SHA", text(self.previous_commit.map(|sha| sha.to_string()))),
            ("PIPELINE_REASON", text(self.reason.clone())),
        ];
        all.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// How bringing a version into service ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rolled {
    /// The version runs, and nothing else of this service does.
    Out,
    /// Nothing was changed: there is nothing to put back.
    Untouched {
        /// Why it could not begin.
        reason: Failure,
    },
    /// It did not come up, or did not stay up; the service has to be put back.
    Failed {
        /// What the target says.
        reason: Failure,
    },
    /// The target is putting the service back by itself already: [`super::Target::restore`] follows it.
    RollingBack {
        /// What the target says.
        reason: Failure,
    },
    /// Somebody else changed the service meanwhile: theirs is not touched.
    Replaced {
        /// Who or what, as far as the target says.
        reason: Failure,
    },
    /// The target cannot be asked any more, so nobody can tell.
    Unknown {
        /// What is known.
        reason: Failure,
    },
}

/// How putting a service back ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Restored {
    /// What ran before runs again.
    Done,
    /// What ran before was never taken away.
    Unchanged,
    /// It is as it was when the deployment began, and that is not what the environment ran: an earlier deployment,
    /// which was no success, left it so.
    AsFound {
        /// What was left, and by which deployment.
        reason: Failure,
    },
    /// Nothing was ever good before, so there is nothing to put back.
    Nothing {
        /// Why.
        reason: Failure,
    },
    /// Somebody else changed the service meanwhile: theirs is not touched.
    Replaced {
        /// Who or what, as far as the target says.
        reason: Failure,
    },
    /// It could not be put back.
    Failed {
        /// What the target says.
        reason: Failure,
    },
    /// The target cannot be asked any more, so nobody can tell.
    Unknown {
        /// What is known.
        reason: Failure,
    },
}
