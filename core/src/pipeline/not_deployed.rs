//! A deployment that was no success, as an error.
//!
//! It leaves out what to do next: the reasons say what happened, and users of the library word the rest.

use std::fmt;

use super::lines;
use crate::deployment::Deployment;
use crate::deployment::deployer::Report;
use crate::deployment::engine::{Outcome, Refusal, Verdict};

/// A deployment that was no success.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NotDeployed {
    /// What can be said of it.
    pub verdict: Verdict,
    /// The deployment as it was last recorded; absent where nothing was.
    pub deployment: Option<Deployment>,
}

impl Report {
    /// The deployment, where it succeeded.
    ///
    /// # Errors
    /// What became of it else.
    pub fn into_result(self) -> Result<Deployment, Box<NotDeployed>> {
        let Self { verdict, deployment, .. } = self;
        match (verdict, deployment) {
            (Verdict::Recorded(Outcome::Succeeded { .. }), Some(deployment)) => Ok(deployment),
            (verdict, deployment) => Err(Box::new(NotDeployed { verdict, deployment })),
        }
    }
}

impl fmt::Display for NotDeployed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.verdict {
            Verdict::Recorded(Outcome::Succeeded { .. }) => f.write_str("it left no record"),
            Verdict::Recorded(Outcome::Failed { .. }) => f.write_str("it failed"),
            Verdict::Recorded(Outcome::Cancelled { .. }) => f.write_str("it was cancelled"),
            Verdict::Refused(Refusal::Forbidden(faults)) => f.write_str(&lines(faults)),
            Verdict::Refused(Refusal::Unclaimed(_)) => f.write_str("it could not begin"),
            Verdict::Refused(Refusal::OutOfTime { waited }) => {
                write!(f, "it found no place in the queue within {} s", waited.as_secs())
            }
            Verdict::Refused(Refusal::Stopped) => f.write_str("it was stopped before it began"),
            Verdict::Unknown { .. } => f.write_str("whether it succeeded is not known"),
        }
    }
}

impl std::error::Error for NotDeployed {
    /// The reason, in words of its own.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.verdict {
            Verdict::Recorded(Outcome::Failed { reason, .. }) => Some(reason),
            Verdict::Recorded(Outcome::Cancelled { reason, .. }) => Some(reason),
            Verdict::Refused(Refusal::Unclaimed(why)) => Some(why),
            Verdict::Unknown { reason, .. } => Some(reason),
            Verdict::Recorded(Outcome::Succeeded { .. }) | Verdict::Refused(_) => None,
        }
    }
}
