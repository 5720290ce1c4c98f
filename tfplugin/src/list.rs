//! What an author writes for a list resource: what there is of a managed resource, for `terraform query`.
//!
//! Items are given one by one, and each waits until the host takes it: however many there are, few are in
//! memory. The host may stop taking them at any time, at its limit at the latest.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::sync::mpsc;

use crate::completed;
use crate::diagnostics::{Diagnostic, Diagnostics, Severity};
use crate::erased::{self, Answer, Call, ListRequest, Listed};
use crate::guard::{bug, caught_async};
use crate::log::Log;
use crate::model::{Model, Trail};
use crate::path::Path;
use crate::plan;
use crate::provider::only_configured;
use crate::resource::{Resource, identity_schema, not_configured};
use crate::schema::{IdentityRole, IdentitySchema, Schema};
use crate::stop::{Stop, Stopped};
use crate::value::Value;

/// A list resource: a model of what is asked for, under the name of the managed resource that is listed.
pub trait List: Model {
    /// The managed resource, which must have an identity.
    type Resource: Resource;

    /// Reports what is wrong with a block, beyond what its types say. No I/O; unknown is not wrong.
    fn validate(draft: &Self::Draft, out: &mut Diagnostics) {
        let _ = (draft, out);
    }

    /// Gives every object that is asked for to [`ListContext::give`], and passes on its `Err`. Nothing here may
    /// change anything: the host drops this at any `await` when it has enough.
    fn list(self, cx: &ListContext<Self>) -> impl Future<Output = Result<(), Halt>> + Send;
}

/// Why a listing ends before everything was given.
#[derive(Debug)]
pub enum Halt {
    /// The host has enough.
    Enough,
    /// It failed; what was given before stands.
    Failed(Diagnostics),
}

impl From<Diagnostics> for Halt {
    fn from(problems: Diagnostics) -> Self {
        Self::Failed(problems)
    }
}

impl From<Diagnostic> for Halt {
    fn from(problem: Diagnostic) -> Self {
        Self::Failed(problem.into())
    }
}

impl From<Stopped> for Halt {
    fn from(stopped: Stopped) -> Self {
        Self::Failed(stopped.into())
    }
}

/// What a listing has beside its values.
pub struct ListContext<L: List> {
    /// What the provider's `configure` returned.
    pub provider: Arc<<L::Resource as Resource>::Provider>,
    /// Set when the person interrupts.
    pub stop: Stop,
    /// Told what goes on.
    pub log: Log,
    /// Whether the host wants whole objects; else only what is part of their identity is looked at.
    pub wants_objects: bool,
    identity: IdentitySchema,
    remaining: AtomicU64,
    items: mpsc::Sender<Listed>,
    warnings: Mutex<Diagnostics>,
}

impl<L: List> fmt::Debug for ListContext<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("ListContext");
        shown.field("wants_objects", &self.wants_objects).field("remaining", &self.remaining);
        shown.finish_non_exhaustive()
    }
}

impl<L: List> ListContext<L> {
    /// How many more items the host takes.
    pub fn remaining(&self) -> u64 {
        self.remaining.load(Ordering::Relaxed)
    }

    /// Gives the host one object, shown as `display_name`, and waits until it is taken.
    ///
    /// # Errors
    /// The host has enough, which it may also say with the last one that it takes; or the object lacks a part of
    /// its identity.
    pub async fn give(
        &self,
        display_name: impl Into<String>,
        object: L::Resource,
    ) -> Result<(), Halt> {
        let less = |left: u64| left.checked_sub(1);
        let counted = self.remaining.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
        let Ok(before) = counted else { return Err(Halt::Enough) };
        let item = self.item(display_name.into(), &object)?;
        self.items.send(item).await.map_err(|_| Halt::Enough)?;
        if before == 1 { Err(Halt::Enough) } else { Ok(()) }
    }

