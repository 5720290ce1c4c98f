//! What every room uses: rules and their violations, names, IDs, time, URLs, paths, state machines and
//! known lists.
//!
//! Every type here is read with [`std::str::FromStr`] or a constructor that returns
//! [`Violations`](violation::Violations), and prints back what it read. Nothing in this room does I/O,
//! reads a clock or draws a random number, and nothing knows a noun of the domain.

#[macro_use]
mod macros;

pub mod actor;
pub mod authority;
pub mod aws;
pub mod cause;
pub mod checked;
pub mod ci;
pub mod dialect;
pub mod fields;
pub(crate) mod filing;
pub mod foreign;
pub mod id;
pub mod known_regions;
pub mod limits;
pub mod machine;
pub mod name;
pub mod path;
pub mod pattern;
pub mod published;
pub mod retry;
pub mod revision;
pub mod rule;
pub mod secrecy;
pub mod shown;
pub mod suggest;
pub mod timestamp;
pub mod url;
pub mod violation;
pub(crate) mod yaml;
