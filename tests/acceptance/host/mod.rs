//! The host's side of Terraform's protocol, as far as creating one resource needs it: real processes
//! of the provider, without Terraform around each of them.
//!
//! One process makes one resource: it is configured, plans and applies, and may be interrupted or
//! killed at any moment. There is no TLS here, as with `TF_DISABLE_PLUGIN_TLS`.

mod applying;
mod client;
mod values;

pub(crate) use applying::{Applying, End};
pub(crate) use client::{Planned, Provider};
