//! How long a target may act, by the clock of this process.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

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

    /// Ends when calls that change something may not be made any more.
    pub async fn over(&self) {
        let mut until = self.until.clone();
        loop {
            let ends = *until.borrow_and_update();
            if ends <= Instant::now() {
                return;
            }
            tokio::select! {
                () = sleep_until(ends) => {}
                changed = until.changed() => if changed.is_err() {
                    return sleep_until(ends).await;
                },
            }
        }
    }

    /// The work, as long as the environment is ours; nothing where it is not, or does not stay ours.
    pub(crate) async fn bounds<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        if !self.holds() {
            return None;
        }
        tokio::select! {
            biased;
            done = work => Some(done),
            () = self.over() => None,
        }
    }
}
