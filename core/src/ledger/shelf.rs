//! Where records of one kind lie.

use std::fmt;
use std::marker::PhantomData;

use super::error::LedgerError;
use crate::RefName;

/// All refs below one prefix: records of one kind.
pub struct Shelf<T> {
    prefix: String,
    kind: PhantomData<fn() -> T>,
}

/// One ref: a record of one kind, or the place for it.
pub struct Slot<T> {
    name: String,
    kind: PhantomData<fn() -> T>,
}

impl<T> Shelf<T> {
    pub(crate) const fn new(prefix: String) -> Self {
        Self { prefix, kind: PhantomData }
    }

    /// The start of the names of its refs, with a slash at its end.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The records in one folder of the shelf.
    #[must_use]
    pub fn within(&self, folder: &impl fmt::Display) -> Self {
        Self { prefix: format!("{}{folder}/", self.prefix), kind: PhantomData }
    }

    /// The place of this name.
    #[must_use]
    pub fn slot(&self, name: &impl fmt::Display) -> Slot<T> {
        Slot { name: format!("{}{name}", self.prefix), kind: PhantomData }
    }
}

impl<T> Slot<T> {
    pub(crate) fn of(name: &RefName) -> Self {
        Self { name: name.as_str().to_owned(), kind: PhantomData }
    }

    /// The ref.
    ///
    /// # Errors
    /// When no ref can have this name.
    pub fn ref_name(&self) -> Result<RefName, LedgerError> {
        let invalid = || LedgerError::InvalidName { name: self.name.clone() };
        self.name.parse().map_err(|_| invalid())
    }

    /// The last part of its name: of an environment, a deployment, an override.
    #[must_use]
    pub fn id(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }
}

// Derived, these would ask the same of the record.
impl<T> Clone for Slot<T> {
    fn clone(&self) -> Self {
        Self { name: self.name.clone(), kind: PhantomData }
    }
}

impl<T> Clone for Shelf<T> {
    fn clone(&self) -> Self {
        Self { prefix: self.prefix.clone(), kind: PhantomData }
    }
}

impl<T> PartialEq for Slot<T> {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl<T> Eq for Slot<T> {}

impl<T> fmt::Debug for Slot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl<T> fmt::Debug for Shelf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}*", self.prefix)
    }
}
