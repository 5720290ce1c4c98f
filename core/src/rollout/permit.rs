//! How long a target may act, by the clock of this process.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// Whether the environment is still ours, by the clock of this process alone.
///
/// Asked before each call that changes something: a process that slept longer than its lease must not
/// act on what somebody else holds by now.
#[derive(Debug, Clone)]
pub struct Permit {
    until: watch::Receiver<Instant>,
}

/// Keeps a [`Permit`] alive.
#[derive(Debug)]
pub struct Grant {
    until: watch::Sender<Instant>,
}

impl Grant {
    /// A grant for so long from `start`, and the permit that goes with it.
    #[must_use]
    pub fn new(start: Instant, lease: Duration) -> (Self, Permit) {
        let (sender, receiver) = watch::channel(start + lease);
        (Self { until: sender }, Permit { until: receiver })
    }

    /// The grant runs for so long from `start`, when the renewal that succeeded was begun.
    pub fn renew(&self, start: Instant, lease: Duration) {
        self.until.send_replace(start + lease);
    }

    /// The environment is somebody else's: no more calls.
    pub fn revoke(&self, now: Instant) {
        self.until.send_replace(now);
    }
}

impl Permit {
    /// Whether calls that change something may still be made.
    #[must_use]
    pub fn holds(&self) -> bool {
        Instant::now() < *self.until.borrow()
    }
}
