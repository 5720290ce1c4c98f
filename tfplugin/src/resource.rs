//! What an author writes for a managed resource.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::diagnostics::{Diagnostic, Diagnostics, Severity};
use crate::log::Log;
use crate::model::Model;
use crate::path::Path;
use crate::private::Private;
use crate::stop::Stop;
use crate::value::Value;

mod adapter;
mod answer;
mod apply;
mod change;

pub use adapter::Adapter;
pub use change::{Change, ChangeKind};

/// A managed resource: a model, and what is done with it.
///
/// Validation and planning see drafts, where anything may be unknown. Everywhere else the values are
/// settled; only `Computed` fields can be unknown, in what `create` and `update` are given.
pub trait Resource: Model {
    /// The type name, such as `pipeline_version_tag`.
    const NAME: &'static str;
    /// What the provider's `configure` returned.
    type Provider: Send + Sync + 'static;

    /// Reports what is wrong with a block, beyond what its types say. No I/O; unknown is not wrong.
    fn validate(draft: &Self::Draft, out: &mut Diagnostics) {
        let _ = (draft, out);
    }

    /// Looks at a plan, completes it, or refuses it. Called for create, update (also where nothing
    /// changed) and delete. A pure function of what it is given and of what it reads: it runs
    /// again at apply and must then come to the same plan.
    fn plan(
        cx: &Context<Self>,
        change: &mut Change<Self>,
    ) -> impl Future<Output = Result<(), Diagnostics>> + Send {
        let _ = (cx, change);
        async { Ok(()) }
    }

    /// Makes the object and returns it with every computed value known.
    fn create(self, cx: &Context<Self>) -> impl Future<Output = Result<Self, Diagnostics>> + Send;

    /// The object as it is now; nothing where it is gone.
    fn read(
        self,
        cx: &Context<Self>,
    ) -> impl Future<Output = Result<Option<Self>, Diagnostics>> + Send;

    /// Changes the object from `prior` to `self` and returns it with every computed value known.
    ///
    /// An immutable resource needs none: only its settings can change in place, which is kept here.
    fn update(
        self,
        prior: Self,
        cx: &Context<Self>,
    ) -> impl Future<Output = Result<Self, Diagnostics>> + Send {
        let _ = cx;
        async move { answer::keep_settings(&self, &prior) }
    }

    /// Removes the object. An object that is already gone is removed.
    fn delete(self, cx: &Context<Self>) -> impl Future<Output = Result<(), Diagnostics>> + Send;

    /// Finds an existing object.
    fn import(
        key: ImportKey<Self>,
        cx: &Context<Self>,
    ) -> impl Future<Output = Result<Self, Diagnostics>> + Send;

    /// State of an older schema version, in the current model.
    ///
    /// # Errors
    /// Says why the state cannot be carried over.
    fn upgrade(version: i64, raw: serde_json::Value) -> Result<Self, Diagnostics> {
        let _ = raw;
        Err(answer::cannot_upgrade(Self::NAME, version, Self::SCHEMA_VERSION).into())
    }

    /// State of another resource type, in this model; nothing where that type is not supported.
    fn move_from(source: &MoveSource) -> Option<Result<Self, Diagnostics>> {
        let _ = source;
        None
    }
}

/// What names the object to import.
#[derive(Debug, Clone)]
pub enum ImportKey<R: Model> {
    /// A string, as `terraform import` takes it.
    Id(String),
    /// A draft in which the identity is known, apart from its optional attributes, and nothing else.
    Identity(R::Draft),
}

/// The state of another resource type.
#[derive(Debug, Clone)]
pub struct MoveSource {
    /// `host/namespace/type`.
    pub provider: String,
    /// The other type.
    pub type_name: String,
    /// The version of its schema.
    pub version: i64,
    /// Its state.
    pub state: serde_json::Value,
    /// Its private bytes.
    pub private: Vec<u8>,
}

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
    pub(crate) fn new(
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
    fn take(&self) -> (Diagnostics, Option<Value>) {
        let notes = std::mem::take(&mut *self.notes());
        (notes.warnings, notes.checkpoint)
    }
}

/// Sets the path of a problem that has none, where the caller knows it and the callee does not.
pub trait At<T> {
    /// Blames `path`, unless a more precise path is already blamed.
    ///
    /// # Errors
    /// The same problems, with a path.
    fn at(self, path: impl Into<Path>) -> Result<T, Diagnostics>;
}

impl<T, E: Into<Diagnostics>> At<T> for Result<T, E> {
    fn at(self, path: impl Into<Path>) -> Result<T, Diagnostics> {
        self.map_err(|error| {
            let path = path.into();
            let mut blamed = Diagnostics::new();
            for mut problem in error.into() {
                if problem.path.is_root() {
                    problem.path = path.clone();
                }
                blamed.push(problem);
            }
            blamed
        })
    }
}
