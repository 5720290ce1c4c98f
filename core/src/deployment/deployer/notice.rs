//! What a deployment tells while it goes on: one line for each step.

use std::fmt;
use std::time::Duration;

use crate::queue::{HeldBack, HeldBy};
use crate::{DeploymentId, EnvironmentName};

/// A step that begins, in the words of [`fmt::Display`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// Others come first.
    Waiting {
        /// Which environment.
        environment: EnvironmentName,
        /// The place in the queue, from 1.
        position: usize,
        /// How long it will probably take, by what earlier deployments took.
        estimate: Option<Duration>,
        /// What holds the environment.
        holder: Option<HeldBy>,
    },
    /// It may not begin yet, and others go first meanwhile.
    HeldBack {
        /// Which environment.
        environment: EnvironmentName,
        /// What it waits for.
        why: HeldBack,
    },
    /// Nobody who holds the environment or waits for it seems to be alive, which takes a lease to be sure of.
    Watching {
        /// Which environment.
        environment: EnvironmentName,
        /// What holds the environment, and how long its lease is.
        holder: Option<(HeldBy, Duration)>,
    },
    /// The environment is ours.
    Claimed {
        /// Which environment.
        environment: EnvironmentName,
        /// Our own ID.
        deployment_id: DeploymentId,
    },
    /// The migrations run.
    Migrating,
    /// The target is brought to the version.
    RollingOut,
    /// The health check runs.
    CheckingHealth,
    /// The tests run.
    Testing,
    /// Some files are no reports of these tests: they lay there before.
    OldReports {
        /// How many.
        count: usize,
    },
    /// The target is put back.
    Restoring,
    /// The migrations are rolled back.
    Reverting,
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Waiting { environment, position, estimate, holder } => {
                write!(f, "Waiting for `{environment}` at place {position} of its queue")?;
                if let Some(holder) = holder {
                    write!(f, ", which `{holder}` holds")?;
                }
                match estimate {
                    Some(time) => write!(f, "; about {} s to go", time.as_secs()),
                    None => Ok(()),
                }
            }
            Self::HeldBack { environment, why } => {
                write!(
                    f,
                    "Waiting in the queue of `{environment}` for {why}; others go first meanwhile"
                )
            }
            Self::Watching { environment, holder: Some((holder, lease)) } => write!(
                f,
                "Watching `{environment}`, which `{holder}` holds without a sign of life; it is taken over after \
                 another {} s without one",
                lease.as_secs()
            ),
            Self::Watching { environment, holder: None } => write!(
                f,
                "Watching `{environment}`, for which others wait without a sign of life; it is taken in their \
                 place once they missed their turns"
            ),
            Self::Claimed { environment, deployment_id } => {
                write!(f, "`{deployment_id}` holds `{environment}`")
            }
            Self::Migrating => f.write_str("Running the migrations"),
            Self::RollingOut => f.write_str("Bringing the version into service"),
            Self::CheckingHealth => f.write_str("Checking the health of the version"),
            Self::Testing => f.write_str("Testing the version"),
            Self::OldReports { count } => {
                write!(f, "Not counting {count} reports that lay there before the tests")
            }
            Self::Reverting => f.write_str("Rolling the migrations back"),
            Self::Restoring => f.write_str("Putting back what ran before"),
        }
    }
}
