//! Create, update, delete, read and import: what comes of them, also where they fail halfway.

use std::sync::Arc;

use super::answer::stored;
use super::{Context, ImportKey, Resource};
use crate::diagnostics::Diagnostics;
use crate::erased::{self, ApplyRequest, Call, ObjectResponse, ReadRequest};
use crate::guard::{bug, caught_async};
use crate::model::{Draft as _, Trail};
use crate::path::Path;
use crate::plan;
use crate::schema::{IdentitySchema, Schema};
use crate::value::Value;

/// The schemas of the resource at hand.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) schema: &'a Arc<Schema>,
    pub(super) identity: Option<&'a IdentitySchema>,
}

impl Known<'_> {
    /// The object `model`; what it leaves open is null.
    pub(super) fn response<R: Resource>(&self, model: &R) -> ObjectResponse {
        let mut state = model.encode();
        plan::settle(&mut state, &Value::Null);
        self.object(state, Vec::new(), Diagnostics::new())
    }

    fn object(&self, state: Value, private: Vec<u8>, diagnostics: Diagnostics) -> ObjectResponse {
        let identity = plan::identity_of(self.identity, &state);
        ObjectResponse { state, private, identity, diagnostics }
    }
}

impl ObjectResponse {
    /// Nothing but problems.
    pub(super) const fn refused(diagnostics: Diagnostics) -> Self {
        Self { state: Value::Null, private: Vec::new(), identity: Value::Null, diagnostics }
    }
}

/// Creates, deletes or updates, as the nulls say.
pub(super) async fn apply<R: Resource>(
    known: Known<'_>,
    request: ApplyRequest,
    call: Call,
) -> ObjectResponse {
    let prior = request.prior.clone();
    let private = request.private.clone();
    let tried = if request.planned.is_null() {
        delete::<R>(&request, call).await
    } else {
        put::<R>(known, request, call).await
    };
    // Nothing was done: the object is what it was.
    tried.unwrap_or_else(|problems| known.object(prior, private, problems))
}

async fn delete<R: Resource>(
    request: &ApplyRequest,
    call: Call,
) -> Result<ObjectResponse, Diagnostics> {
    let mut problems = Diagnostics::new();
    let Some(prior) = stored::<R>(&request.prior, &mut problems) else { return Err(problems) };
    let cx = Context::<R>::of(call, None, request.private.clone())?;
    let result = match forgotten(&prior, &cx).await {
        Ok(false) => {
            let result = caught_async("`delete`", || prior.delete(&cx)).await;
            result.map_err(Diagnostics::from).and_then(|result| result)
        }
        other => other.map(drop),
    };
    let (mut diagnostics, _) = cx.take();
    match result {
        Ok(()) => Ok(ObjectResponse::refused(diagnostics)),
        Err(problems) => {
            diagnostics.extend(problems);
            Err(diagnostics)
        }
    }
}

/// Whether a removal leaves the object as it is, which the person is then told.
pub(super) async fn forgotten<R: Resource>(
    object: &R,
    cx: &Context<R>,
) -> Result<bool, Diagnostics> {
    let told = caught_async("`forget`", || object.forget(cx)).await??;
    Ok(told.map(|told| cx.warn(told)).is_some())
}

async fn put<R: Resource>(
    known: Known<'_>,
    request: ApplyRequest,
    call: Call,
) -> Result<ObjectResponse, Diagnostics> {
    let ApplyRequest { prior, planned, config, private, .. } = request;
    let mut problems = Diagnostics::new();
    let draft = R::Draft::read(&config, &Trail::ROOT, &mut problems);
    let model = R::decode(&with_write_only(known, &config, &planned), &Trail::ROOT, &mut problems);
    let before = if prior.is_null() { None } else { stored::<R>(&prior, &mut problems) };
    let Some(model) = model.filter(|_| !problems.has_errors()) else { return Err(problems) };
    let cx = Context::<R>::of(call, Some(draft), private)?;
    let result = match before {
        None => caught_async("`create`", || model.create(&cx)).await,
        Some(before) => caught_async("`update`", || model.update(before, &cx)).await,
    };
    let result = result.map_err(Diagnostics::from).and_then(|result| result);
    Ok(finished(known, &cx, result, &planned, prior))
}

/// The planned object, with the write-only values that only the configuration holds.
fn with_write_only(known: Known<'_>, config: &Value, planned: &Value) -> Value {
    let mut with = planned.clone();
    plan::write_only_from(&known.schema.block, config, &mut with);
    with
}

