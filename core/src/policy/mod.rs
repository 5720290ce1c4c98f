//! Policies of an environment: when a version may go there, and after which other environments.
//!
//! What they are made of cannot be invalid. Whether a deployment keeps them is decided in [`rules`], over facts
//! that [`survey`](fn@survey) gathered. Approvals have a room of their own.

mod facts;
mod freeze;
mod not_yet;
mod order;
pub mod rules;
mod soak;
mod survey;
#[cfg(test)]
mod tests;
mod whole;
mod zone;

pub use facts::{OrderFacts, OrderSurvey, Place, Predecessor};
pub use freeze::{Day, Freeze, FreezeName, FreezeParts, FreezeWindow, Frozen, WindowParts, frozen};
pub use not_yet::{NotYet, Objections, WaitFor};
pub use order::{After, AfterParts, Condition, Match, Order, circular};
pub use soak::{Soak, Stay, stay};
pub use survey::{Announced, Arrival, order, survey};
pub(crate) use whole::faults;
pub use zone::{CivilTime, ClockTime, Span, Zone};
