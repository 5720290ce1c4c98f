//! Where environments lie in the ledger, and, with git, what a repository holds of one.

#[cfg(feature = "git")]
mod folder;

#[cfg(feature = "git")]
pub use folder::*;

use super::{EnvironmentName, EnvironmentRecord};
use crate::ledger::{Entry, Ledger, LedgerError, RefStore, Shelf, Slot};

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

/// The registration of an environment, where there is one.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn registered<S: RefStore>(
    ledger: &Ledger<S>,
    name: &EnvironmentName,
) -> Result<Option<Entry<EnvironmentRecord>>, LedgerError> {
    ledger.read(&ledger.environment(name)).await
}

/// The names of all registered environments, sorted.
///
/// # Errors
/// When the refs cannot be listed.
pub async fn registered_names<S: RefStore>(
    ledger: &Ledger<S>,
) -> Result<Vec<EnvironmentName>, LedgerError> {
    let (snapshot, shelf) = (ledger.snapshot().await?, ledger.environments());
    Ok(snapshot.under(shelf.prefix()).filter_map(|(name, _)| name.parse().ok()).collect())
}
