//! The person's wish to stop: it comes once, and is remembered.

use std::future::Future;
use std::pin::Pin;

/// Whether the person interrupted.
pub(super) enum Interruption<'a> {
    /// Not that we know of.
    Awaited(Pin<Box<dyn Future<Output = String> + Send + 'a>>),
    /// Yes, and this is who or what asked.
    Heard(String),
}

impl<'a> Interruption<'a> {
    pub(super) fn new(asked: impl Future<Output = String> + Send + 'a) -> Self {
        Self::Awaited(Box::pin(asked))
    }

    /// Ends when the person interrupts; at once if that has happened.
    pub(super) async fn wait(&mut self) -> String {
        let reason = match self {
            Self::Awaited(asked) => asked.await,
            Self::Heard(reason) => return reason.clone(),
        };
        *self = Self::Heard(reason.clone());
        reason
    }

    /// Whether the person has interrupted by now.
    pub(super) async fn by_now(&mut self) -> Option<String> {
        tokio::select! {
            biased;
            reason = self.wait() => Some(reason),
            () = std::future::ready(()) => None,
        }
    }

    /// The result of work that may be given up; `None` when the person interrupts before it is
    /// there.
    pub(super) async fn unless<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            _ = self.wait() => None,
            result = work => Some(result),
        }
    }
}
