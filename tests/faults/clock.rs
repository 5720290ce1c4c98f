//! Time for tests that call a real server: tokio's paused clock, which leaps to the next moment that
//! anybody waits for, and stands still while an answer is on its way.
//!
//! So a case takes as long as it takes, however busy the machine is, and every time-out in it is
//! exact. It leaves out runtimes of several threads, whose clock nothing holds.

use std::fmt;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

/// The clock of one case. Clones are the same clock.
#[derive(Clone, Default)]
pub(crate) struct Clock(Arc<Mutex<Option<Sender<()>>>>);

/// The clock stands still as long as this lives, or until it is told to go on.
pub(crate) struct Still(Clock);

impl Clock {
    /// Stops it. One thing is waited for at a time.
    pub(crate) fn stop(&self) -> Still {
        let (sender, receiver) = channel();
        // Tokio's clock does not leap while a blocking task runs; this one ends with its sender.
        tokio::task::spawn_blocking(move || receiver.recv());
        self.set(Some(sender));
        Still(self.clone())
    }

    /// Lets it go on, since no answer will come.
    pub(crate) fn go_on(&self) {
        self.set(None);
    }

    /// A client of HTTP like `inner`, for whose answers this clock waits.
    pub(crate) fn waits_for(&self, inner: SharedHttpClient) -> SharedHttpClient {
        SharedHttpClient::new(Waited { clock: self.clone(), inner })
    }

    fn set(&self, sender: Option<Sender<()>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = sender;
    }
}

impl Drop for Still {
    fn drop(&mut self) {
        self.0.go_on();
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// A client or a connector for whose answers a clock waits.
#[derive(Debug)]
struct Waited<T> {
    clock: Clock,
    inner: T,
}

impl HttpClient for Waited<SharedHttpClient> {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let (clock, inner) = (self.clock.clone(), self.inner.http_connector(settings, components));
        SharedHttpConnector::new(Waited { clock, inner })
    }
}

impl HttpConnector for Waited<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (still, answer) = (self.clock.stop(), self.inner.call(request));
        HttpConnectorFuture::new(async move {
            let _still = still;
            answer.await
        })
    }
}
