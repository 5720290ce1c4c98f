//! The simulator: many deployers at once on one ledger in memory, by schedules that are drawn from a
//! seed, with everything going wrong that can; and the promises that must hold all the same.
//!
//! A schedule runs on one thread, and its time is tokio's clock that stands still but for timers, so
//! that the same seed gives the same schedule to the last bit. A process has one deployer or many, which
//! hand environments over to each other. Processes crash, sleep longer than their lease, lose requests and
//! replies, are cut off, are interrupted, and have clocks on the wall that differ by up to a day;
//! deployers give up waiting, and some are dropped while their process goes on; people move tags and
//! change services. After every commit and every call that changes a service all promises are
//! checked ([`Promise`]).
//!
//! Left out: git itself and HTTP, which other tests use for real, health checks among it; clocks that
//! run forward at different speeds; and a process that sleeps between asking its permit and making
//! the call, which no client can do anything about.

mod approvals;
mod campaign;
mod chores;
mod chronicle;
mod clock;
mod dice;
mod frozen;
mod habits;
mod keeper;
mod known;
mod life;
mod line;
mod lock;
mod machine;
mod meddling;
mod names;
mod plan;
mod process;
mod promise;
mod schedule;
mod service;
mod shared;
mod target;
mod together;
mod truth;
mod weather;
mod world;

pub use campaign::{Campaign, Progress, Tally};
pub use chronicle::{Breach, Promise};
pub use schedule::{Outcome, run};

/// Why a schedule could not even begin.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
