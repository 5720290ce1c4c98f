//! The record of an environment: what other configurations find and obey.

use serde::{Deserialize, Serialize};

use super::Concurrency;
use super::rules::{EnvironmentFacts, check};
use crate::queue::Rewrite;
use crate::registration::{Registered, Registrable};
use crate::{CommitSha, Environment, Violation};

/// An environment as it was registered.
pub type EnvironmentRecord = Registered<EnvironmentAtCommit>;

/// An environment, and where it was checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EnvironmentAtCommit {
    /// The environment.
    pub environment: Environment,
    /// The commit at which its folder and its secrets file were checked.
    pub commit_sha: CommitSha,
}

impl Registrable for EnvironmentAtCommit {
    const KIND: &'static str = "environment";
    const SHELF: &'static str = "environments";
    /// The second has policies that must not be passed over.
    const SCHEMA_VERSION: u64 = 2;
    type Claim = Registered<Self>;
    type Facts = EnvironmentFacts;

    fn needed_version(&self) -> u64 {
        if self.environment.has_later_policies() { Self::SCHEMA_VERSION } else { 1 }
    }

    fn key(&self) -> String {
        self.environment.name.to_string()
    }

    /// Sub-projects that had queues of their own go back to that of the environment.
    fn queues(&self, facts: &EnvironmentFacts) -> Vec<Rewrite> {
        match self.environment.concurrency {
            Concurrency::Environment => facts.queues.join(),
            Concurrency::SubProject => Vec::new(),
        }
    }

    fn check(&self, _: Option<&EnvironmentRecord>, facts: &EnvironmentFacts) -> Vec<Violation> {
        check(&self.environment, facts)
    }
}
