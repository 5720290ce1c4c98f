//! What telemetry is told of a deployment or a run that ended (OBS001): what it was, what became of it, and how long
//! each stage took.
//!
//! Pure. In which words it is told is in [`traces`] and [`cloudwatch`]; who delivers it is an adapter's. It says nothing
//! that the record does not say, but for the times.

pub mod cloudwatch;
mod ended;
#[cfg(feature = "http")]
mod otlp;
pub mod parent;
#[cfg(test)]
mod tests;
pub mod traces;

use std::fmt;
use std::time::Duration;

pub use ended::{StepTook, of_deployment, of_run};
#[cfg(feature = "http")]
pub use otlp::{Otlp, check_header};

use crate::base::rule::RuleId;
use crate::base::violation::Violation;

/// How long all that is delivered of one end may take together.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// What stands where there is no name: CloudWatch takes no empty dimension.
const NONE: &str = "none";

/// A deployment or a run that ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Ended {
    /// What it was.
    pub kind: Kind,
    /// Its ID, which all that is told of it has in common.
    pub workflow_id: String,
    /// What it did again and again, such as `staging/api`: not a name of its own.
    pub name: String,
    /// The environment; `none` for a run, which has none.
    pub environment: String,
    /// What was deployed or built: the sub-project, or the pipeline.
    pub stack: String,
    /// What became of it.
    pub result: Ending,
    /// Why, where it did not succeed.
    pub message: Option<String>,
    /// When it began.
    pub began: Moment,
    /// How long it took with all that it waited.
    pub took: Duration,
    /// How long it took by its record, where that tells.
    pub recorded: Option<Duration>,
    /// Its stages, in order.
    pub stages: Vec<Stage>,
    /// What else a trace says of it.
    pub attributes: Vec<(&'static str, String)>,
    /// What its trace is called: as random as the ID that it was drawn for.
    pub seed: String,
}

/// What ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A deployment.
    Deployment,
    /// A run of a pipeline.
    Run,
}

/// What became of it, or of one of its stages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It did what it should.
    Succeeded,
    /// It did not.
    Failed,
    /// Somebody ended it.
    Cancelled,
}

impl Ending {
    /// As metrics call it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// Its name.
    pub name: String,
    /// How long after the whole it began.
    pub after: Duration,
    /// How long it took.
    pub took: Duration,
    /// What became of it.
    pub result: Ending,
    /// What else is to be said of it.
    pub message: Option<String>,
}

/// A moment, in nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub u64);

impl Moment {
    /// The moment this long after.
    #[must_use]
    pub fn after(self, time: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)))
    }

    /// In whole milliseconds since 1970.
    #[must_use]
    pub fn milliseconds(self) -> i64 {
        i64::try_from(self.0 / 1_000_000).unwrap_or(i64::MAX)
    }
}

/// The longest text that is told, in letters.
const LONGEST: usize = 4000;

/// A text that is not too long.
fn cut(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

/// OBS002: what could not be delivered to a place, and why. It is a warning, whatever became of what ended.
#[must_use]
pub fn check_delivered(place: &str, end: Result<(), String>) -> Option<Violation> {
    let why = end.err()?;
    let next = "Look there, and at the credentials that are sent; nothing else depends on it.";
    Some(Violation::new(
        RuleId::OBS002,
        format!("{place}, undelivered: {why}"),
        "them to arrive",
        next,
    ))
}
