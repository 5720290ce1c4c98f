//! Data sources.

use super::convert;
use crate::diagnostics::Diagnostics;
use crate::server::session::Session;
use crate::wire::tfplugin6::{read_data_source, validate_data_resource_config};

pub(super) async fn validate(
    session: &Session,
    request: validate_data_resource_config::Request,
) -> Result<validate_data_resource_config::Response, Diagnostics> {
    let catalogue = session.catalogue();
    let (source, ty) = catalogue.data_source(&request.type_name)?;
    let config = convert::value(ty, request.config.as_ref())?;
    let diagnostics = convert::diagnostics(catalogue, source.validate(&config));
    Ok(validate_data_resource_config::Response { diagnostics })
}

pub(super) async fn read(
    session: &Session,
    request: read_data_source::Request,
) -> Result<read_data_source::Response, Diagnostics> {
    let catalogue = session.catalogue();
    let (source, ty) = catalogue.data_source(&request.type_name)?;
    let config = convert::value(ty, request.config.as_ref())?;
    let (state, diagnostics) = source.read(config, session.call()).await;
    Ok(read_data_source::Response {
        state: Some(convert::to_dynamic(&state, ty)),
        diagnostics: convert::diagnostics(catalogue, diagnostics),
        ..Default::default()
    })
}
