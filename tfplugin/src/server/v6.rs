//! Protocol 6: each rpc, from its message to the provider and back.
//!
//! Rpcs of features that are absent here keep their generated answer, `Unimplemented`.

use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status};

use super::session::Session;
use crate::diagnostics::Diagnostics;
use crate::guard::caught_async;
use crate::wire::tfplugin6 as wire;

mod action;
mod convert;
mod data_source;
mod ephemeral;
mod failed;
mod function;
mod list;
mod provider;
mod resource;
mod schema;

use failed::Failed;

type Answered<T> = Result<Response<T>, Status>;

impl Session {
    /// Awaits an answer that changes nothing, or drops it when the host asks to stop.
    async fn answer<T: Failed, F: Future<Output = Result<T, Diagnostics>>>(
        &self,
        rpc: &'static str,
        work: impl FnOnce() -> F,
    ) -> Answered<T> {
        let stop = self.stop_token();
        let stoppable = || async move { stop.unless(work()).await? };
        self.finish(rpc, stoppable).await
    }

    /// Awaits an answer; errors and panics become the diagnostics of an otherwise empty one.
    async fn finish<T: Failed, F: Future<Output = Result<T, Diagnostics>>>(
        &self,
        rpc: &'static str,
        work: impl FnOnce() -> F,
    ) -> Answered<T> {
        let record = self.log().request(rpc);
        let answered = caught_async(rpc, work).await.map_err(Diagnostics::from);
        record.answered();
        let failed = |diagnostics| T::failed(convert::diagnostics(self.catalogue(), diagnostics));
        Ok(Response::new(answered.and_then(|answer| answer).unwrap_or_else(failed)))
    }
}

/// One method per rpc: its name, its message, how its end is awaited, and the function that answers it. Those in
/// brackets answer with a stream, which always begins.
macro_rules! rpcs {
    (
        $($method:ident, $rpc:literal, $message:ident => $until:ident $answer:path;)*
        $([$stream:ident, $events:ident => $begin:path])*
    ) => {
        #[tonic::async_trait]
        impl wire::provider_server::Provider for Session {
            $(
                async fn $method(
                    &self,
                    request: Request<wire::$message::Request>,
                ) -> Answered<wire::$message::Response> {
                    self.$until($rpc, || $answer(self, request.into_inner())).await
                }
            )*
            $(
                async fn $stream(
                    &self,
                    request: Request<wire::$events::Request>,
                ) -> Answered<BoxStream<wire::$events::Event>> {
                    Ok(Response::new($begin(self, request.into_inner())))
                }
            )*
        }
    };
}

rpcs! {
    get_metadata, "GetMetadata", get_metadata => answer schema::metadata;
    get_provider_schema, "GetProviderSchema", get_provider_schema => answer schema::schemas;
    get_resource_identity_schemas, "GetResourceIdentitySchemas", get_resource_identity_schemas
        => answer schema::identities;
    get_functions, "GetFunctions", get_functions => answer schema::functions;
    validate_provider_config, "ValidateProviderConfig", validate_provider_config
        => answer provider::validate;
    configure_provider, "ConfigureProvider", configure_provider => finish provider::configure;
    stop_provider, "StopProvider", stop_provider => finish provider::stop;
    validate_resource_config, "ValidateResourceConfig", validate_resource_config
        => answer resource::validate;
    upgrade_resource_state, "UpgradeResourceState", upgrade_resource_state => answer resource::upgrade;
    upgrade_resource_identity, "UpgradeResourceIdentity", upgrade_resource_identity
        => answer resource::upgrade_identity;
    read_resource, "ReadResource", read_resource => answer resource::read;
    plan_resource_change, "PlanResourceChange", plan_resource_change => answer resource::plan;
    apply_resource_change, "ApplyResourceChange", apply_resource_change => finish resource::apply;
    import_resource_state, "ImportResourceState", import_resource_state => answer resource::import;
    move_resource_state, "MoveResourceState", move_resource_state => answer resource::move_state;
    generate_resource_config, "GenerateResourceConfig", generate_resource_config
        => answer resource::configuration;
    validate_data_resource_config, "ValidateDataResourceConfig", validate_data_resource_config
        => answer data_source::validate;
    read_data_source, "ReadDataSource", read_data_source => answer data_source::read;
    validate_ephemeral_resource_config, "ValidateEphemeralResourceConfig",
        validate_ephemeral_resource_config => answer ephemeral::validate;
    open_ephemeral_resource, "OpenEphemeralResource", open_ephemeral_resource => finish ephemeral::open;
    renew_ephemeral_resource, "RenewEphemeralResource", renew_ephemeral_resource
        => finish ephemeral::renew;
    close_ephemeral_resource, "CloseEphemeralResource", close_ephemeral_resource
        => finish ephemeral::close;
    validate_list_resource_config, "ValidateListResourceConfig", validate_list_resource_config
        => answer list::validate;
    validate_action_config, "ValidateActionConfig", validate_action_config => answer action::validate;
    plan_action, "PlanAction", plan_action => answer action::plan;
    call_function, "CallFunction", call_function => answer function::call;
    [list_resource, list_resource => list::list]
    [invoke_action, invoke_action => action::invoke]
}
