//! Managed resources.

use super::convert;
use crate::diagnostics::Diagnostics;
use crate::erased::{
    ApplyRequest, ImportKey, MoveRequest, ObjectResponse, PlanRequest, ReadRequest,
};
use crate::guard::bug;
use crate::path::Path;
use crate::server::catalogue::{Catalogue, KnownResource};
use crate::server::session::Session;
use crate::value::Value;
use crate::wire::tfplugin6 as wire;
use wire::{
    apply_resource_change, generate_resource_config, import_resource_state, move_resource_state,
    plan_resource_change, read_resource, upgrade_resource_identity, upgrade_resource_state,
    validate_resource_config,
};

pub(super) async fn validate(
    session: &Session,
    request: validate_resource_config::Request,
) -> Result<validate_resource_config::Response, Diagnostics> {
    let catalogue = session.catalogue();
    let known = catalogue.resource(&request.type_name)?;
    let config = convert::value(known.ty, request.config.as_ref())?;
    let write_only_allowed =
        request.client_capabilities.is_some_and(|client| client.write_only_attributes_allowed);
    let diagnostics = known.resource.validate(&config, write_only_allowed);
    let diagnostics = convert::diagnostics(catalogue, diagnostics);
    Ok(validate_resource_config::Response { diagnostics })
}

pub(super) async fn upgrade(
    session: &Session,
    request: upgrade_resource_state::Request,
) -> Result<upgrade_resource_state::Response, Diagnostics> {
    let catalogue = session.catalogue();
    let known = catalogue.resource(&request.type_name)?;
    let raw = stored(request.raw_state.as_ref())?;
    let (state, mut diagnostics) = known.resource.upgrade(request.version, raw);
    if state.is_null() && !diagnostics.has_errors() {
        // The host would forget the object.
        let what = format!("Upgrading the state of {} gave no state.", request.type_name);
        diagnostics.push(bug(Path::root(), what));
    }
    let upgraded_state = (!state.is_null()).then(|| convert::to_dynamic(&state, known.ty));
    let diagnostics = convert::diagnostics(catalogue, diagnostics);
    Ok(upgrade_resource_state::Response { upgraded_state, diagnostics })
}

/// The JSON of stored state. States older than Terraform 0.12 have another form.
fn stored(state: Option<&wire::RawState>) -> Result<&[u8], Diagnostics> {
    let Some(state) = state else { return Ok(&[]) };
    if state.json.is_empty() && !state.flatmap.is_empty() {
        let mut diagnostics = Diagnostics::new();
        diagnostics.error(
            Path::root(),
            "State is too old",
            "The stored state was last written by Terraform 0.11 or earlier, in a form that this \
             provider does not read. Expected the JSON form of Terraform 0.12 and later. Write \
             the state anew with an earlier version of the provider, or remove the object from \
             the state and import it.",
        );
        return Err(diagnostics);
    }
    Ok(&state.json)
}

pub(super) async fn upgrade_identity(
    session: &Session,
    request: upgrade_resource_identity::Request,
) -> Result<upgrade_resource_identity::Response, Diagnostics> {
    let catalogue = session.catalogue();
    let known = catalogue.resource(&request.type_name)?;
    let raw = request.raw_identity.as_ref().map_or(&[][..], |raw| &raw.json);
    let (identity, diagnostics) = known.resource.upgrade_identity(request.version, raw);
    Ok(upgrade_resource_identity::Response {
        upgraded_identity: convert::to_identity(&identity, known.identity),
        diagnostics: convert::diagnostics(catalogue, diagnostics),
    })
}

pub(super) async fn read(
    session: &Session,
    request: read_resource::Request,
) -> Result<read_resource::Response, Diagnostics> {
    let catalogue = session.catalogue();
    let known = catalogue.resource(&request.type_name)?;
    let decoded = ReadRequest {
        state: convert::value(known.ty, request.current_state.as_ref())?,
        identity: convert::identity(known.identity, request.current_identity.as_ref())?,
        private: request.private.into(),
    };
    let answer = known.resource.read(decoded, session.call()).await;
    Ok(read_resource::Response {
        new_state: Some(convert::to_dynamic(&answer.state, known.ty)),
        new_identity: convert::to_identity(&answer.identity, known.identity),
        private: answer.private.into(),
        diagnostics: convert::diagnostics(catalogue, answer.diagnostics),
        deferred: None,
    })
}

