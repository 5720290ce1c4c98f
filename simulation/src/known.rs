//! What is known of each deployer beside the ledger, and how a service is named.

use pipeline_core::deployment::engine::Verdict;
use pipeline_core::queue::LockId;
use pipeline_core::rollout::Permit;
use pipeline_core::{EnvironmentName, SubProjectPath};
use tokio::time::Instant;

/// A service by where it runs and what.
pub(crate) type ServiceKey = (EnvironmentName, SubProjectPath);

/// What is known of one deployer.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// What it works by while it holds the environment.
    pub(crate) permit: Option<Permit>,
    /// When something went wrong for it, from when to when.
    pub(crate) mishaps: Vec<(Instant, Instant)>,
    /// From when on it wants no turn any more: somebody stops it, or it waited long enough.
    pub(crate) leaves: Option<Instant>,
    /// What it reported.
    pub(crate) said: Option<Verdict>,
    /// In which process it is.
    pub(crate) process: Option<usize>,
    /// The lock that it keeps, where it deploys nothing itself.
    pub(crate) keeps: Option<Kept>,
    /// Whether anything went wrong for it yet.
    pub(crate) disturbed: bool,
}

/// A lock that the deployers of one process go under.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) lock: LockId,
    pub(crate) environment: EnvironmentName,
    /// Whether its process begins to give it back.
    pub(crate) is_closed: bool,
}

impl Known {
    /// Something goes wrong for it, from when to when.
    pub(crate) fn suffer(&mut self, from: Instant, to: Instant) {
        self.disturbed = true;
        self.mishaps.push((from, to));
    }

    /// Whether something went wrong between the two moments.
    pub(crate) fn had_mishap(&self, from: Instant, to: Instant) -> bool {
        self.mishaps.iter().any(|(began, ended)| *began <= to && from <= *ended)
    }
}
