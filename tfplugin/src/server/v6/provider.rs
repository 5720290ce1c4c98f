//! The provider block, and stopping.

use super::convert;
use crate::diagnostics::Diagnostics;
use crate::server::session::Session;
use crate::wire::tfplugin6::{configure_provider, stop_provider, validate_provider_config};

pub(super) async fn validate(
    session: &Session,
    request: validate_provider_config::Request,
) -> Result<validate_provider_config::Response, Diagnostics> {
    let catalogue = session.catalogue();
    let config = convert::value(catalogue.config_type(), request.config.as_ref())?;
    let diagnostics = convert::diagnostics(catalogue, catalogue.provider().validate(&config));
    Ok(validate_provider_config::Response { diagnostics })
}

pub(super) async fn configure(
    session: &Session,
    request: configure_provider::Request,
) -> Result<configure_provider::Response, Diagnostics> {
    let catalogue = session.catalogue();
    let config = convert::value(catalogue.config_type(), request.config.as_ref())?;
    session.begin();
    let (version, stop) = (request.terraform_version, session.stop_token());
    let configuring = catalogue.provider().configure(&config, &version, &stop, session.log());
    let (configured, diagnostics) = stop.unless(configuring).await?;
    session.configure(configured);
    Ok(configure_provider::Response { diagnostics: convert::diagnostics(catalogue, diagnostics) })
}

pub(super) async fn stop(
    session: &Session,
    _: stop_provider::Request,
) -> Result<stop_provider::Response, Diagnostics> {
    session.stop();
    Ok(stop_provider::Response { error: String::new() })
}
