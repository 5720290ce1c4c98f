//! Debug mode: hosts are told of a running process by a variable.

use serde_json::json;

use super::listener::Listener;

/// A line for the shell that makes hosts attach to this process instead of starting one.
pub(super) fn instructions(address: &str, listener: &Listener) -> String {
    let entry = json!({
        "Protocol": "grpc",
        "ProtocolVersion": 6,
        "Pid": std::process::id(),
        // Hosts read the version only of test servers, and fail without it.
        "Test": true,
        "Addr": { "Network": listener.network(), "String": listener.address() },
    });
    format!("TF_REATTACH_PROVIDERS='{}'", json!({ address: entry }))
}
