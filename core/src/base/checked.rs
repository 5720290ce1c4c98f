//! Proof that the rules were asked.

use std::ops::Deref;

/// A change to which no rule objects.
///
/// Only the room of its noun makes one, from facts that it gathered itself, and only what is checked
/// can be staged and committed. So nobody who uses this library can leave the rules out.
#[derive(Debug)]
#[must_use = "nothing happens before it is staged and committed"]
pub struct Checked<C>(C);

impl<C> Checked<C> {
    /// The rules of `change` were asked.
    pub(crate) const fn new(change: C) -> Self {
        Self(change)
    }

    /// The change, to be staged.
    pub(crate) fn into_change(self) -> C {
        self.0
    }
}

impl<C> Deref for Checked<C> {
    type Target = C;
    fn deref(&self) -> &C {
        &self.0
    }
}
