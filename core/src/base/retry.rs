//! When a git operation is attempted again (DEP054).

use std::time::Duration;

use super::rule::RuleId;
use super::violation::Violation;
use crate::deployment::Attempts;

/// Why a git operation did not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The remote could not be reached, or broke off: the same may succeed later.
    Transport,
    /// A ref was not where it was expected: somebody else was first.
    LostRace,
    /// The remote understood and refused.
    Refused,
}

/// What to do after a git operation did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Retry {
    /// Attempt it again after this time.
    After(Duration),
    /// Tell the failure as the answer it is.
    Answer,
    /// Give up, for this reason.
    GiveUp(Violation),
}

/// How long to wait after this attempt, counted from 1: two seconds to the power of its number.
#[must_use]
pub const fn backoff(attempt: u32) -> Duration {
    Duration::from_secs(2_u64.saturating_pow(attempt))
}

/// Decides after an attempt, counted from 1.
#[must_use]
pub fn after(attempt: u32, failure: Failure) -> Retry {
    let most = u32::from(Attempts::MOST);
    match failure {
        Failure::LostRace | Failure::Refused => Retry::Answer,
        Failure::Transport if attempt < most => Retry::After(backoff(attempt)),
        Failure::Transport => Retry::GiveUp(Violation::new(
            RuleId::DEP054,
            format!("a failure in transport at attempt {attempt} of {most}"),
            "git to reach the remote",
            "Check the network and the credentials, then apply again; nothing is half done.",
        )),
    }
}
