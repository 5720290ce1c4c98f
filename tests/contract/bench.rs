//! What a kind of target has to offer to be tried, and what every case needs.

use std::sync::Arc;
use std::time::Duration;

use pipeline_acceptance::{Failure, Outcome};
use pipeline_core::deployment::Rollout;
use pipeline_core::rollout::{Grant, Order, Permit, Target};
use tokio::time::Instant;

/// What runs once somebody else was there.
pub(crate) const THEIRS: &str = "9";

/// How bringing a version into service goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Well,
    Fails,
    /// It goes on until it is let go.
    Hangs,
}

/// A place where version 1 runs.
pub(crate) trait Bench: Sized {
    /// What is tried.
    type Target: Target;

    /// Whether it knows whose a change is, so that it leaves somebody else's alone.
    const KNOWS_OTHERS: bool;

    fn new() -> Outcome<Self>;

    /// The target that brings this version into service.
    fn target(&self, version: &str, way: Way) -> Self::Target;

    /// The version that is in service, or is on its way there.
    fn runs(&self) -> Outcome<String>;

    /// All that a deployment changes of it, and has to put back.
    fn everything(&self) -> Outcome<String>;

    /// How often something was brought into service.
    fn times_begun(&self) -> Outcome<usize>;

    /// Somebody else brings [`THEIRS`] into service.
    fn taken_over(&self) -> Outcome;

    /// Whether what hangs was begun.
    fn has_begun(&self) -> Outcome<bool>;

    /// Lets what hangs go on.
    fn let_go(&self) -> Outcome;

    /// Waits until what hangs was begun; whoever waits gives up before a test would hang for ever.
    async fn is_under_way(&self) -> Outcome {
        let start = Instant::now();
        while start.elapsed() < pipeline_acceptance::process::FOR_EVER {
            if self.has_begun()? {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Err(Failure::new("nothing was ever begun"))
    }
}

/// The deployment of all cases.
pub(crate) fn order() -> Order {
    Order {
        deployment_id: "deploy-20260101-000000-abc123".parse().unwrap(),
        version: "api/v2.0.0".parse().unwrap(),
        commit_sha: "2".repeat(40).parse().unwrap(),
        environment: "staging".parse().unwrap(),
        region: None,
        reason: None,
        previous_version: Some("api/v1.0.0".parse().unwrap()),
        previous_commit: None,
        last_good: None,
        last_good_version: None,
        failed: Arc::default(),
    }
}

pub(crate) fn permit() -> (Grant, Permit) {
    Grant::new(Instant::now(), Duration::from_secs(24 * 3600))
}

/// Whether a trace says that something was begun.
pub(crate) fn begun<T: Clone + Into<Rollout>>(trace: &Option<T>) -> bool {
    trace.clone().is_some_and(|trace| trace.into().was_begun())
}
