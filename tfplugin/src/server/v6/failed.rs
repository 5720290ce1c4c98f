//! Every response that can say what went wrong, with nothing but that.

use crate::wire::tfplugin6 as wire;

/// A response of an rpc that failed.
pub(super) trait Failed {
    fn failed(diagnostics: Vec<wire::Diagnostic>) -> Self;
}

macro_rules! failed {
    ($($message:ident),* $(,)?) => {
        $(
            impl Failed for wire::$message::Response {
                fn failed(diagnostics: Vec<wire::Diagnostic>) -> Self {
                    Self { diagnostics, ..Self::default() }
                }
            }
        )*
    };
}

failed! {
    get_metadata,
    get_provider_schema,
    get_resource_identity_schemas,
    get_functions,
    upgrade_resource_state,
    upgrade_resource_identity,
    read_resource,
    plan_resource_change,
    apply_resource_change,
    import_resource_state,
    move_resource_state,
    generate_resource_config,
    read_data_source,
    open_ephemeral_resource,
    plan_action,
    renew_ephemeral_resource,
}

/// Responses that hold nothing else.
macro_rules! failed_alone {
    ($($message:ident),* $(,)?) => {
        $(
            impl Failed for wire::$message::Response {
                fn failed(diagnostics: Vec<wire::Diagnostic>) -> Self {
                    Self { diagnostics }
                }
            }
        )*
    };
}

failed_alone! {
    validate_provider_config,
    configure_provider,
    validate_resource_config,
    validate_data_resource_config,
    validate_ephemeral_resource_config,
    validate_list_resource_config,
    close_ephemeral_resource,
    validate_action_config,
}

impl Failed for wire::stop_provider::Response {
    fn failed(diagnostics: Vec<wire::Diagnostic>) -> Self {
        Self { error: text(&diagnostics) }
    }
}

impl Failed for wire::call_function::Response {
    fn failed(diagnostics: Vec<wire::Diagnostic>) -> Self {
        let error = wire::FunctionError { text: text(&diagnostics), function_argument: None };
        Self { result: None, error: Some(error) }
    }
}

fn text(diagnostics: &[wire::Diagnostic]) -> String {
    let each = |d: &wire::Diagnostic| format!("{}: {}", d.summary, d.detail);
    diagnostics.iter().map(each).collect::<Vec<_>>().join("\n\n")
}
