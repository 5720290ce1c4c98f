//! Protocol 6: each rpc, from its message to the provider and back.
//!
//! Rpcs of features that are absent here keep their generated answer, `Unimplemented`.

use tonic::{Request, Response, Status};

use super::guard::{Panicked, guarded};
use super::session::Session;
use crate::diagnostics::Diagnostics;
use crate::path::Path;
use crate::wire::tfplugin6 as wire;

mod convert;
mod data_source;
mod failed;
mod function;
mod provider;
mod resource;
mod schema;

use failed::Failed;

type Answered<T> = Result<Response<T>, Status>;

impl Session {
    /// Awaits an answer; errors and panics become the diagnostics of an otherwise empty one.
    async fn answer<T: Failed>(
        &self,
        rpc: &'static str,
        work: impl Future<Output = Result<T, Diagnostics>>,
    ) -> Answered<T> {
        let record = self.log().request(rpc);
        let response = match guarded(work).await {
            Ok(Ok(response)) => response,
            Ok(Err(diagnostics)) => T::failed(diagnostics),
            Err(panicked) => T::failed(self.panicked(rpc, &panicked)),
        };
        record.answered();
        Ok(Response::new(response))
    }

    fn panicked(&self, rpc: &str, Panicked(message): &Panicked) -> Diagnostics {
        let what = format!("The provider panicked while it answered {rpc}: {message}");
        self.catalogue().bug(Path::root(), &what).into()
    }
}

/// One method per rpc: its name, its message, and the function that answers it.
macro_rules! rpcs {
    ($($method:ident, $rpc:literal, $message:ident => $answer:path;)*) => {
        #[tonic::async_trait]
        impl wire::provider_server::Provider for Session {
            $(
                async fn $method(
                    &self,
                    request: Request<wire::$message::Request>,
                ) -> Answered<wire::$message::Response> {
                    self.answer($rpc, $answer(self, request.into_inner())).await
                }
            )*
        }
    };
}

rpcs! {
    get_metadata, "GetMetadata", get_metadata => schema::metadata;
    get_provider_schema, "GetProviderSchema", get_provider_schema => schema::schemas;
    get_resource_identity_schemas, "GetResourceIdentitySchemas", get_resource_identity_schemas
        => schema::identities;
    get_functions, "GetFunctions", get_functions => schema::functions;
    validate_provider_config, "ValidateProviderConfig", validate_provider_config
        => provider::validate;
    configure_provider, "ConfigureProvider", configure_provider => provider::configure;
    stop_provider, "StopProvider", stop_provider => provider::stop;
    validate_resource_config, "ValidateResourceConfig", validate_resource_config
        => resource::validate;
    upgrade_resource_state, "UpgradeResourceState", upgrade_resource_state => resource::upgrade;
    upgrade_resource_identity, "UpgradeResourceIdentity", upgrade_resource_identity
        => resource::upgrade_identity;
    read_resource, "ReadResource", read_resource => resource::read;
    plan_resource_change, "PlanResourceChange", plan_resource_change => resource::plan;
    apply_resource_change, "ApplyResourceChange", apply_resource_change => resource::apply;
    import_resource_state, "ImportResourceState", import_resource_state => resource::import;
    move_resource_state, "MoveResourceState", move_resource_state => resource::move_state;
    validate_data_resource_config, "ValidateDataResourceConfig", validate_data_resource_config
        => data_source::validate;
    read_data_source, "ReadDataSource", read_data_source => data_source::read;
    call_function, "CallFunction", call_function => function::call;
}
