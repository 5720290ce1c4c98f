//! What an author writes for an action: something that is done when it is asked for, and leaves no state.
//!
//! The host asks for it around the change of a resource, or by itself (`-invoke`). It keeps nothing of it but
//! whether it failed.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::completed;
use crate::diagnostics::{Diagnostic, Diagnostics, Severity};
use crate::erased::{self, Answer, Call, Listener};
use crate::guard::{bug, caught_async};
use crate::log::Log;
use crate::model::{Draft as _, Model, Trail};
use crate::path::Path;
use crate::plan;
use crate::provider::only_configured;
use crate::resource::not_configured;
use crate::schema::Schema;
use crate::stop::Stop;
use crate::value::Value;

/// An action: a model whose arguments say what is to be done. Nothing in it is computed.
pub trait Action: Model {
    /// The type name, such as `pipeline_promote`.
    const NAME: &'static str;
    /// What the provider's `configure` returned.
    type Provider: Send + Sync + 'static;

    /// Reports what is wrong with a block, beyond what its types say. No I/O; unknown is not wrong.
    fn validate(draft: &Self::Draft, out: &mut Diagnostics) {
        let _ = (draft, out);
    }

    /// Reports everything that forbids it, while nothing is changed yet. Where a change of a resource asks for
    /// it, arguments may be unknown; what is not known is not wrong.
    fn plan(
        draft: &Self::Draft,
        cx: &ActionContext<Self>,
    ) -> impl Future<Output = Result<(), Diagnostics>> + Send {
        let _ = (draft, cx);
        async { Ok(()) }
    }

    /// Does it. It runs to its end even where the host does not wait for it; who interrupts sets
    /// [`ActionContext::stop`], after which it ends in order and soon.
    fn invoke(
        self,
        cx: &ActionContext<Self>,
    ) -> impl Future<Output = Result<(), Diagnostics>> + Send;
}

/// What a call on an action has beside its values.
pub struct ActionContext<A: Action> {
    /// What the provider's `configure` returned.
    pub provider: Arc<A::Provider>,
    /// Set when the person interrupts.
    pub stop: Stop,
    /// Told what goes on.
    pub log: Log,
    listener: Listener,
    warnings: Mutex<Diagnostics>,
}

impl<A: Action> ActionContext<A> {
    /// What an author's code is called with; else why it cannot be called.
    fn of(call: Call, listener: Listener) -> Result<Self, Diagnostic> {
        let provider = call.configured.and_then(|it| it.downcast::<A::Provider>().ok());
        let Some(provider) = provider else { return Err(not_configured(A::NAME)) };
        Ok(Self { log: call.log, ..Self::detached(provider, call.stop, listener) })
    }

    /// A context outside any server: for tests of an author's code. `listener` hears of progress.
    #[must_use]
    pub fn detached(provider: Arc<A::Provider>, stop: Stop, listener: Listener) -> Self {
        Self { provider, stop, log: Log::off(), listener, warnings: Mutex::default() }
    }

    /// Shows a line to the person while the action runs. A plan shows none.
    pub fn progress(&self, message: impl Into<String>) {
        (self.listener)(message.into());
    }

    /// Shows a warning; an error given here is shown as a warning too.
    pub fn warn(&self, warning: Diagnostic) {
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        warnings.push(Diagnostic { severity: Severity::Warning, ..warning });
    }

    fn take(&self) -> Diagnostics {
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *warnings)
    }
}

impl<A: Action<Provider: fmt::Debug>> fmt::Debug for ActionContext<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActionContext").field("provider", &self.provider).finish_non_exhaustive()
    }
}

/// The erased form of the action `A`.
#[derive(Debug)]
pub struct Adapter<A> {
    schema: OnceLock<Schema>,
    action: PhantomData<fn() -> A>,
}

impl<A: Action> Default for Adapter<A> {
    fn default() -> Self {
        Self { schema: OnceLock::new(), action: PhantomData }
    }
}

impl<A: Action> erased::Action for Adapter<A> {
    fn name(&self) -> &'static str {
        A::NAME
    }

    fn schema(&self) -> &Schema {
        self.schema.get_or_init(|| Schema {
            version: A::SCHEMA_VERSION,
            block: only_configured(A::block()),
        })
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        completed::validated::<A>(&self.schema().block, config, A::validate)
    }

    fn plan<'a>(&'a self, config: Value, call: Call) -> Answer<'a, Diagnostics> {
        Box::pin(async move {
            let mut problems = Diagnostics::new();
            let draft = A::Draft::read(&self.filled(&config), &Trail::ROOT, &mut problems);
            match ActionContext::<A>::of(call, Arc::new(|_| ())) {
                _ if problems.has_errors() => problems,
                Ok(cx) => told("`plan`", &cx, || A::plan(&draft, &cx)).await,
                Err(problem) => problem.into(),
            }
        })
    }

    fn invoke<'a>(
        &'a self,
        config: Value,
        call: Call,
        listener: Listener,
    ) -> Answer<'a, Diagnostics> {
        Box::pin(async move {
            let mut problems = Diagnostics::new();
            let action = A::decode(&self.filled(&config), &Trail::ROOT, &mut problems);
            match (action, ActionContext::<A>::of(call, listener)) {
                (None, _) => problems,
                (Some(action), Ok(cx)) => told("`invoke`", &cx, || action.invoke(&cx)).await,
                (Some(_), Err(problem)) => problem.into(),
            }
        })
    }
}

impl<A: Action> Adapter<A> {
    /// With defaults in place of what is not configured.
    fn filled(&self, config: &Value) -> Value {
        let mut filled = config.clone();
        plan::defaults(&erased::Action::schema(self).block, config, &mut filled);
        filled
    }
}

/// Everything there is to say after the author's `work`, of which a failure says why.
async fn told<A: Action, F>(
    what: &str,
    cx: &ActionContext<A>,
    work: impl FnOnce() -> F,
) -> Diagnostics
where
    F: Future<Output = Result<(), Diagnostics>>,
{
    let result = caught_async(what, work).await.map_err(Diagnostics::from).and_then(|it| it);
    let mut out = cx.take();
    if let Err(problems) = result {
        let silent = !problems.has_errors();
        out.extend(problems);
        if silent {
            out.push(bug(Path::root(), format!("{what} failed without saying why.")));
        }
    }
    out
}
