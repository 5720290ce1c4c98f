//! What an author writes for a managed resource.

use std::future::Future;

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::model::Model;
use crate::path::Path;

mod adapter;
mod answer;
mod apply;
mod change;
mod context;
mod planned;

pub use adapter::Adapter;
pub(crate) use adapter::identity_schema;
pub(crate) use answer::not_configured;
pub use change::{Change, ChangeKind};
pub use context::Context;

/// A managed resource: a model, and what is done with it.
///
/// Validation and planning see drafts, where anything may be unknown. Everywhere else the values are
/// settled; only `Computed` fields can be unknown, in what `create` and `update` are given.
pub trait Resource: Model {
    /// The type name, such as `pipeline_version_tag`.
    const NAME: &'static str;
    /// The version of the identity, one more for each change of its attributes. What a stored identity of an
    /// older version lacks, the next refresh gives it.
    const IDENTITY_VERSION: i64 = 0;
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

    /// What a person is told where removing the resource leaves the object as it is; nothing where the
    /// object goes. Asked when the removal is planned and again when it is applied: a resource that says
    /// something is only forgotten, and neither `plan` nor `delete` is called.
    fn forget(
        &self,
        cx: &Context<Self>,
    ) -> impl Future<Output = Result<Option<Diagnostic>, Diagnostics>> + Send {
        let _ = cx;
        async { Ok(None) }
    }

    /// Removes the object. An object that is already gone is removed. A resource that is always forgotten
    /// needs none.
    fn delete(self, cx: &Context<Self>) -> impl Future<Output = Result<(), Diagnostics>> + Send {
        let _ = cx;
        async { Err(answer::cannot_delete(Self::NAME).into()) }
    }

    /// Finds an existing object. A resource that nobody could have made otherwise needs none.
    fn import(
        key: ImportKey<Self>,
        cx: &Context<Self>,
    ) -> impl Future<Output = Result<Self, Diagnostics>> + Send {
        let _ = (key, cx);
        async { Err(answer::cannot_import(Self::NAME).into()) }
    }

    /// State of an older schema version, in the current model.
    ///
    /// # Errors
    /// Says why the state cannot be carried over.
    fn upgrade(version: i64, raw: serde_json::Value) -> Result<Self, Diagnostics> {
        let _ = raw;
        Err(answer::cannot_upgrade(Self::NAME, version, Self::SCHEMA_VERSION).into())
    }

    /// Completes the configuration that is generated for an object, where it is imported or listed. It holds what
    /// the state says of every argument, without what the provider computes, defaults and secrets.
    fn configuration(config: &mut Self::Draft) {
        let _ = config;
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

impl<R: Model> ImportKey<R> {
    /// The ID, or what `of` makes of an identity in its place.
    pub fn text(self, of: impl FnOnce(&R::Draft) -> String) -> String {
        match self {
            Self::Id(id) => id,
            Self::Identity(identity) => of(&identity),
        }
    }
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
