//! What earlier deployments to the environment left: the last known good one, the one that a success
//! leaves behind, and how long deployments take.

use std::time::Duration;

use super::{Deployer, Request};
use crate::ledger::{Entry, LedgerError, RefStore};
use crate::model::RefName;
use crate::model::deployment::{Deployment, Status};
use crate::policy::estimate;

/// How many of the newest deployments are looked at.
const DEPTH: usize = 50;

/// The newest deployments of one environment, newest first.
#[derive(Debug, Clone, Default)]
pub(super) struct History {
    entries: Vec<Entry<Deployment>>,
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

    /// Reads the newest deployments. A record that cannot be used is passed over.
    pub(super) async fn history(&self, request: &Request) -> Result<History, LedgerError> {
        let shelf = self.ledger.deployments(&request.environment);
        let (mut entries, _) = self.ledger.newest(&shelf, DEPTH).await?;
        entries.reverse();
        Ok(History { entries })
    }
}

impl History {
    /// The newest deployment of the same sub-project that succeeded and was not taken back.
    pub(super) fn last_good(&self, request: &Request) -> Option<&Entry<Deployment>> {
        let project = request.version.sub_project_path();
        let good = |entry: &&Entry<Deployment>| {
            entry.record.status() == Status::Succeeded
                && entry.record.version.sub_project_path() == project
        };
        let ended = |entry: &&Entry<Deployment>| {
            (entry.record.progress.completed_at(), entry.record.id.clone())
        };
        self.entries.iter().filter(good).max_by_key(ended)
    }

    /// The deployment that a success of this request takes back: the last good one, where its
    /// version is newer.
    pub(super) fn left_behind(&self, request: &Request) -> Option<&Entry<Deployment>> {
        self.last_good(request).filter(|entry| entry.record.version > request.version)
    }

    /// How long deployments took.
    pub(super) fn durations(&self) -> Vec<Duration> {
        estimate::durations(self.entries.iter().map(|entry| &entry.record))
    }
}
