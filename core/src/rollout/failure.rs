//! Why a target did not do what it was asked to. Pure.

use thiserror::Error;

use crate::base::cause::Cause;

/// Why a target did not do what it was asked to, or cannot tell.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Failure {
    /// The environment may be somebody else's by now.
    #[error("the lease on the environment ran out before the target was asked to change anything")]
    LeaseOver,
    /// There is no target, or nothing was claimed.
    #[error("there is nothing to do it with")]
    NoTarget,
    /// What the target's adapter says, as its own error.
    #[error(transparent)]
    Target(Cause),
}

impl Failure {
    /// What a target's adapter says.
    pub fn of(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Target(Cause::new(error))
    }
}
