//! The whole state file: what was deployed last, what worked last, and what came before.

use serde::Serialize;

use super::{Inexpressible, Outcome003, StateRecord, UnixDeploymentId};
use crate::base::revision::CommitSha;
use crate::base::rule::RuleId;
use crate::base::timestamp::Timestamp;
use crate::base::violation::{Findings, Violation};
use crate::deployment::{Deployment, Status};

/// How many deployments of the history are shown.
pub const SHOWN_HISTORY: usize = 10;

/// The last deployment that succeeded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LastKnownGood {
    /// Its ID.
    pub deployment_id: UnixDeploymentId,
    /// Its commit.
    pub commit_sha: CommitSha,
    /// When it was.
    pub timestamp: Timestamp,
}

/// The state file. A deployment is either not mentioned or mentioned whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeploymentState {
    /// The newest deployment.
    pub current_deployment: Option<StateRecord>,
    /// The newest one that succeeded and was not taken back.
    pub last_known_good: Option<LastKnownGood>,
    /// Successful deployments, oldest first, at most [`SHOWN_HISTORY`]; one that was taken back
    /// later says so.
    pub history: Vec<StateRecord>,
}

impl From<&StateRecord> for LastKnownGood {
    fn from(record: &StateRecord) -> Self {
        let StateRecord { deployment_id, commit_sha, timestamp, .. } = *record;
        Self { deployment_id, commit_sha, timestamp }
    }
}

impl LastKnownGood {
    /// Whether this is that deployment. IDs alone do not tell: they are whole seconds.
    fn is(&self, record: &StateRecord) -> bool {
        *self == Self::from(record)
    }
}

impl DeploymentState {
    /// The state of an environment by its deployments, in the order in which they ended.
    ///
    /// What did not end or was cancelled has no word in document 003 and is not mentioned. A
    /// deployment with a word that cannot be said all the same is given back with the state of the
    /// others.
    pub fn of<'a>(
        deployments: impl IntoIterator<Item = &'a Deployment>,
    ) -> (Self, Vec<(&'a Deployment, Inexpressible)>) {
        let (mut state, mut left_out) = (Self::default(), Vec::new());
        for deployment in deployments {
            if !matches!(
                deployment.status(),
                Status::Succeeded | Status::Failed | Status::RolledBack
            ) {
                continue;
            }
            match StateRecord::try_from(deployment) {
                Ok(record) => state = state.after(record),
                Err(error) => left_out.push((deployment, error)),
            }
        }
        (state, left_out)
    }

    /// The state after one more word about a deployment: a success becomes the last known good and
    /// enters the history (DEP055); a failure leaves both alone (DEP056). A deployment that was taken
    /// back stays in the history and is no longer good.
    #[must_use]
    pub fn after(mut self, record: StateRecord) -> Self {
        match record.outcome {
            Outcome003::Success => {
                self.last_known_good = Some(LastKnownGood::from(&record));
                self.remember(record.clone());
            }
            Outcome003::RolledBack => self.take_back(&record),
            Outcome003::Failure { .. } => {}
        }
        self.current_deployment = Some(record);
        self
    }

    fn remember(&mut self, record: StateRecord) {
        self.history.push(record);
        let excess = self.history.len().saturating_sub(SHOWN_HISTORY);
        self.history.drain(..excess);
    }

    fn take_back(&mut self, record: &StateRecord) {
        let known = |it: &StateRecord| LastKnownGood::from(record).is(it);
        match self.history.iter_mut().rev().find(|it| known(it)) {
            Some(success) => success.outcome = Outcome003::RolledBack,
            None => self.remember(record.clone()),
        }
        if self.last_known_good.as_ref().is_some_and(|good| good.is(record)) {
            let good = |it: &&StateRecord| it.outcome == Outcome003::Success;
            self.last_known_good = self.history.iter().rev().find(good).map(LastKnownGood::from);
        }
    }

    /// What DEP055 and DEP056 find wrong with a state by itself.
    #[must_use]
    pub fn faults(&self) -> Vec<Violation> {
        let mut findings = Findings::new();
        let count = self.history.len();
        findings.require(count <= SHOWN_HISTORY, || {
            let expected = format!("at most {SHOWN_HISTORY}, the newest");
            let next = "Leave the oldest ones out.";
            Violation::new(RuleId::DEP055, format!("{count} deployments"), expected, next)
                .under("history")
        });
        if let Some(current) = &self.current_deployment {
            let is = |record: &StateRecord| {
                self.last_known_good.as_ref().is_some_and(|good| good.is(record))
            };
            let good = |it: &StateRecord| it.outcome == Outcome003::Success && is(it);
            let right = match current.outcome {
                Outcome003::Success => is(current),
                _ => !is(current) || self.history.iter().any(good),
            };
            findings.require(right, || wrong_good(self.last_known_good.as_ref(), current));
        }
        findings.into_vec()
    }

    /// What DEP055 and DEP056 find wrong with a state that is to follow another.
    #[must_use]
    pub fn faults_after(&self, before: &Self, record: &StateRecord) -> Vec<Violation> {
        let right = before.clone().after(record.clone());
        let succeeded = record.outcome == Outcome003::Success;
        let rule = if succeeded { RuleId::DEP055 } else { RuleId::DEP056 };
        let mut findings = Findings::new();
        findings.require(self.last_known_good == right.last_known_good, || {
            let next = "Write the state again from the ledger.";
            let expected = told(right.last_known_good.as_ref());
            Violation::new(rule, told(self.last_known_good.as_ref()), expected, next)
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

fn told(good: Option<&LastKnownGood>) -> String {
    match good {
        Some(good) => format!("commit `{}`", good.commit_sha),
        None => "nothing".to_owned(),
    }
}

fn wrong_good(found: Option<&LastKnownGood>, current: &StateRecord) -> Violation {
    let id = current.deployment_id;
    let next = "Write the state again from the ledger.";
    let violation = if current.outcome == Outcome003::Success {
        let expected = format!("the current deployment `{id}`, which succeeded");
        Violation::new(RuleId::DEP055, told(found), expected, next)
    } else {
        let expected = "an earlier deployment, because the current one did not succeed";
        Violation::new(RuleId::DEP056, format!("the current deployment `{id}`"), expected, next)
    };
    violation.under("lastKnownGood")
}
