//! Where the queues lie in the ledger.

use super::QueueRecord;
use crate::EnvironmentName;
use crate::ledger::{Ledger, RefStore, Shelf, Slot};

impl<S: RefStore> Ledger<S> {
    /// The queues of all environments.
    #[must_use]
    pub fn queues(&self) -> Shelf<QueueRecord> {
        self.shelf()
    }

    /// The queue of one environment.
    #[must_use]
    pub fn queue(&self, environment: &EnvironmentName) -> Slot<QueueRecord> {
        self.queues().slot(environment)
    }
}
