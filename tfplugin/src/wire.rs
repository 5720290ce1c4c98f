//! The protocol's messages, servers and clients, generated from `proto/` by `tfplugin-gen`.
//!
//! Nothing here is written by hand, and nothing outside [`crate::server`] and the tests uses it.
#![allow(missing_docs, unreachable_pub, unused_qualifications, clippy::all, clippy::pedantic)]

#[rustfmt::skip]
pub mod plugin;
#[rustfmt::skip]
pub mod tfplugin6;
