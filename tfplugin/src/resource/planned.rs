//! What applying would do: the plan engine's proposal, seen by the author, and checked.

use std::sync::Arc;

use super::apply::{self, Known};
use super::change::Values;
use super::{Change, ChangeKind, Context, Resource};
use crate::diagnostics::Diagnostics;
use crate::erased::{Call, PlanRequest, PlanResponse};
use crate::guard::caught_async;
use crate::plan::{self, Settled};
use crate::value::Value;

/// The plan; where it is refused, what is stored stays as it is.
pub(super) async fn plan<R: Resource>(
    known: Known<'_>,
    request: PlanRequest,
    call: Call,
) -> PlanResponse {
    let private = request.prior_private.clone();
    let identity = request.prior_identity.clone();
    match try_plan::<R>(known, request, call).await {
        Ok(response) => response,
        Err(diagnostics) => PlanResponse {
            planned: Value::Null,
            requires_replace: Vec::new(),
            private,
            identity,
            diagnostics,
        },
    }
}

async fn try_plan<R: Resource>(
    known: Known<'_>,
    request: PlanRequest,
    call: Call,
) -> Result<PlanResponse, Diagnostics> {
    let PlanRequest { prior, config, proposed, prior_private, prior_identity } = request;
    let kind = kind(&prior, &config);
    // A new object starts with nothing stored, also one that replaces another.
    let stored_bytes = if kind == ChangeKind::Create { Vec::new() } else { prior_private };
    let cx = Context::<R>::of(call, None, stored_bytes)?;
    let proposal = match kind {
        ChangeKind::Delete => plan::Proposal { planned: Value::Null, changed: true },
        _ => plan::propose(&known.schema.block, &prior, &config, proposed),
    };
    let values = Values { schema: Arc::clone(known.schema), config, planned: proposal.planned };
    let mut change = Change::<R>::new(kind, &prior, values, proposal.changed)?;
    let called = match &change.prior {
        Some(prior) if kind == ChangeKind::Delete => apply::forgotten(prior, &cx).await,
        _ => Ok(false),
    };
    let called = match called {
        Ok(false) => {
            let result = caught_async("`plan`", || R::plan(&cx, &mut change)).await;
            result.map_err(Diagnostics::from).and_then(|result| result)
        }
        other => other.map(drop),
    };
    let (Values { config, planned, .. }, asked, warnings) = change.finish();
    let (mut diagnostics, _) = cx.take();
    diagnostics.extend(warnings);
    if let Err(problems) = called {
        diagnostics.extend(problems);
        return Err(diagnostics);
    }
    let private = cx.private().bytes();
    if kind == ChangeKind::Delete {
        return Ok(PlanResponse {
            planned: Value::Null,
            requires_replace: Vec::new(),
            private,
            identity: prior_identity,
            diagnostics,
        });
    }
    let settled = Settled {
        prior: &prior,
        config: &config,
        planned: &planned,
        prior_identity: &prior_identity,
    };
    let outcome = plan::finish(&known.schema.block, known.identity, settled, asked);
    diagnostics.extend(outcome.diagnostics);
    let (requires_replace, identity) = (outcome.requires_replace, outcome.identity);
    Ok(PlanResponse { planned, requires_replace, private, identity, diagnostics })
}

const fn kind(prior: &Value, config: &Value) -> ChangeKind {
    match (prior, config) {
        (_, Value::Null) => ChangeKind::Delete,
        (Value::Null, _) => ChangeKind::Create,
        _ => ChangeKind::Update,
    }
}
