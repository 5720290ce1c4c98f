//! Why a target did not do what it was asked to. Pure.

use std::fmt;

use thiserror::Error;

use crate::base::cause::{Cause, visible};

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

/// A task of a deployment that did not do what it should: a migration, one that takes it back, or a test.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{kind} `{}`: {}", visible(name), visible(why))]
pub struct TaskFailure {
    /// What it is for.
    pub kind: TaskKind,
    /// Its name.
    pub name: String,
    /// How it ended, and its last words; without secrets.
    pub why: String,
}

/// What a task of a deployment is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TaskKind {
    /// It changes what the version needs changed before it runs.
    Migration,
    /// It takes such a change back.
    MigrationRollback,
    /// It tries the version in service.
    Test,
}

impl TaskKind {
    /// What a command is told that it is run for.
    #[must_use]
    pub const fn action(self) -> &'static str {
        match self {
            Self::Migration => "migrate",
            Self::MigrationRollback => "rollback_migration",
            Self::Test => "test",
        }
    }
}

impl fmt::Display for TaskKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Migration => "migration",
            Self::MigrationRollback => "rollback of migration",
            Self::Test => "test",
        })
    }
}

impl Failure {
    /// What a target's adapter says.
    pub fn of(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Target(Cause::new(error))
    }
}
