//! Whether whoever asked for something wants no more of it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

type Waiting = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A request to stop, which may come at any time. Clones are the same request.
#[derive(Clone)]
pub struct Interruption {
    is_set: Arc<dyn Fn() -> bool + Send + Sync>,
    wait: Arc<dyn Fn() -> Waiting + Send + Sync>,
}

impl Interruption {
    /// One that came as soon as `is_set` says so; `wait` ends then.
    pub fn by<F, W>(is_set: impl Fn() -> bool + Send + Sync + 'static, wait: F) -> Self
    where
        F: Fn() -> W + Send + Sync + 'static,
        W: Future<Output = ()> + Send + 'static,
    {
        Self { is_set: Arc::new(is_set), wait: Arc::new(move || Box::pin(wait())) }
    }

    /// One that never comes.
    #[must_use]
    pub fn never() -> Self {
        Self::by(|| false, std::future::pending)
    }

    pub(crate) fn is_set(&self) -> bool {
        (self.is_set)()
    }

    /// Waits until it comes.
    pub async fn wait(&self) {
        (self.wait)().await;
    }
}

impl Default for Interruption {
    fn default() -> Self {
        Self::never()
    }
}

impl fmt::Debug for Interruption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Interruption({})", self.is_set())
    }
}
