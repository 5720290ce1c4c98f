//! What a host may rely on: a real provider process, driven over a real connection.
//!
//! The provider is the example `conformance_provider`, which cargo builds beside these tests. One
//! binary, so that it is linked once.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod actions;
mod encoding;
mod ephemeral;
mod features;
mod handshake;
mod lifecycle;
mod listing;
#[path = "../author/host/mod.rs"]
#[allow(unreachable_pub, reason = "shared with the tests of the author's half")]
mod oracle;
mod reattach;
mod resources;
mod schemas;
mod stored;
mod support;
