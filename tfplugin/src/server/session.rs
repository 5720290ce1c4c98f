//! What one host process shares over its requests: the configured provider, and the stop token.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use super::catalogue::Catalogue;
use super::lifecycle::Lifecycle;
use crate::erased::{Call, Configured, Provider};
use crate::log::Log;
use crate::stop::{Stop, Stopper};

/// How long the process may take to give back what it still holds.
const FAREWELL: Duration = Duration::from_secs(10);

/// Shared by all requests of one host.
#[derive(Clone)]
pub(super) struct Session(Arc<Inner>);

struct Inner {
    catalogue: Arc<Catalogue>,
    log: Log,
    lifecycle: Lifecycle,
    configured: RwLock<Option<Configured>>,
    stopper: Mutex<Stopper>,
}

impl Session {
    pub(super) fn new(catalogue: Arc<Catalogue>, log: Log, lifecycle: Lifecycle) -> Self {
        let (configured, stopper) = (RwLock::default(), Mutex::default());
        Self(Arc::new(Inner { catalogue, log, lifecycle, configured, stopper }))
    }

    pub(super) fn catalogue(&self) -> &Catalogue {
        &self.0.catalogue
    }

    pub(super) fn log(&self) -> &Log {
        &self.0.log
    }

    pub(super) fn lifecycle(&self) -> &Lifecycle {
        &self.0.lifecycle
    }

    /// What a resource or data source is given with each call.
    pub(super) fn call(&self) -> Call {
        let configured = self.0.configured.read().unwrap_or_else(PoisonError::into_inner).clone();
        Call { configured, stop: self.stop_token(), log: self.log().clone() }
    }

    /// A host may configure again; requests that began before keep what they had.
    pub(super) fn configure(&self, configured: Option<Configured>) {
        *self.0.configured.write().unwrap_or_else(PoisonError::into_inner) = configured;
    }

    /// The host asks the process to end, and has heard every answer.
    pub(super) fn settle(&self) {
        let configured = self.0.configured.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(configured) = configured {
            self.0.catalogue.provider().settle(&configured);
        }
    }

    /// Gives back what nobody will ask for any more, in the time that there is.
    pub(super) async fn depart(&self) {
        let configured = self.0.configured.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(configured) = configured {
            let departing = self.0.catalogue.provider().depart(&configured);
            // What is not given back by then has to end by itself.
            let _ = tokio::time::timeout(FAREWELL, departing).await;
        }
    }

    pub(super) fn stop_token(&self) -> Stop {
        self.0.stopper.lock().unwrap_or_else(PoisonError::into_inner).token()
    }

    /// Stops what is in flight, and what was on its way here when the person interrupted.
    pub(super) fn stop(&self) {
        self.0.stopper.lock().unwrap_or_else(PoisonError::into_inner).stop();
    }

    /// The host begins anew: an earlier stop is over.
    pub(super) fn begin(&self) {
        *self.0.stopper.lock().unwrap_or_else(PoisonError::into_inner) = Stopper::new();
    }
}

/// Hands out sessions to connections.
#[derive(Clone)]
pub(super) struct Sessions {
    first: Session,
    /// In debug mode several hosts attach, or one with several configurations, each with a
    /// connection of its own.
    apart: bool,
}

impl Sessions {
    pub(super) fn new(
        provider: Box<dyn Provider>,
        log: Log,
        lifecycle: Lifecycle,
        apart: bool,
    ) -> Self {
        let catalogue = Arc::new(Catalogue::new(provider));
        Self { first: Session::new(catalogue, log, lifecycle), apart }
    }

    pub(super) fn log(&self) -> &Log {
        self.first.log()
    }

    /// The process ends, with whoever asked for it or without.
    pub(super) async fn depart(&self) {
        self.first.depart().await;
    }

    /// A connection is over, and with it the host where each has one of its own.
    pub(super) async fn over(&self, session: &Session) {
        if self.apart {
            session.depart().await;
        }
    }

    pub(super) fn open(&self) -> Session {
        if !self.apart {
            return self.first.clone();
        }
        let Inner { catalogue, log, lifecycle, .. } = &*self.first.0;
        Session::new(Arc::clone(catalogue), log.clone(), lifecycle.clone())
    }
}
