//! What configurations register in the ledger: things that are one record each, which one configuration
//! writes, changes and removes, and which all others read.
//!
//! A room of such a noun has the type, which is [`Registrable`], its rules, and a survey that gathers what
//! they ask for. Reading, comparing, writing and removing the record, and noticing that somebody else did
//! so first, are here once for all of them.

mod change;
mod record;
pub(crate) mod survey;

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub use change::{Registration, RegistrationRefused, Removal, StagedRegistration, plan};
pub use record::Registered;
pub use survey::RegistrationSurvey;

use crate::audit::AuditRecord;
use crate::base::actor::Author;
use crate::base::violation::{Violation, Violations};
use crate::queue::Rewrite;
use crate::record::Record;

/// A thing that is registered: what a configuration says of it, and nothing that follows from it.
pub trait Registrable: Serialize + DeserializeOwned + Clone + PartialEq + fmt::Debug {
    /// What it is called in messages and in its record, such as `environment`.
    const KIND: &'static str;

    /// The folder of its refs, below the prefix of the ledger.
    const SHELF: &'static str;

    /// The newest version of the schema of its record.
    const SCHEMA_VERSION: u64 = 1;

    /// The version of the schema that this very thing needs, as [`Record::needed_version`].
    fn needed_version(&self) -> u64 {
        Self::SCHEMA_VERSION
    }

    /// The first release that reads this version of the schema.
    const READABLE_SINCE: &'static str = "0.1.0";

    /// The record of a claim; its own, where it claims nothing.
    type Claim: Record;

    /// What rules ask beyond the values. Only the room's survey gathers it.
    type Facts: Clone + fmt::Debug;

    /// Where its record lies on the shelf: parts of names that git allows, joined by slashes.
    fn key(&self) -> String;

    /// The key as people write it, where git does not take it as it is.
    #[must_use]
    fn shown(key: &str) -> String {
        key.to_owned()
    }

    /// All that rules say of registering it, warnings included. `before` is what is registered now.
    fn check(&self, before: Option<&Registered<Self>>, facts: &Self::Facts) -> Vec<Violation>;

    /// Whether it is over, so that its rules forbid every change.
    #[must_use]
    fn is_over(&self) -> bool {
        false
    }

    /// The record of what it claims for good when it is registered, such as a name; nothing where nobody may
    /// claim anything, or somebody did.
    #[must_use]
    fn claim(&self, facts: &Self::Facts, author: &Author) -> Option<Self::Claim> {
        let _ = (facts, author);
        None
    }

    /// The queues that change with it, in the same transaction.
    #[must_use]
    fn queues(&self, facts: &Self::Facts) -> Vec<Rewrite> {
        let _ = facts;
        Vec::new()
    }

    /// What the audit log keeps where a registration is changed, or removed (`after` is nothing); nothing where
    /// the record says it all.
    #[must_use]
    fn audit(
        before: &Registered<Self>,
        after: Option<&Self>,
        author: &Author,
    ) -> Option<AuditRecord> {
        let _ = (before, after, author);
        None
    }

    /// Whether its record has to be signed by who writes it.
    #[must_use]
    fn is_signed(&self, facts: &Self::Facts) -> bool {
        let _ = facts;
        false
    }

    /// What is wrong with the fields of a record, beyond what its type says.
    ///
    /// # Errors
    /// The rules that are broken.
    fn check_fields(fields: &Map<String, Value>) -> Result<(), Violations> {
        let _ = fields;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
