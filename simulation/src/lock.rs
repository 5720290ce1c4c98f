//! Locks of a world that has one thread: nobody waits for them, and a panic is told by its task.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is in the lock.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
