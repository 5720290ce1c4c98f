//! What only tests may do: write refs as they like, and make up facts that nobody gathered.
//!
//! Only with the feature `testing`, and only under these names: whoever embeds this library writes through
//! the rooms of the nouns, which ask the rules first.

use crate::RefName;
use crate::git::Signature;
use crate::ledger::{Ledger, LedgerError, Slot};
use crate::record::Record;

pub use crate::archive::Expired;
pub use crate::git::ObjectId;
#[cfg(feature = "git")]
pub use crate::git::repository::printed;
pub use crate::git::transaction::{RefUpdate, Transaction};
pub use crate::ledger::store::RefStore;
pub use crate::tag::rules::MadeUp;

/// Writing records of the ledger without asking anybody.
pub trait RawLedger {
    /// The update that writes a record into a slot, over `expected`.
    ///
    /// # Errors
    /// When the record has no JSON or its object cannot be made.
    fn stage<T: Record>(
        &self,
        slot: &Slot<T>,
        expected: Option<ObjectId>,
        record: &T,
        by: &Signature,
        message: &str,
    ) -> Result<RefUpdate, LedgerError>;
}

impl<S: RefStore> RawLedger for Ledger<S> {
    fn stage<T: Record>(
        &self,
        slot: &Slot<T>,
        expected: Option<ObjectId>,
        record: &T,
        by: &Signature,
        message: &str,
    ) -> Result<RefUpdate, LedgerError> {
        Self::stage(self, slot, expected, record, by, message)
    }
}

/// One writing of a record that nobody read.
#[must_use]
pub const fn expired(name: RefName, object: String) -> Expired {
    Expired::new(name, object)
}
