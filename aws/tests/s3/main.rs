//! S3 when things go wrong: a small S3 on this machine that loses answers, slows down, lets others in
//! between and lies, in ways that a real one cannot be made to show.
//!
//! What a working S3 does is tested against a real part, with the provider.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a stage that cannot be set is a failed test"
)]

mod archive;
mod artifacts;
mod bucket;
mod faults;
mod request;
mod server;
