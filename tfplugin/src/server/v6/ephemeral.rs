//! Ephemeral resources.

use super::convert;
use crate::diagnostics::Diagnostics;
use crate::server::session::Session;
use crate::wire::tfplugin6::{
    close_ephemeral_resource, open_ephemeral_resource, renew_ephemeral_resource,
    validate_ephemeral_resource_config,
};

pub(super) async fn validate(
    session: &Session,
    request: validate_ephemeral_resource_config::Request,
) -> Result<validate_ephemeral_resource_config::Response, Diagnostics> {
    let catalogue = session.catalogue();
    let (ephemeral, ty) = catalogue.ephemeral(&request.type_name)?;
    let config = convert::value(ty, request.config.as_ref())?;
    let diagnostics = convert::diagnostics(catalogue, ephemeral.validate(&config));
    Ok(validate_ephemeral_resource_config::Response { diagnostics })
}

pub(super) async fn open(
    session: &Session,
    request: open_ephemeral_resource::Request,
) -> Result<open_ephemeral_resource::Response, Diagnostics> {
    let catalogue = session.catalogue();
    let (ephemeral, ty) = catalogue.ephemeral(&request.type_name)?;
    let config = convert::value(ty, request.config.as_ref())?;
    let opened = ephemeral.open(config, session.call()).await;
    Ok(open_ephemeral_resource::Response {
        result: Some(convert::to_dynamic(&opened.result, ty)),
        private: Some(opened.private.into()),
        renew_at: opened.renew_at.map(Into::into),
        diagnostics: convert::diagnostics(catalogue, opened.diagnostics),
        deferred: None,
    })
}

pub(super) async fn renew(
    session: &Session,
    request: renew_ephemeral_resource::Request,
) -> Result<renew_ephemeral_resource::Response, Diagnostics> {
    let catalogue = session.catalogue();
    let (ephemeral, _) = catalogue.ephemeral(&request.type_name)?;
    let private = request.private.unwrap_or_default().into();
    let renewed = ephemeral.renew(private, session.call()).await;
    Ok(renew_ephemeral_resource::Response {
        private: Some(renewed.private.into()),
        renew_at: renewed.renew_at.map(Into::into),
        diagnostics: convert::diagnostics(catalogue, renewed.diagnostics),
    })
}

pub(super) async fn close(
    session: &Session,
    request: close_ephemeral_resource::Request,
) -> Result<close_ephemeral_resource::Response, Diagnostics> {
    let catalogue = session.catalogue();
    let (ephemeral, _) = catalogue.ephemeral(&request.type_name)?;
    let private = request.private.unwrap_or_default().into();
    let diagnostics = ephemeral.close(private, session.call()).await;
    Ok(close_ephemeral_resource::Response {
        diagnostics: convert::diagnostics(catalogue, diagnostics),
    })
}
