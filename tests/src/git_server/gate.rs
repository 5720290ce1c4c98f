//! A gate in front of the repository: one request waits there until it is let through or turned away.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::Asked;
use crate::Outcome;
use crate::process::{FOR_EVER, in_vain};

/// A gate that stops the first request of a kind. Clones are the same gate.
#[derive(Clone)]
pub struct Gate(Arc<Shared>);

struct Shared {
    stops: Box<dyn Fn(&Asked) -> bool + Send + Sync>,
    state: Mutex<State>,
    changed: Condvar,
}

/// What may happen to the request that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// None is there yet.
    Set,
    /// One waits.
    Reached,
    /// It may go on.
    Open,
    /// It never reaches the repository.
    Shut,
}

impl Gate {
    /// A gate for the first request that `stops` is true for.
    pub fn new(stops: impl Fn(&Asked) -> bool + Send + Sync + 'static) -> Self {
        let (state, changed) = (Mutex::new(State::Set), Condvar::new());
        Self(Arc::new(Shared { stops: Box::new(stops), state, changed }))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, state: State) {
        *self.lock() = state;
        self.0.changed.notify_all();
    }

    /// Whether a request waits here, or has been here.
    #[must_use]
    pub fn was_reached(&self) -> bool {
        *self.lock() != State::Set
    }

    /// Whether a request waits here.
    pub(super) fn holds(&self) -> bool {
        *self.lock() == State::Reached
    }

    /// Waits until a request is here.
    ///
    /// # Errors
    /// None ever came.
    pub fn reached(&self) -> Outcome {
        let still = |state: &mut State| *state == State::Set;
        let waited = self.0.changed.wait_timeout_while(self.lock(), FOR_EVER, still);
        let state = waited.unwrap_or_else(PoisonError::into_inner).0;
        if *state == State::Set { Err(in_vain("a request is at the gate")) } else { Ok(()) }
    }

    /// Lets the request go on.
    pub fn let_through(&self) {
        self.set(State::Open);
    }

    /// Breaks the connection of the request, which never reaches the repository.
    pub fn turn_away(&self) {
        self.set(State::Shut);
    }

    /// Lets a request wait here if it is the one; whether it may go on.
    pub(super) fn pass(&self, asked: &Asked) -> bool {
        let mut state = self.lock();
        if *state != State::Set || !(self.0.stops)(asked) {
            return true;
        }
        *state = State::Reached;
        self.0.changed.notify_all();
        // Longer than any test waits; a test that is over ends its process, and the request with it.
        let still = |state: &mut State| *state == State::Reached;
        let waited = self.0.changed.wait_timeout_while(state, 2 * FOR_EVER, still);
        *waited.unwrap_or_else(PoisonError::into_inner).0 != State::Shut
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Gate({:?})", *self.lock())
    }
}
