//! The host's side of everything: certificates, TLS, processes, connections, schemas, walks.

pub(crate) mod certificate;
pub(crate) mod host;
pub(crate) mod process;
pub(crate) mod schema;
pub(crate) mod tls;
pub(crate) mod walk;
