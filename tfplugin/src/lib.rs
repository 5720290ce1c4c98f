//! Terraform's plugin protocol 6, provider side. It knows Terraform and nothing of any domain.
//!
//! Rooms, each depending only on those above it:
//!
//! - data: [`path`], [`diagnostics`], [`types`], [`value`], [`schema`]
//! - [`codec`]: bytes to values and back, exact for every type
//! - what an author writes: [`model`], [`attribute`], [`resource`], [`data_source`], [`ephemeral`],
//!   [`list`], [`action`], [`function`], [`provider`]
//! - [`plan`]: the plan engine, one pure function
//! - [`erased`]: the object-safe mirror of the author's traits, which is all the server sees
//! - [`docs`]: the registry documentation, from schemas
//! - [`server`]: the process around it: handshake, TLS, gRPC, shutdown; only here tonic
//!
//! Absent: state stores. Their rpcs are in the wire description and answer `Unimplemented`.

extern crate self as tfplugin;

pub mod action;
pub mod attribute;
pub mod codec;
mod completed;
pub mod data_source;
pub mod diagnostics;
pub mod docs;
pub mod ephemeral;
pub mod erased;
pub mod function;
mod guard;
pub mod list;
pub mod log;
pub mod model;
pub mod path;
pub mod plan;
pub mod private;
pub mod provider;
pub mod resource;
pub mod schema;
pub mod server;
pub mod stop;
pub mod timeouts;
pub mod types;
pub mod value;
pub mod wire;

pub use action::{Action, ActionContext};
pub use attribute::{Attribute, Computed, Sensitive, Spelled, Text, WriteOnly};
pub use data_source::{DataContext, DataSource};
pub use diagnostics::{Diagnostic, Diagnostics, Severity};
pub use ephemeral::{Ephemeral, EphemeralContext};
pub use function::{Function, FunctionFault, Returned};
pub use list::{Halt, List, ListContext};
pub use log::Log;
pub use model::{Attr, Draft, Field, FieldValue, Model};
pub use path::Path;
pub use provider::{Offers, Provider};
pub use resource::{At, Change, ChangeKind, Context, ImportKey, MoveSource, Resource};
pub use server::serve;
pub use stop::{Stop, Stopped};
pub use tfplugin_derive::Model;
pub use timeouts::{Span, Timeouts};
pub use value::{Number, Value};
