//! From the first connection to the end of the process: who is still at work, and when to end.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

/// Shared by all that may end the process or must know of the end.
#[derive(Clone)]
pub(super) struct Lifecycle {
    ending: Arc<watch::Sender<bool>>,
}

/// Held by work in flight: while one is left, the process waits for it a little.
pub(super) struct Presence {
    ending: watch::Receiver<bool>,
}

impl Lifecycle {
    pub(super) fn new() -> Self {
        Self { ending: Arc::new(watch::Sender::new(false)) }
    }

    /// Asks everything to end.
    pub(super) fn end(&self) {
        self.ending.send_replace(true);
    }

    pub(super) fn presence(&self) -> Presence {
        Presence { ending: self.ending.subscribe() }
    }

    /// Waits until no work is left, but no longer than `grace`.
    pub(super) async fn drained(&self, grace: Duration) {
        // After the grace period the work is cut off, whatever it is.
        let _ = tokio::time::timeout(grace, self.ending.closed()).await;
    }
}

impl Presence {
    /// Waits until the process is asked to end.
    pub(super) async fn ended(&mut self) {
        // An error means that nobody is left who could ask: an end as well.
        let _ = self.ending.wait_for(|ending| *ending).await;
    }
}
