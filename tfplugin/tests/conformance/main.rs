//! What a host may rely on: a real provider process, driven over a real connection.
//!
//! The provider is the example `conformance_provider`, which cargo builds beside these tests. One
//! binary, so that it is linked once.
#![cfg(unix)]

mod handshake;
mod support;
