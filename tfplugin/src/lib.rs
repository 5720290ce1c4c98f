//! Terraform's plugin protocol 6, provider side. It knows Terraform and nothing of any domain.
//!
//! Rooms, each depending only on those above it:
//!
//! - data: [`path`], [`diagnostics`], [`types`], [`value`], [`schema`]
//! - [`codec`]: bytes to values and back, exact for every type
//! - what an author writes: [`model`], [`attribute`], [`resource`], [`data_source`], [`function`],
//!   [`provider`]
//! - [`plan`]: the plan engine, one pure function
//! - [`erased`]: the object-safe mirror of the author's traits, which is all the server sees
//! - [`server`]: the process around it: handshake, TLS, gRPC, shutdown; only here tonic
//!
//! Absent: ephemeral resources, actions, list resources, state stores. Their rpcs are in the wire
//! description and answer `Unimplemented`.

pub mod codec;
pub mod diagnostics;
pub mod erased;
pub mod path;
pub mod schema;
pub mod server;
pub mod stop;
pub mod types;
pub mod value;
pub mod wire;
