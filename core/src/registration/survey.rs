//! What the ledger has of a thing that is to be registered, or removed.

use super::{Registered, Registrable, Removal};
use crate::base::actor::Author;
use crate::base::violation::Violation;
use crate::ledger::{Ledger, LedgerError, Recorded, RefStore, Slot};

/// What was found of one thing. Only the survey of its room makes it.
#[derive(Debug, Clone)]
pub struct RegistrationSurvey<T: Registrable> {
    pub(crate) what: T,
    pub(crate) facts: T::Facts,
    pub(super) recorded: Recorded<Registered<T>>,
}

impl<T: Registrable> RegistrationSurvey<T> {
    /// The thing as it is to be registered.
    #[must_use]
    pub const fn what(&self) -> &T {
        &self.what
    }

    /// Whether registering it claims something for good, such as a name.
    #[must_use]
    pub fn claims(&self, author: &Author) -> bool {
        self.what.claim(&self.facts, author).is_some()
    }

    /// The thing as it is registered now.
    #[must_use]
    pub fn record(&self) -> Option<&Registered<T>> {
        self.recorded.record()
    }
}

/// Reads what is registered of a thing, beside the facts that the room gathered.
pub(crate) async fn survey<T: Registrable, S: RefStore>(
    ledger: &Ledger<S>,
    what: T,
    facts: T::Facts,
) -> Result<RegistrationSurvey<T>, LedgerError> {
    let slot = ledger.shelf().slot(&what.key());
    ledger.check_room(&slot).await?;
    let recorded = Recorded::read(ledger, slot).await?;
    Ok(RegistrationSurvey { what, facts, recorded })
}

/// Reads a registration that is to go. `objections` says what forbids that, given the registration.
pub(crate) async fn removal<T: Registrable, S: RefStore>(
    ledger: &Ledger<S>,
    slot: Slot<Registered<T>>,
    objections: impl FnOnce(&Registered<T>) -> Vec<Violation>,
) -> Result<Removal<T>, LedgerError> {
    let recorded = Recorded::read(ledger, slot).await?;
    let objections = recorded.record().map(objections).unwrap_or_default();
    Ok(Removal { recorded, objections })
}
