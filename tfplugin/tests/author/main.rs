//! What an author of a provider writes, used as an author uses it: through the derive, the traits
//! and the erased form that the server sees.

#![allow(unreachable_pub, reason = "the samples are written as an author writes them")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are tests")]

mod host;
mod random;
mod sample;
mod stage;

mod arrival;
mod computed;
mod drafts;
mod ephemeral;
mod faulty;
mod law;
mod life;
mod validation;
