//! The record of an environment: what other configurations find and obey.

use serde::{Deserialize, Serialize};

use crate::record::Record;
use crate::{Actor, CommitSha, Environment, Timestamp};

/// An environment as it was registered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EnvironmentRecord {
    /// The environment.
    pub environment: Environment,
    /// The commit at which its folder and its secrets file were checked.
    pub commit_sha: CommitSha,
    /// When it was registered.
    pub registered_at: Timestamp,
    /// Who registered it or changed it last.
    pub registered_by: Actor,
    /// When it was changed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
}

impl EnvironmentRecord {
    /// When it was written as it is.
    #[must_use]
    pub fn written_at(&self) -> Timestamp {
        self.updated_at.unwrap_or(self.registered_at)
    }
}

impl Record for EnvironmentRecord {
    const KIND: &'static str = "environment";
    const SHELF: &'static str = "environments";
}
