//! A deployment that was no success, in words.

use std::fmt;

use super::lines;
use crate::deployment::Deployment;
use crate::deployment::deployer::Report;
use crate::deployment::engine::{Back, Outcome, Refusal, Verdict};

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

impl NotDeployed {
    /// What happened, in a few words.
    #[must_use]
    pub const fn summary(&self) -> &'static str {
        match &self.verdict {
            Verdict::Recorded(Outcome::Succeeded { .. }) => "The deployment left no record",
            Verdict::Recorded(Outcome::Failed { .. }) => "The deployment failed",
            Verdict::Recorded(Outcome::Cancelled { .. }) => "The deployment was cancelled",
            Verdict::Refused(Refusal::Forbidden(_)) => "The deployment is forbidden",
            Verdict::Refused(Refusal::Unclaimed { .. }) => "The environment could not be claimed",
            Verdict::Refused(Refusal::Stopped) => "The deployment did not start",
            Verdict::Unknown { .. } => "Whether the deployment succeeded is not known",
        }
    }

    /// What runs again, and what the record says.
    fn aftermath(&self, back: &Back) -> String {
        let Some(record) = &self.deployment else { return String::new() };
        let again = match (back, record.progress.rolled_back_to()) {
            (Back::Restored, Some(version)) => format!("{version} runs again. "),
            (Back::Restored, None) => "What ran before runs again. ".to_owned(),
            _ => String::new(),
        };
        format!(
            "{again}The record ({}) says so; the tag of \"{}\" did not move (DEP009). ",
            record.id, record.environment
        )
    }
}

impl fmt::Display for NotDeployed {
    /// What was found, how things stand, and what to do next.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.verdict {
            Verdict::Recorded(Outcome::Succeeded { .. }) => {
                f.write_str("Next: look at the ledger.")
            }
            Verdict::Recorded(Outcome::Failed { reason, back, .. }) => {
                let (not, aftermath) = (back.told(), self.aftermath(back));
                write!(
                    f,
                    "Found that {reason}{not}. {aftermath}Next: mend the cause and apply again."
                )
            }
            Verdict::Recorded(Outcome::Cancelled { reason, back }) => {
                let (not, aftermath) = (back.told(), self.aftermath(back));
                write!(
                    f,
                    "Found that {reason}{not}. {aftermath}Next: apply again when you want it."
                )
            }
            Verdict::Refused(Refusal::Forbidden(faults)) => f.write_str(&lines(faults)),
            Verdict::Refused(Refusal::Unclaimed { reason }) => {
                write!(f, "Found that {reason}. Nothing was deployed. Next: apply again.")
            }
            Verdict::Refused(Refusal::Stopped) => f.write_str(
                "Found that the run was interrupted before anything began. Nothing was deployed.",
            ),
            Verdict::Unknown { reason } => {
                write!(f, "Found that {reason}. Next: plan again; the next read shows what runs.")
            }
        }
    }
}

impl std::error::Error for NotDeployed {}
