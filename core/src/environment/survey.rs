//! Where environments lie in the ledger, and, with git, what a repository holds of one.

#[cfg(feature = "git")]
mod folder;

#[cfg(feature = "git")]
pub use folder::*;

use super::{EnvironmentName, EnvironmentRecord};
use crate::ledger::{Ledger, RefStore, Shelf, Slot};

impl<S: RefStore> Ledger<S> {
    /// All environments.
    #[must_use]
    pub fn environments(&self) -> Shelf<EnvironmentRecord> {
        self.shelf()
    }

    /// One environment.
    #[must_use]
    pub fn environment(&self, name: &EnvironmentName) -> Slot<EnvironmentRecord> {
        self.environments().slot(name)
    }
}
