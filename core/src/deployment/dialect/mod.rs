//! The words that the five documents have for the status of a deployment, and the deployments of
//! those documents that differ from document 001 in more than words.
//!
//! One table maps between a document's words and the canonical status; it is lossless in both
//! directions, and what a document has no word for is a named error.

pub mod convert;
mod d000;
mod d002;
mod d003;
mod d004;

use std::fmt;

use super::Status;
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, Violations, one_of, quoted};

pub use crate::base::dialect::Dialect;
pub use d000::{SemanticVersion, check_change};
pub use d002::{Artifact002, Deployment002, Deployment002Parts};
pub use d003::{
    DeploymentState, LastKnownGood, Outcome003, SHOWN_HISTORY, StateRecord, UnixDeploymentId,
};
pub use d004::DeploymentResult;

type Table = &'static [(Status, &'static str)];

const IN_000: Table = &[
    (Status::Queued, "pending"),
    (Status::InProgress, "deploying"),
    (Status::Succeeded, "deployed"),
    (Status::Failed, "failed"),
    (Status::RolledBack, "rolled_back"),
];

const IN_001: Table = &[
    (Status::Queued, "queued"),
    (Status::InProgress, "in_progress"),
    (Status::Succeeded, "succeeded"),
    (Status::Failed, "failed"),
    (Status::Cancelled, "cancelled"),
];

const IN_002: Table = &[
    (Status::InProgress, "in-progress"),
    (Status::Succeeded, "success"),
    (Status::Failed, "failed"),
];

const IN_003: Table = &[
    (Status::Succeeded, "success"),
    (Status::Failed, "failure"),
    (Status::RolledBack, "rolled_back"),
];

/// The values of `success`.
const IN_004: Table = &[(Status::Succeeded, "true"), (Status::Failed, "false")];

impl Dialect {
    /// Every status that the document has a word for, with the word.
    #[must_use]
    pub const fn statuses(self) -> &'static [(Status, &'static str)] {
        match self {
            Self::D000 => IN_000,
            Self::D001 => IN_001,
            Self::D002 => IN_002,
            Self::D003 => IN_003,
            Self::D004 => IN_004,
        }
    }

    /// The document's word for a status.
    ///
    /// # Errors
    /// When the document has none.
    pub fn word_for(self, status: Status) -> Result<&'static str, Inexpressible> {
        let entry = self.statuses().iter().find(|(known, _)| *known == status);
        entry.map(|(_, word)| *word).ok_or(Inexpressible { dialect: self, status })
    }

    /// The status that the document's word means.
    ///
    /// # Errors
    /// The document's own rule for the word, or GLB004, with the list of words.
    pub fn read_status(self, word: &str) -> Result<Status, Violations> {
        let entry = self.statuses().iter().find(|(_, known)| *known == word);
        let rule = match self {
            Self::D000 | Self::D001 => RuleId::GLB004,
            Self::D002 => RuleId::DEP037,
            Self::D003 => RuleId::DEP051,
            Self::D004 => RuleId::DEP060,
        };
        entry.map(|(status, _)| *status).ok_or_else(|| {
            Violation::not_listed(rule, word, self.statuses().iter().map(|(_, word)| *word)).into()
        })
    }
}

/// A status that a document has no word for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inexpressible {
    /// The document.
    pub dialect: Dialect,
    /// The status.
    pub status: Status,
}

impl fmt::Display for Inexpressible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known: Vec<&str> =
            self.dialect.statuses().iter().map(|(status, _)| status.as_str()).collect();
        write!(
            f,
            "document {} has no word for a deployment that is {}; it can express {}",
            self.dialect,
            quoted(self.status.as_str()),
            one_of(&known)
        )
    }
}

impl std::error::Error for Inexpressible {}

#[cfg(test)]
mod tests;
