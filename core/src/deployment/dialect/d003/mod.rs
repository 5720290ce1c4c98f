//! Document 003: the deployment-state file, with the last known good deployment and a history.

mod json;
mod state;

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

pub use state::{DeploymentState, LastKnownGood, SHOWN_HISTORY};

use super::{Dialect, Inexpressible};
use crate::base::revision::CommitSha;
use crate::base::rule::RuleId;
use crate::base::timestamp::Timestamp;
use crate::base::violation::{Violation, Violations, quoted};
use crate::deployment::{Attempts, Deployment, Status};

/// The ID of a deployment in document 003: `deploy-` and Unix seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixDeploymentId(Timestamp);

impl UnixDeploymentId {
    /// The ID of a deployment at this time.
    #[must_use]
    pub fn new(at: Timestamp) -> Option<Self> {
        Timestamp::from_unix_seconds(at.unix_seconds())
            .filter(|at| at.unix_seconds() >= 0)
            .map(Self)
    }
}

impl FromStr for UnixDeploymentId {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        let seconds = text.strip_prefix("deploy-").filter(|digits| {
            digits.bytes().all(|b| b.is_ascii_digit())
                && (*digits == "0" || !digits.starts_with('0'))
        });
        let time = seconds.and_then(|digits| Timestamp::from_unix_seconds(digits.parse().ok()?));
        time.map(Self).ok_or_else(|| {
            let next = "Write `deploy-1729433445` with the seconds since 1970.";
            Violation::new(RuleId::DEP050, quoted(text), "`deploy-` and Unix seconds", next).into()
        })
    }
}

impl fmt::Display for UnixDeploymentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "deploy-{}", self.0.unix_seconds())
    }
}

text_serde!(UnixDeploymentId);

/// The outcome of a deployment in document 003; only a failure has a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome003 {
    /// It succeeded.
    Success,
    /// It failed.
    Failure {
        /// Why, where that is known.
        error_message: Option<String>,
    },
    /// It was taken back.
    RolledBack,
}

impl Outcome003 {
    /// The outcome with this status and message.
    ///
    /// # Errors
    /// DEP053 for the message of a deployment that did not fail.
    fn new(status: Status, message: Option<String>) -> Result<Self, Violations> {
        match (status, message) {
            (Status::Failed, error_message) => Ok(Self::Failure { error_message }),
            // What a message says may be nobody else's business.
            (_, Some(_)) => {
                let next = "Leave `error_message` out.";
                let expected = "none, because it did not fail";
                Err(Violation::new(RuleId::DEP053, "a message", expected, next).into())
            }
            (Status::RolledBack, None) => Ok(Self::RolledBack),
            (_, None) => Ok(Self::Success),
        }
    }

    /// The canonical status.
    #[must_use]
    pub const fn status(&self) -> Status {
        match self {
            Self::Success => Status::Succeeded,
            Self::Failure { .. } => Status::Failed,
            Self::RolledBack => Status::RolledBack,
        }
    }

    /// Why it failed.
    #[must_use]
    pub fn error_message(&self) -> Option<&str> {
        match self {
            Self::Failure { error_message } => error_message.as_deref(),
            Self::Success | Self::RolledBack => None,
        }
    }
}

/// One deployment of the state file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateRecord {
    /// Its ID.
    pub deployment_id: UnixDeploymentId,
    /// When it was.
    pub timestamp: Timestamp,
    /// The commit.
    pub commit_sha: CommitSha,
    /// How often the push was attempted.
    pub attempts: Attempts,
    /// How it ended.
    pub outcome: Outcome003,
}

impl TryFrom<&Deployment> for StateRecord {
    type Error = Inexpressible;
    /// The deployment in the words of document 003, which has none for one that did not end or was
    /// cancelled.
    fn try_from(deployment: &Deployment) -> Result<Self, Inexpressible> {
        let status = deployment.status();
        Dialect::D003.word_for(status)?;
        let message = deployment.progress.error_message();
        let outcome = match status {
            Status::Succeeded => Outcome003::Success,
            Status::RolledBack => Outcome003::RolledBack,
            _ => Outcome003::Failure { error_message: message.map(str::to_owned) },
        };
        let timestamp = deployment.requested_at;
        let unspeakable = Inexpressible { dialect: Dialect::D003, status };
        let deployment_id = UnixDeploymentId::new(timestamp).ok_or(unspeakable)?;
        let (commit_sha, attempts) = (deployment.commit_sha, deployment.attempts);
        Ok(Self { deployment_id, timestamp, commit_sha, attempts, outcome })
    }
}

impl Serialize for StateRecord {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Written<'a> {
            deployment_id: UnixDeploymentId,
            timestamp: Timestamp,
            commit_sha: CommitSha,
            status: &'a str,
            git_operations_attempts: Attempts,
            #[serde(skip_serializing_if = "Option::is_none")]
            error_message: Option<&'a str>,
        }
        Written {
            deployment_id: self.deployment_id,
            timestamp: self.timestamp,
            commit_sha: self.commit_sha,
            status: Dialect::D003.word_for(self.outcome.status()).unwrap_or_default(),
            git_operations_attempts: self.attempts,
            error_message: self.outcome.error_message(),
        }
        .serialize(serializer)
    }
}

#[cfg(test)]
mod tests;
