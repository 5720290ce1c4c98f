//! What an author writes for an ephemeral resource: something that is opened for one run, and never stored.
//!
//! The host opens it in every plan and again in every apply, as soon as its arguments are known, and closes
//! it once nothing needs it any more.

use std::future::Future;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::SystemTime;

use crate::completed;
use crate::diagnostics::{Diagnostic, Diagnostics, Severity};
use crate::erased::{self, Answer, Call, Opened, Renewed};
use crate::guard::caught_async;
use crate::log::Log;
use crate::model::Model;
use crate::private::Private;
use crate::resource::not_configured;
use crate::schema::Schema;
use crate::stop::{Stop, Stopper};
use crate::value::Value;

/// An ephemeral resource: a model that is completed by opening.
///
/// A plan opens it too: what opening changes outside is changed by every plan.
pub trait Ephemeral: Model {
    /// The type name, such as `pipeline_secrets`.
    const NAME: &'static str;
    /// What the provider's `configure` returned.
    type Provider: Send + Sync + 'static;

    /// Reports what is wrong with a block, beyond what its types say. No I/O; unknown is not wrong.
    fn validate(draft: &Self::Draft, out: &mut Diagnostics) {
        let _ = (draft, out);
    }

    /// Completes `self`: arguments are as configured, computed fields are still unknown. What must be
    /// closed later is found by the private bytes that are set here. Where this fails, nothing may be left
    /// open: the host does not close what it never had.
    fn open(
        self,
        cx: &EphemeralContext<Self>,
    ) -> impl Future<Output = Result<Self, Diagnostics>> + Send;

    /// Keeps open what is open, at the time that [`EphemeralContext::renew_at`] named; it names the next one
    /// the same way. It runs beside anything else, and goes on after an interruption, as does the work that
    /// needs it. A failure ends renewal. Few hosts show it; it is logged.
    fn renew(cx: &EphemeralContext<Self>) -> impl Future<Output = Result<(), Diagnostics>> + Send {
        let _ = cx;
        async { Ok(()) }
    }

    /// Closes what is open. Called also after a failed renewal and after an interruption, but not where
    /// either side is killed, nor by Terraform where something that needs it failed: what is open then is given
    /// back by [`Provider::depart`](crate::Provider::depart). It may find the private bytes of `open` although a
    /// renewal has set others: that is what Terraform keeps.
    fn close(cx: &EphemeralContext<Self>) -> impl Future<Output = Result<(), Diagnostics>> + Send {
        let _ = cx;
        async { Ok(()) }
    }
}

/// What a call on an ephemeral resource has beside its values.
#[derive(Debug)]
pub struct EphemeralContext<E: Ephemeral> {
    /// What the provider's `configure` returned.
    pub provider: Arc<E::Provider>,
    /// Set when the person interrupts `open`. Renewing and closing are never asked to stop.
    pub stop: Stop,
    /// Told what goes on.
    pub log: Log,
    private: Private,
    notes: Mutex<Notes>,
}

#[derive(Debug, Default)]
struct Notes {
    warnings: Diagnostics,
    renew_at: Option<SystemTime>,
}

impl<E: Ephemeral> EphemeralContext<E> {
    /// What an author's code is called with; else why it cannot be called.
    fn of(call: Call, private: Vec<u8>) -> Result<Self, Diagnostic> {
        let provider = call.configured.and_then(|it| it.downcast::<E::Provider>().ok());
        let Some(provider) = provider else { return Err(not_configured(E::NAME)) };
        Ok(Self {
            log: call.log,
            private: Private::new(private),
            ..Self::detached(provider, call.stop)
        })
    }

    /// A context outside any server: for tests of an author's code.
    #[must_use]
    pub fn detached(provider: Arc<E::Provider>, stop: Stop) -> Self {
        let (private, notes) = (Private::default(), Mutex::default());
        Self { provider, stop, log: Log::off(), private, notes }
    }

    /// Shows a warning; an error given here is shown as a warning too.
    pub fn warn(&self, warning: Diagnostic) {
        self.notes().warnings.push(Diagnostic { severity: Severity::Warning, ..warning });
    }

    /// Bytes that the host keeps as long as this is open. They are never stored.
    pub const fn private(&self) -> &Private {
        &self.private
    }