fn finished<R: Resource>(
    known: Known<'_>,
    cx: &Context<R>,
    result: Result<R, Diagnostics>,
    planned: &Value,
    prior: Value,
) -> ObjectResponse {
    let (mut diagnostics, checkpoint) = cx.take();
    let state = match result {
        Ok(model) => {
            let mut state = model.encode();
            plan::applied(&known.schema.block, planned, &state, &mut diagnostics);
            plan::settle(&mut state, &Value::Null);
            state
        }
        Err(problems) => {
            diagnostics.extend(error_or_bug(problems));
            let mut state = checkpoint.unwrap_or(prior);
            plan::settle(&mut state, &Value::Null);
            state
        }
    };
    known.object(state, cx.private().bytes(), diagnostics)
}

/// A failure always says why.
fn error_or_bug(problems: Diagnostics) -> Diagnostics {
    if problems.has_errors() {
        return problems;
    }
    let mut problems = problems;
    problems.push(bug(Path::root(), "An operation failed without saying why."));
    problems
}

/// The object as it is now.
pub(super) async fn read<R: Resource>(
    known: Known<'_>,
    request: ReadRequest,
    call: Call,
) -> ObjectResponse {
    let ReadRequest { state, private, identity } = request;
    let kept = (state.clone(), private.clone());
    match try_read::<R>(known, state, private, &identity, call).await {
        Ok(response) => response,
        Err(diagnostics) => {
            ObjectResponse { state: kept.0, private: kept.1, identity, diagnostics }
        }
    }
}

async fn try_read<R: Resource>(
    known: Known<'_>,
    before: Value,
    private: Vec<u8>,
    identity: &Value,
    call: Call,
) -> Result<ObjectResponse, Diagnostics> {
    let mut problems = Diagnostics::new();
    let Some(model) = stored::<R>(&before, &mut problems) else { return Err(problems) };
    let cx = Context::<R>::of(call, None, private)?;
    let result = caught_async("`read`", || model.read(&cx)).await;
    let (mut diagnostics, _) = cx.take();
    let found = match result.map_err(Diagnostics::from).and_then(|result| result) {
        Ok(found) => found,
        Err(problems) => {
            diagnostics.extend(error_or_bug(problems));
            return Err(diagnostics);
        }
    };
    let Some(model) = found else { return Ok(ObjectResponse::refused(diagnostics)) };
    let mut state = model.encode();
    plan::settle(&mut state, &before);
    let response = known.object(state, cx.private().bytes(), diagnostics);
    let mut changes = Diagnostics::new();
    plan::identity_changes(&set_part(identity), &response.identity, &mut changes);
    if changes.is_empty() { Ok(response) } else { Err(changes) }
}

/// An identity without what is null in it: an object whose creation failed halfway may get the rest.
fn set_part(identity: &Value) -> Value {
    let Value::Map(attributes) = identity else { return Value::Null };
    let set = attributes.iter().filter(|(_, value)| !value.is_null());
    Value::Map(set.map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// Finds an existing object.
pub(super) async fn import<R: Resource>(
    known: Known<'_>,
    key: erased::ImportKey,
    call: Call,
) -> ObjectResponse {
    try_import::<R>(known, key, call).await.unwrap_or_else(ObjectResponse::refused)
}

async fn try_import<R: Resource>(
    known: Known<'_>,
    key: erased::ImportKey,
    call: Call,
) -> Result<ObjectResponse, Diagnostics> {
    let mut problems = Diagnostics::new();
    let asked = match &key {
        erased::ImportKey::Id(_) => Value::Null,
        erased::ImportKey::Identity(identity) => identity.clone(),
    };
    let key = match key {
        erased::ImportKey::Id(id) => ImportKey::Id(id),
        erased::ImportKey::Identity(identity) => {
            ImportKey::Identity(R::Draft::read(&identity, &Trail::ROOT, &mut problems))
        }
    };
    if problems.has_errors() {
        return Err(problems);
    }
    let cx = Context::<R>::of(call, None, Vec::new())?;
    let result = caught_async("`import`", || R::import(key, &cx)).await;
    let (mut diagnostics, _) = cx.take();
    match result.map_err(Diagnostics::from).and_then(|result| result) {
        Ok(model) => {
            let mut response = known.response(&model);
            same_object(&asked, &response.identity, &mut diagnostics);
            response.private = cx.private().bytes();
            response.diagnostics = diagnostics;
            Ok(response)
        }
        Err(problems) => {
            diagnostics.extend(error_or_bug(problems));
            Err(diagnostics)
        }
    }
}

/// Reports an import that found another object than was asked for.
fn same_object(asked: &Value, found: &Value, out: &mut Diagnostics) {
    let (Value::Map(asked), Value::Map(found)) = (asked, found) else { return };
    for (name, value) in asked {
        if !value.is_null() && found.get(name) != Some(value) {
            let text = format!("The import found an object with another `{name}` than asked for.");
            out.push(bug(Path::root(), text));
        }
    }
}
