//! The stop token: set once the host relays that the person interrupted.
//!
//! Work in flight observes it, finishes quickly and returns a truthful state. So does a request that comes
//! after it; where the host configures again, which begins anew, there is a fresh token.

use std::sync::Arc;

use tokio::sync::watch;

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::path::Path;

/// A token that work observes. Clones share one state.
#[derive(Debug, Clone)]
pub struct Stop {
    seen: watch::Receiver<bool>,
}

/// Stopping was asked for before work was done, which was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped;

impl From<Stopped> for Diagnostics {
    fn from(_: Stopped) -> Self {
        Diagnostic::error(
            Path::root(),
            "Interrupted",
            "Found a request to stop before this was done. Nothing was changed. Next: run it again.",
        )
        .into()
    }
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

    /// Awaits work that changes nothing, or drops it as soon as stopping is asked for.
    ///
    /// # Errors
    /// Stopping was asked for.
    pub async fn unless<T>(&self, work: impl Future<Output = T>) -> Result<T, Stopped> {
        tokio::select! {
            biased;
            () = self.wait() => Err(Stopped),
            done = work => Ok(done),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_is_dropped_as_soon_as_stopping_is_asked_for() {
        let stopper = Stopper::new();
        let stop = stopper.token();
        assert_eq!(stop.unless(async { 1 }).await, Ok(1));
        let for_ever = stop.unless(std::future::pending::<()>());
        let asked = async { stopper.stop() };
        assert_eq!(tokio::join!(for_ever, asked).0, Err(Stopped));
        assert_eq!(stop.unless(async { 1 }).await, Err(Stopped));
    }

    #[tokio::test]
    async fn work_goes_on_where_nobody_can_ask_any_more() {
        let stop = Stopper::new().token();
        assert_eq!(stop.unless(tokio::task::yield_now()).await, Ok(()));
    }
}
