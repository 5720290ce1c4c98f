//! An author's resource as the server sees it: values in, values out.

use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};

use super::answer::{cannot_upgrade, unreadable_state};
use super::apply::{self, Known};
use super::{MoveSource, Resource, planned};
use crate::codec::json;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::erased::{
    self, Answer, ApplyRequest, Call, ImportKey, MoveRequest, ObjectResponse, PlanRequest,
    PlanResponse, ReadRequest,
};
use crate::guard::caught;
use crate::model::{Draft as _, Trail};
use crate::plan;
use crate::schema::{IdentityAttribute, IdentitySchema, Schema};
use crate::types::Type;
use crate::value::Value;

/// The erased form of the resource `R`.
#[derive(Debug)]
pub struct Adapter<R> {
    shape: OnceLock<Shape>,
    resource: PhantomData<fn() -> R>,
}

/// What is built on first use and kept.
#[derive(Debug)]
struct Shape {
    schema: Arc<Schema>,
    ty: Type,
    identity: Option<IdentitySchema>,
}

impl<R: Resource> Default for Adapter<R> {
    fn default() -> Self {
        Self { shape: OnceLock::new(), resource: PhantomData }
    }
}

impl<R: Resource> Adapter<R> {
    fn shape(&self) -> &Shape {
        self.shape.get_or_init(|| {
            let schema = Schema { version: R::SCHEMA_VERSION, block: R::block() };
            let identity = identity_schema(&schema, R::IDENTITY_VERSION);
            Shape { ty: schema.ty(), identity, schema: Arc::new(schema) }
        })
    }

    fn known(&self) -> Known<'_> {
        let shape = self.shape();
        Known { schema: &shape.schema, identity: shape.identity.as_ref() }
    }
}

/// The identity that the options of a schema describe.
pub(crate) fn identity_schema(schema: &Schema, version: i64) -> Option<IdentitySchema> {
    let attributes: Vec<IdentityAttribute> = schema
        .block
        .attributes
        .iter()
        .filter_map(|attribute| {
            Some(IdentityAttribute {
                name: attribute.name.clone(),
                ty: attribute.ty(),
                role: attribute.identity?,
                description: attribute.description.clone(),
            })
        })
        .collect();
    (!attributes.is_empty()).then_some(IdentitySchema { version, attributes })
}

impl<R: Resource> erased::Resource for Adapter<R> {
    fn name(&self) -> &'static str {
        R::NAME
    }

    fn schema(&self) -> &Schema {
        &self.shape().schema
    }

    fn identity_schema(&self) -> Option<&IdentitySchema> {
        self.shape().identity.as_ref()
    }

    fn validate(&self, config: &Value, write_only_allowed: bool) -> Diagnostics {
        let mut out = Diagnostics::new();
        plan::presence(&self.schema().block, config, write_only_allowed, &mut out);
        let draft = R::Draft::read(config, &Trail::ROOT, &mut out);
        draft.check(&mut out);
        let result = caught("`validate`", || R::validate(&draft, &mut out));
        out.extend(result.err());
        out
    }

    fn plan<'a>(&'a self, request: PlanRequest, call: Call) -> Answer<'a, PlanResponse> {
        Box::pin(async move { planned::plan::<R>(self.known(), request, call).await })
    }

    fn apply<'a>(&'a self, request: ApplyRequest, call: Call) -> Answer<'a, ObjectResponse> {
        Box::pin(async move { apply::apply::<R>(self.known(), request, call).await })
    }

    fn read<'a>(&'a self, request: ReadRequest, call: Call) -> Answer<'a, ObjectResponse> {
        Box::pin(async move { apply::read::<R>(self.known(), request, call).await })
    }

    fn import<'a>(&'a self, key: ImportKey, call: Call) -> Answer<'a, ObjectResponse> {
        Box::pin(async move { apply::import::<R>(self.known(), key, call).await })
    }

    fn upgrade(&self, version: i64, raw: &[u8]) -> (Value, Diagnostics) {
        match self.upgraded(version, raw) {
            Ok(state) => (state, Diagnostics::new()),
            Err(problems) => (Value::Null, problems),
        }
    }

    fn upgrade_identity(&self, _: i64, raw: &[u8]) -> (Value, Diagnostics) {
        let Some(identity) = self.identity_schema() else {
            return (Value::Null, Diagnostics::new());
        };
        // No data: the state is older than the identity, which the next read gives it. OpenTofu takes no answer for a
        // failure, and asks where the version is not the first.
        if raw.is_empty() {
            let open = identity.attributes.iter().map(|it| (it.name.clone(), Value::Null));
            let open = if identity.version == 0 { Value::Null } else { Value::Map(open.collect()) };
            return (open, Diagnostics::new());
        }
        match json::decode_lossy_state(raw, &identity.ty()) {
            Ok(identity) => (identity, Diagnostics::new()),
            Err(error) => (Value::Null, unreadable_state(R::NAME, error).into()),
        }
    }

    fn configuration(&self, state: &Value) -> (Value, Diagnostics) {
        let mut config = state.clone();
        plan::only_arguments(&self.schema().block, &mut config);
        if !config.is_null() {
            // What the state held, the model reads.
            let mut draft = R::Draft::read(&config, &Trail::ROOT, &mut Diagnostics::new());
            if let Err(problem) = caught("`configuration`", || R::configuration(&mut draft)) {
                return (Value::Null, problem.into());
            }
            draft.overlay(&mut config);
        }
        (config, Diagnostics::new())
    }

    fn move_state(&self, request: &MoveRequest) -> ObjectResponse {
        match moved::<R>(request) {
            Ok(model) => self.known().response(&model),
            Err(problems) => ObjectResponse::refused(problems),
        }
    }
}

impl<R: Resource> Adapter<R> {
    fn upgraded(&self, version: i64, raw: &[u8]) -> Result<Value, Diagnostics> {
        if raw.is_empty() {
            return Err(unreadable_state(R::NAME, "it holds no JSON").into());
        }
        if version > R::SCHEMA_VERSION {
            return Err(cannot_upgrade(R::NAME, version, R::SCHEMA_VERSION).into());
        }
        if version == R::SCHEMA_VERSION {
            let state = json::decode_lossy_state(raw, &self.shape().ty);
            let state = state.map_err(|error| unreadable_state(R::NAME, error))?;
            let empty = || unreadable_state(R::NAME, "it is null").into();
            return if state.is_null() { Err(empty()) } else { Ok(state) };
        }
        let raw = serde_json::from_slice(raw).map_err(|error| unreadable_state(R::NAME, error))?;
        let model = caught("`upgrade`", || R::upgrade(version, raw))??;
        let mut state = model.encode();
        plan::settle(&mut state, &Value::Null);
        Ok(state)
    }
}

fn moved<R: Resource>(request: &MoveRequest) -> Result<R, Diagnostics> {
    let state = serde_json::from_slice(&request.source_state)
        .map_err(|error| unreadable_state(&request.source_type, error))?;
    let source = MoveSource {
        provider: request.source_provider.clone(),
        type_name: request.source_type.clone(),
        version: request.source_version,
        state,
        private: request.source_private.clone(),
    };
    match caught("`move_from`", || R::move_from(&source))? {
        Some(moved) => moved,
        None => Err(Diagnostic::error(
            crate::path::Path::root(),
            "State cannot be moved",
            format!(
                "`{}` cannot take over the state of a `{}` of `{}`. Import the object instead.",
                R::NAME,
                source.type_name,
                source.provider
            ),
        )
        .into()),
    }
}
