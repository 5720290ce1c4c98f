//! Document 003: the deployment-state file, with the last known good deployment and a history.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Dialect, Inexpressible};
use crate::model::deployment::{Attempts, Deployment, Status};
use crate::model::git::CommitSha;
use crate::model::rule::RuleId;
use crate::model::timestamp::Timestamp;
use crate::model::violation::{Findings, Violation, Violations, quoted};

/// How many deployments of the history are shown.
pub const SHOWN_HISTORY: usize = 10;

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
    /// The canonical status.
    #[must_use]
    pub const fn status(&self) -> Status {
        match self {
            Self::Success => Status::Succeeded,
            Self::Failure { .. } => Status::Failed,
            Self::RolledBack => Status::RolledBack,
        }
    }
}

/// One deployment of the state file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "StateRecordParts", into = "StateRecordParts")]
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

/// One deployment of the state file as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateRecordParts {
    /// `deploy-` and Unix seconds.
    pub deployment_id: String,
    /// When it was.
    pub timestamp: String,
    /// The commit.
    pub commit_sha: String,
    /// `success`, `failure` or `rolled_back`.
    pub status: String,
    /// How often the push was attempted, 1 to 3.
    pub git_operations_attempts: i64,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
}

impl TryFrom<StateRecordParts> for StateRecord {
    type Error = Violations;
    fn try_from(parts: StateRecordParts) -> Result<Self, Violations> {
        let mut findings = Findings::new();
        let id = findings.take("deployment_id", parts.deployment_id.parse());
        let timestamp = findings.take("timestamp", parts.timestamp.parse());
        let commit_sha = findings.take("commit_sha", parts.commit_sha.parse());
        let attempts = Attempts::new(parts.git_operations_attempts);
        let attempts = findings.take("git_operations_attempts", attempts);
        let status = findings.take("status", Dialect::D003.read_status(&parts.status));
        let outcome = status.and_then(|status| {
            findings.take("error_message", outcome(status, parts.error_message))
        });
        let (Some(deployment_id), Some(timestamp), Some(commit_sha)) = (id, timestamp, commit_sha)
        else {
            return Err(findings.fail());
        };
        let (Some(attempts), Some(outcome)) = (attempts, outcome) else {
            return Err(findings.fail());
        };
        findings.finish(Self { deployment_id, timestamp, commit_sha, attempts, outcome })
    }
}

fn outcome(status: Status, message: Option<String>) -> Result<Outcome003, Violations> {
    match (status, message) {
        (Status::Failed, error_message) => Ok(Outcome003::Failure { error_message }),
        (_, Some(message)) => {
            let next = "Leave `error_message` out.";
            let expected = "no message, because it did not fail";
            Err(Violation::new(RuleId::DEP053, quoted(&message), expected, next).into())
        }
        (Status::RolledBack, None) => Ok(Outcome003::RolledBack),
        (_, None) => Ok(Outcome003::Success),
    }
}

impl From<StateRecord> for StateRecordParts {
    fn from(record: StateRecord) -> Self {
        let word = Dialect::D003.word_for(record.outcome.status()).unwrap_or_default();
        Self {
            deployment_id: record.deployment_id.to_string(),
            timestamp: record.timestamp.to_string(),
            commit_sha: record.commit_sha.to_string(),
            status: word.to_owned(),
            git_operations_attempts: record.attempts.get().into(),
            error_message: match record.outcome {
                Outcome003::Failure { error_message } => error_message,
                Outcome003::Success | Outcome003::RolledBack => None,
            },
        }
    }
}

/// The last deployment that succeeded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LastKnownGood {
    /// Its ID.
    pub deployment_id: UnixDeploymentId,
    /// Its commit.
    pub commit_sha: CommitSha,
    /// When it was.
    pub timestamp: Timestamp,
}

/// The whole state file: what was deployed last, what worked last, and what came before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeploymentState {
    /// The newest deployment.
    #[serde(default)]
    pub current_deployment: Option<StateRecord>,
    /// The newest one that succeeded.
    #[serde(default)]
    pub last_known_good: Option<LastKnownGood>,
    /// Successful deployments, oldest first, at most [`SHOWN_HISTORY`].
    #[serde(default)]
    pub history: Vec<StateRecord>,
}

impl DeploymentState {
    /// The state after one more deployment: a success becomes the last known good and enters the
    /// history (DEP055), anything else leaves both alone (DEP056).
    #[must_use]
    pub fn after(mut self, record: StateRecord) -> Self {
        if record.outcome == Outcome003::Success {
            self.last_known_good = Some(LastKnownGood {
                deployment_id: record.deployment_id,
                commit_sha: record.commit_sha,
                timestamp: record.timestamp,
            });
            self.history.push(record.clone());
            let excess = self.history.len().saturating_sub(SHOWN_HISTORY);
            self.history.drain(..excess);
        }
        self.current_deployment = Some(record);
        self
    }

    /// What DEP055 and DEP056 find wrong with a state that is to follow another.
    #[must_use]
    pub fn faults_after(&self, before: &Self, record: &StateRecord) -> Vec<Violation> {
        let right = before.clone().after(record.clone());
        let succeeded = record.outcome == Outcome003::Success;
        let rule = if succeeded { RuleId::DEP055 } else { RuleId::DEP056 };
        let mut findings = Findings::new();
        findings.require(self.last_known_good == right.last_known_good, || {
            let commit = |good: &Option<LastKnownGood>| match good {
                Some(good) => format!("commit `{}`", good.commit_sha),
                None => "nothing".to_owned(),
            };
            let next = "Write the state again from the ledger.";
            let expected = commit(&right.last_known_good);
            Violation::new(rule, commit(&self.last_known_good), expected, next)
                .under("lastKnownGood")
        });
        findings.require(self.history == right.history, || {
            let count = |state: &Self| format!("{} deployments", state.history.len());
            let expected = format!("{}, the newest last", count(&right));
            let next = "Write the state again from the ledger.";
            Violation::new(rule, count(self), expected, next).under("history")
        });
        findings.into_vec()
    }
}
