//! What earlier deployments to the environment left: the last known good one, the one that a success
//! leaves behind, and how long deployments take.

use std::time::Duration;

use super::{Deployer, Request};
use crate::RefName;
use crate::base::violation::Violation;
use crate::deployment::Deployment;
use crate::ledger::{Entry, LedgerError, RefStore};
use crate::queue::QueueRecord;
use crate::queue::estimate;
use crate::rollback;

/// How many of the newest deployments are looked at.
const DEPTH: usize = 50;

/// The newest deployments of one environment, newest first.
#[derive(Debug, Clone, Default)]
pub(super) struct History {
    entries: Vec<Entry<Deployment>>,
    /// The last success of the same sub-project and region by the word of the queue, which knows the
    /// order better than clocks do.
    last: Option<Entry<Deployment>>,
}

impl<S: RefStore> Deployer<'_, S> {
    /// Fetches the newest deployments and other records with them, as far as they are missing here.
    pub(super) async fn bring_history(
        &self,
        request: &Request,
        beside: &[RefName],
    ) -> Result<(), LedgerError> {
        let shelf = self.ledger.deployments(&request.environment);
        self.ledger.bring_newest(&shelf, DEPTH, beside).await
    }

    /// Reads the newest deployments, and the last success that the queue notes, however many came
    /// after it. A record that cannot be used is passed over.
    pub(super) async fn history(
        &self,
        request: &Request,
        queue: Option<&QueueRecord>,
    ) -> Result<History, LedgerError> {
        let shelf = self.ledger.deployments(&request.environment);
        let (mut entries, _) = self.ledger.newest(&shelf, DEPTH).await?;
        entries.reverse();
        let (project, region) = (request.version.sub_project_path(), request.region.as_ref());
        let noted = queue.and_then(|queue| queue.last_success(project, region));
        let last = match noted {
            Some(id) => match self.ledger.read(&shelf.slot(id)).await {
                Err(LedgerError::Unreadable(_)) => None,
                read => read?,
            },
            None => None,
        };
        Ok(History { entries, last })
    }
}

impl History {
    /// The newest deployment of the same sub-project that succeeded and was not taken back.
    pub(super) fn last_good(&self, request: &Request) -> Option<&Entry<Deployment>> {
        let project = Some(request.version.sub_project_path());
        match &self.last {
            Some(last) => rollback::last_known_good([&last.record], project).map(|_| last),
            None => self.entry(rollback::last_known_good(self.records(), project)?),
        }
    }

    /// The deployment that a success of this one takes back.
    pub(super) fn left_behind(&self, new: &Deployment) -> Option<&Entry<Deployment>> {
        match &self.last {
            Some(last) => rollback::left_behind([&last.record], new).map(|_| last),
            None => self.entry(rollback::left_behind(self.records(), new)?),
        }
    }

    /// OWN040, where the version was taken back and nobody asks for it again.
    pub(super) fn held(&self, request: &Request) -> Option<Violation> {
        let Request { version, commit_sha, redeploy_after, .. } = request;
        rollback::held(version, *commit_sha, self.records(), redeploy_after.as_ref())
    }

    fn records(&self) -> impl Iterator<Item = &Deployment> {
        self.entries.iter().map(|entry| &entry.record)
    }

    fn entry(&self, of: &Deployment) -> Option<&Entry<Deployment>> {
        self.entries.iter().find(|entry| entry.record.id == of.id)
    }

    /// How long deployments took.
    pub(super) fn durations(&self) -> Vec<Duration> {
        estimate::durations(self.records())
    }
}
