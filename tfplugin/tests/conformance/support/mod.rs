//! The host's side of everything: certificates, TLS, processes, connections.

pub(crate) mod certificate;
pub(crate) mod host;
pub(crate) mod process;
pub(crate) mod tls;
