//! The deployments of one environment that are on record. Pure: who reads them is the survey.

use std::sync::Arc;
use std::time::Duration;

use super::{Deployment, Status};
use crate::queue::estimate;

/// The deployments of an environment, whatever became of them.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// Sorted by ID, and so by the time at which they were asked for.
    records: Vec<Arc<Deployment>>,
}

impl History {
    /// Takes the records, in any order.
    #[must_use]
    pub fn new(mut records: Vec<Arc<Deployment>>) -> Self {
        records.sort_by(|a, b| a.id.cmp(&b.id));
        Self { records }
    }

    /// All of them, oldest first.
    pub fn records(&self) -> impl DoubleEndedIterator<Item = &Deployment> + Clone {
        self.records.iter().map(Arc::as_ref)
    }

    /// Those that succeeded and were not taken back, in the order in which they ended.
    #[must_use]
    pub fn successes(&self) -> Vec<Arc<Deployment>> {
        let succeeded = |it: &&Arc<Deployment>| it.status() == Status::Succeeded;
        let mut found: Vec<_> = self.records.iter().filter(succeeded).cloned().collect();
        found.sort_by_key(|it| (it.progress.completed_at(), it.id.clone()));
        found
    }

    /// All of them in the order in which they ended; those that did not end come first.
    #[must_use]
    pub fn in_order(&self) -> Vec<&Deployment> {
        let mut records: Vec<&Deployment> = self.records().collect();
        records.sort_by_key(|it| (it.progress.completed_at(), it.id.as_str()));
        records
    }

    /// How long the newest ones took.
    #[must_use]
    pub fn durations(&self) -> Vec<Duration> {
        // More would tell what deployments took long ago.
        const NEWEST: usize = 50;
        estimate::durations(self.records().rev().take(NEWEST))
    }
}
