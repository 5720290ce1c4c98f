//! What an author's code is given beside its values, and what it says on the way.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Resource;
use super::answer::not_configured;
use crate::diagnostics::{Diagnostic, Diagnostics, Severity};
use crate::erased::Call;
use crate::log::Log;
use crate::private::Private;
use crate::stop::Stop;
use crate::value::Value;

/// What a call on a resource has beside its values.
#[derive(Debug)]
pub struct Context<R: Resource> {
    /// What the provider's `configure` returned.
    pub provider: Arc<R::Provider>,
    /// Set when the person interrupts: finish quickly and tell the truth about what was done.
    pub stop: Stop,
    /// Told what goes on while the person waits.
    pub log: Log,
    config: Option<R::Draft>,
    private: Private,
    notes: Mutex<Notes>,
}

#[derive(Debug, Default)]
struct Notes {
    warnings: Diagnostics,
    checkpoint: Option<Value>,
}

impl<R: Resource> Context<R> {
    /// What an author's code is called with; else why it cannot be called.
    pub(super) fn of(
        call: Call,
        config: Option<R::Draft>,
        private: Vec<u8>,
    ) -> Result<Self, Diagnostic> {
        let provider =
            call.configured.and_then(|configured| configured.downcast::<R::Provider>().ok());
        match provider {
            Some(provider) => Ok(Self::new(provider, (call.stop, call.log), config, private)),
            None => Err(not_configured(R::NAME)),
        }
    }

    fn new(
        provider: Arc<R::Provider>,
        (stop, log): (Stop, Log),
        config: Option<R::Draft>,
        private: Vec<u8>,
    ) -> Self {
        let notes = Mutex::default();
        Self { provider, stop, log, config, private: Private::new(private), notes }
    }

    /// A context outside any server: for tests of an author's code.
    #[must_use]
    pub fn detached(provider: Arc<R::Provider>, stop: Stop) -> Self {
        Self::new(provider, (stop, Log::off()), None, Vec::new())
    }

    /// Shows a warning; an error given here is shown as a warning too.
    pub fn warn(&self, warning: Diagnostic) {
        self.notes().warnings.push(Diagnostic { severity: Severity::Warning, ..warning });
    }

    /// Says that the object exists as `object`: if the call fails after this, that is its state.
    pub fn checkpoint(&self, object: &R) {
        self.notes().checkpoint = Some(object.encode());
    }

    /// Bytes stored beside the state.
    pub const fn private(&self) -> &Private {
        &self.private
    }

    /// The configuration in `create` and `update`, with its write-only values; nowhere else.
    pub const fn config(&self) -> Option<&R::Draft> {
        self.config.as_ref()
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The warnings so far, and where the object stands.
    pub(super) fn take(&self) -> (Diagnostics, Option<Value>) {
        let notes = std::mem::take(&mut *self.notes());
        (notes.warnings, notes.checkpoint)
    }
}
