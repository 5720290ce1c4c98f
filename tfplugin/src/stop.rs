//! The stop token: set once the host relays that the person interrupted.
//!
//! Work in flight observes it, finishes quickly and returns a truthful state. A later request starts
//! with a fresh token, because the process lives on.

use std::sync::Arc;

use tokio::sync::watch;

/// A token that work observes. Clones share one state.
#[derive(Debug, Clone)]
pub struct Stop {
    seen: watch::Receiver<bool>,
}

/// The other end, held by the server.
#[derive(Debug, Clone)]
pub struct Stopper {
    set: Arc<watch::Sender<bool>>,
}

impl Stopper {
    /// A token that is not set.
    #[must_use]
    pub fn new() -> Self {
        Self { set: Arc::new(watch::Sender::new(false)) }
    }

    /// A token for new work.
    #[must_use]
    pub fn token(&self) -> Stop {
        Stop { seen: self.set.subscribe() }
    }

    /// Asks all work that holds a token to stop.
    pub fn stop(&self) {
        self.set.send_replace(true);
    }
}

impl Default for Stopper {
    fn default() -> Self {
        Self::new()
    }
}

impl Stop {
    /// Whether stopping was asked for.
    #[must_use]
    pub fn is_set(&self) -> bool {
        *self.seen.borrow()
    }

    /// Waits until stopping is asked for; for ever where nobody can ask any more.
    pub async fn wait(&self) {
        let mut seen = self.seen.clone();
        if seen.wait_for(|set| *set).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
