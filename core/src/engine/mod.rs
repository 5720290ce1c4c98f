//! What happens in which order, written without I/O: a state and an event give the next state and the
//! effects to carry out.
//!
//! Pure: the clock, randomness and every answer of the outside world arrive as events. Absent:
//! waiting in the queue and targets; a deployment that finds its environment busy is refused.

pub mod deploy;
pub mod turn;