    /// Asks the host to renew at that time, in `open` and in `renew`; else it does not.
    pub fn renew_at(&self, time: SystemTime) {
        self.notes().renew_at = Some(time);
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Notes {
        std::mem::take(&mut *self.notes())
    }
}

/// The erased form of the ephemeral resource `E`.
#[derive(Debug)]
pub struct Adapter<E> {
    schema: OnceLock<Schema>,
    ephemeral: PhantomData<fn() -> E>,
}

impl<E: Ephemeral> Default for Adapter<E> {
    fn default() -> Self {
        Self { schema: OnceLock::new(), ephemeral: PhantomData }
    }
}

impl<E: Ephemeral> erased::Ephemeral for Adapter<E> {
    fn name(&self) -> &'static str {
        E::NAME
    }

    fn schema(&self) -> &Schema {
        self.schema.get_or_init(|| Schema { version: E::SCHEMA_VERSION, block: E::block() })
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        completed::validated::<E>(&self.schema().block, config, E::validate)
    }

    fn open<'a>(&'a self, config: Value, call: Call) -> Answer<'a, Opened> {
        Box::pin(async move {
            match EphemeralContext::of(call, Vec::new()) {
                Ok(cx) => self.opened(&config, cx).await,
                Err(problem) => Opened::failed(problem.into()),
            }
        })
    }

    fn renew<'a>(&'a self, private: Vec<u8>, call: Call) -> Answer<'a, Renewed> {
        Box::pin(async move {
            let kept = private.clone();
            match EphemeralContext::of(unstoppable(call), private) {
                Ok(cx) => renewed::<E>(&cx, kept).await,
                Err(problem) => {
                    Renewed { private: kept, renew_at: None, diagnostics: problem.into() }
                }
            }
        })
    }

    fn close<'a>(&'a self, private: Vec<u8>, call: Call) -> Answer<'a, Diagnostics> {
        Box::pin(async move {
            match EphemeralContext::of(unstoppable(call), private) {
                Ok(cx) => closed::<E>(&cx).await,
                Err(problem) => problem.into(),
            }
        })
    }
}

/// The person has perhaps interrupted before this began, which must be done all the same.
fn unstoppable(call: Call) -> Call {
    Call { stop: Stopper::new().token(), ..call }
}

impl<E: Ephemeral> Adapter<E> {
    async fn opened(&self, config: &Value, cx: EphemeralContext<E>) -> Opened {
        let block = &erased::Ephemeral::schema(self).block;
        let mut is_open = false;
        let result = completed::completed(block, config, "`open`", |model: E| async {
            let opened = model.open(&cx).await;
            is_open = opened.is_ok();
            opened
        })
        .await;
        let Notes { warnings: mut diagnostics, renew_at } = cx.take();
        match result {
            Ok(result) => Opened { result, private: cx.private.bytes(), renew_at, diagnostics },
            Err(problems) => {
                diagnostics.extend(problems);
                // The host never has what it refuses, so it would stay open.
                if is_open {
                    let stop = Stopper::new().token();
                    diagnostics.extend(closed(&EphemeralContext { stop, ..cx }).await);
                }
                Opened::failed(diagnostics)
            }
        }
    }
}

async fn renewed<E: Ephemeral>(cx: &EphemeralContext<E>, before: Vec<u8>) -> Renewed {
    let result = caught_async("`renew`", || E::renew(cx)).await.map_err(Diagnostics::from);
    let Notes { warnings: mut diagnostics, renew_at } = cx.take();
    let Err(problems) = result.and_then(|it| it) else {
        return Renewed { private: cx.private.bytes(), renew_at, diagnostics };
    };
    for problem in &problems {
        cx.log.warn(&format!("{} was not renewed", E::NAME), &problem.detail);
    }
    diagnostics.extend(problems);
    Renewed { private: before, renew_at: None, diagnostics }
}

async fn closed<E: Ephemeral>(cx: &EphemeralContext<E>) -> Diagnostics {
    let result = caught_async("`close`", || E::close(cx)).await.map_err(Diagnostics::from);
    let mut diagnostics = cx.take().warnings;
    diagnostics.extend(result.and_then(|it| it).err().into_iter().flatten());
    diagnostics
}
