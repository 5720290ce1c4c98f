//! What is opened for one run: it is in no state and no plan.

mod environment_lock;
mod secrets;