    /// Shows a warning; an error given here is shown as a warning too. What is said after the host has enough is
    /// not shown.
    pub fn warn(&self, warning: Diagnostic) {
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        warnings.push(Diagnostic { severity: Severity::Warning, ..warning });
    }

    fn item(&self, display_name: String, object: &L::Resource) -> Result<Listed, Diagnostic> {
        let mut state = object.encode();
        plan::settle(&mut state, &Value::Null);
        let identity = plan::identity_of(Some(&self.identity), &state);
        let lacks = |name: &str| identity.get(name).is_none_or(Value::is_null);
        let mut required = self.identity.attributes.iter();
        let lost = required.find(|it| it.role == IdentityRole::Required && lacks(&it.name));
        if let Some(lost) = lost {
            let name = <L::Resource as Resource>::NAME;
            let what = format!("The list of `{name}` gave an object without its `{}`.", lost.name);
            return Err(bug(Path::root(), what));
        }
        let object = if self.wants_objects { state } else { Value::Null };
        Ok(Listed { identity, display_name, object, warnings: self.take() })
    }

    fn take(&self) -> Diagnostics {
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *warnings)
    }
}

/// The erased form of the list resource `L`.
#[derive(Debug)]
pub struct Adapter<L> {
    schema: OnceLock<Schema>,
    list: PhantomData<fn() -> L>,
}

impl<L: List> Default for Adapter<L> {
    fn default() -> Self {
        Self { schema: OnceLock::new(), list: PhantomData }
    }
}

impl<L: List> erased::List for Adapter<L> {
    fn name(&self) -> &'static str {
        <L::Resource as Resource>::NAME
    }

    fn schema(&self) -> &Schema {
        let block = || only_configured(L::block());
        self.schema.get_or_init(|| Schema { version: L::SCHEMA_VERSION, block: block() })
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        completed::validated::<L>(&self.schema().block, config, L::validate)
    }

    fn list<'a>(
        &'a self,
        request: ListRequest,
        items: mpsc::Sender<Listed>,
        call: Call,
    ) -> Answer<'a, Diagnostics> {
        Box::pin(async move {
            self.listed(request, items, call).await.unwrap_or_else(|problems| problems)
        })
    }
}

impl<L: List> Adapter<L> {
    async fn listed(
        &self,
        request: ListRequest,
        items: mpsc::Sender<Listed>,
        call: Call,
    ) -> Result<Diagnostics, Diagnostics> {
        let name = <L::Resource as Resource>::NAME;
        let provider = call.configured.and_then(|it| it.downcast().ok());
        let resource = Schema { version: 0, block: <L::Resource as Model>::block() };
        let no_identity = || bug(Path::root(), format!("`{name}` is listed without an identity."));
        let cx = ListContext::<L> {
            provider: provider.ok_or_else(|| not_configured(name))?,
            stop: call.stop,
            log: call.log,
            wants_objects: request.wants_objects,
            identity: identity_schema(&resource, 0).ok_or_else(no_identity)?,
            remaining: AtomicU64::new(request.limit),
            items,
            warnings: Mutex::default(),
        };
        let asked = self.asked(&request.config)?;
        let ended = caught_async("`list`", || asked.list(&cx)).await?;
        let mut diagnostics = cx.take();
        if let Err(Halt::Failed(problems)) = ended {
            let silent = !problems.has_errors();
            diagnostics.extend(problems);
            diagnostics
                .extend(silent.then(|| bug(Path::root(), "`list` failed without saying why.")));
        }
        Ok(diagnostics)
    }

    /// What is asked for, with its defaults.
    fn asked(&self, config: &Value) -> Result<L, Diagnostics> {
        let mut filled = config.clone();
        plan::defaults(&erased::List::schema(self).block, config, &mut filled);
        let mut problems = Diagnostics::new();
        L::decode(&filled, &Trail::ROOT, &mut problems).ok_or(problems)
    }
}
