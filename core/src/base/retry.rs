//! When a git operation that failed in transport is attempted again, and what is said of one that was
//! attempted often enough (DEP054). A lost race is an answer, and never comes here.

use std::time::Duration;

use super::rule::RuleId;
use super::violation::Violation;
use crate::deployment::Attempts;

/// How long to wait after this attempt, counted from 1: two seconds to the power of its number.
#[must_use]
pub const fn backoff(attempt: u32) -> Duration {
    Duration::from_secs(2_u64.saturating_pow(attempt))
}

/// What is said of an operation that failed in so many attempts; nothing where it was given up before,
/// because attempting it again could not help.
#[must_use]
pub fn exhausted(attempts: u32) -> Option<Violation> {
    let most = u32::from(Attempts::MOST);
    (attempts >= most).then(|| {
        Violation::new(
            RuleId::DEP054,
            format!("no answer from the remote in {attempts} attempts"),
            format!("an answer in one of {most} attempts, 2 and 4 seconds apart"),
            "Check the network and the credentials.",
        )
    })
}