pub(super) async fn plan(
    session: &Session,
    request: plan_resource_change::Request,
) -> Result<plan_resource_change::Response, Diagnostics> {
    let catalogue = session.catalogue();
    let known = catalogue.resource(&request.type_name)?;
    let decoded = PlanRequest {
        prior: convert::value(known.ty, request.prior_state.as_ref())?,
        config: convert::value(known.ty, request.config.as_ref())?,
        proposed: convert::value(known.ty, request.proposed_new_state.as_ref())?,
        prior_identity: convert::identity(known.identity, request.prior_identity.as_ref())?,
        prior_private: request.prior_private.into(),
    };
    let answer = known.resource.plan(decoded, session.call()).await;
    Ok(plan_resource_change::Response {
        planned_state: Some(convert::to_dynamic(&answer.planned, known.ty)),
        requires_replace: answer.requires_replace.iter().map(convert::path).collect(),
        planned_private: answer.private.into(),
        planned_identity: convert::to_identity(&answer.identity, known.identity),
        diagnostics: convert::diagnostics(catalogue, answer.diagnostics),
        ..Default::default()
    })
}

/// Runs in a task of its own, so that a host which gives up the call does not cut an apply in two.
pub(super) async fn apply(
    session: &Session,
    request: apply_resource_change::Request,
) -> Result<apply_resource_change::Response, Diagnostics> {
    let owned = session.clone();
    let presence = session.lifecycle().presence();
    let task = tokio::spawn(async move {
        let answer = apply_here(&owned, request).await;
        drop(presence);
        answer
    });
    task.await.unwrap_or_else(|failed| match failed.try_into_panic() {
        // The caller turns it into diagnostics, like any panic of a request.
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(cancelled) => {
            let what = format!("The apply was cut off: {cancelled}");
            Err(bug(Path::root(), what).into())
        }
    })
}

async fn apply_here(
    session: &Session,
    request: apply_resource_change::Request,
) -> Result<apply_resource_change::Response, Diagnostics> {
    let catalogue = session.catalogue();
    let known = catalogue.resource(&request.type_name)?;
    let decoded = ApplyRequest {
        prior: convert::value(known.ty, request.prior_state.as_ref())?,
        planned: convert::value(known.ty, request.planned_state.as_ref())?,
        config: convert::value(known.ty, request.config.as_ref())?,
        identity: convert::identity(known.identity, request.planned_identity.as_ref())?,
        private: request.planned_private.into(),
    };
    let answer = known.resource.apply(decoded, session.call()).await;
    Ok(apply_resource_change::Response {
        new_state: Some(convert::to_dynamic(&answer.state, known.ty)),
        private: answer.private.into(),
        new_identity: convert::to_identity(&answer.identity, known.identity),
        diagnostics: convert::diagnostics(catalogue, answer.diagnostics),
        legacy_type_system: false,
    })
}

pub(super) async fn import(
    session: &Session,
    request: import_resource_state::Request,
) -> Result<import_resource_state::Response, Diagnostics> {
    let catalogue = session.catalogue();
    let known = catalogue.resource(&request.type_name)?;
    let key = match convert::identity(known.identity, request.identity.as_ref())? {
        Value::Null => ImportKey::Id(request.id),
        identity => ImportKey::Identity(identity),
    };
    let answer = known.resource.import(key, session.call()).await;
    Ok(imported(catalogue, known, request.type_name, answer))
}

fn imported(
    catalogue: &Catalogue,
    known: KnownResource<'_>,
    type_name: String,
    answer: ObjectResponse,
) -> import_resource_state::Response {
    let found = (!answer.state.is_null()).then(|| import_resource_state::ImportedResource {
        type_name,
        state: Some(convert::to_dynamic(&answer.state, known.ty)),
        private: answer.private.into(),
        identity: convert::to_identity(&answer.identity, known.identity),
    });
    import_resource_state::Response {
        imported_resources: found.into_iter().collect(),
        diagnostics: convert::diagnostics(catalogue, answer.diagnostics),
        deferred: None,
    }
}

pub(super) async fn configuration(
    session: &Session,
    request: generate_resource_config::Request,
) -> Result<generate_resource_config::Response, Diagnostics> {
    let catalogue = session.catalogue();
    let known = catalogue.resource(&request.type_name)?;
    let state = convert::value(known.ty, request.state.as_ref())?;
    let (config, diagnostics) = known.resource.configuration(&state);
    Ok(generate_resource_config::Response {
        config: Some(convert::to_dynamic(&config, known.ty)),
        diagnostics: convert::diagnostics(catalogue, diagnostics),
    })
}

pub(super) async fn move_state(
    session: &Session,
    request: move_resource_state::Request,
) -> Result<move_resource_state::Response, Diagnostics> {
    let catalogue = session.catalogue();
    let known = catalogue.resource(&request.target_type_name)?;
    let source_state = stored(request.source_state.as_ref())?.to_vec();
    let answer = known.resource.move_state(&MoveRequest {
        source_provider: request.source_provider_address,
        source_type: request.source_type_name,
        source_version: request.source_schema_version,
        source_state,
        source_private: request.source_private.into(),
    });
    Ok(move_resource_state::Response {
        target_state: (!answer.state.is_null())
            .then(|| convert::to_dynamic(&answer.state, known.ty)),
        target_private: answer.private.into(),
        target_identity: convert::to_identity(&answer.identity, known.identity),
        diagnostics: convert::diagnostics(catalogue, answer.diagnostics),
    })
}
