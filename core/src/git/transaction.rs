//! Sets of ref updates that happen whole or not at all.

use std::collections::BTreeSet;

use super::error::GitError;
use super::object_id::ObjectId;
use crate::RefName;

/// One compare-and-swap of one ref.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefUpdate {
    /// The ref.
    pub name: RefName,
    /// What it points at now; `None`: it does not exist.
    pub expected: Option<ObjectId>,
    /// What it shall point at; `None`: it shall not exist.
    pub new: Option<ObjectId>,
}

impl RefUpdate {
    /// Makes a ref that must not exist yet.
    #[must_use]
    pub const fn create(name: RefName, new: ObjectId) -> Self {
        Self { name, expected: None, new: Some(new) }
    }

    /// Moves a ref that must still point at `expected`.
    #[must_use]
    pub const fn replace(name: RefName, expected: ObjectId, new: ObjectId) -> Self {
        Self { name, expected: Some(expected), new: Some(new) }
    }

    /// Removes a ref that must still point at `expected`.
    #[must_use]
    pub const fn delete(name: RefName, expected: ObjectId) -> Self {
        Self { name, expected: Some(expected), new: None }
    }
}

/// Ref updates that happen together: at least one, each of another ref, each a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    updates: Vec<RefUpdate>,
}

impl Transaction {
    /// Takes the updates.
    ///
    /// # Errors
    /// [`GitError::InvalidTransaction`] when there is none, when a ref stands there twice, or
    /// when an update changes nothing: git would not check what it does not change.
    pub fn new(updates: Vec<RefUpdate>) -> Result<Self, GitError> {
        let refused =
            |name: &str, reason| GitError::InvalidTransaction { name: name.to_owned(), reason };
        if updates.is_empty() {
            return Err(refused("(none)", "a transaction needs at least one update"));
        }
        let mut seen = BTreeSet::new();
        for update in &updates {
            if !seen.insert(&update.name) {
                return Err(refused(update.name.as_str(), "it stands twice in one transaction"));
            }
            if update.expected == update.new {
                return Err(refused(update.name.as_str(), "its old and new value are the same"));
            }
        }
        Ok(Self { updates })
    }

    /// The updates.
    #[must_use]
    pub fn updates(&self) -> &[RefUpdate] {
        &self.updates
    }

    /// The objects that it points refs at.
    pub(crate) fn new_objects(&self) -> impl Iterator<Item = ObjectId> {
        self.updates.iter().filter_map(|update| update.new)
    }
}
