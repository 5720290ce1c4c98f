//! Why stacks were not deployed, or not put back, as facts, and the one place that words them.

use std::time::Duration;

use thiserror::Error;

use crate::fault::Fault;
use pipeline_core::DeploymentId;
use pipeline_core::base::cause::visible;
use pipeline_core::base::violation::Violation;

/// Why a stack is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Reason {
    /// CloudFormation could not be asked.
    #[error("stack `{stack}`: {fault}. {}", fault.next())]
    Call {
        /// The stack.
        stack: String,
        /// What came of the call.
        fault: Fault,
    },
    /// No region is known.
    #[error("{fault}. {}", fault.next())]
    Closed {
        /// Why it cannot be asked.
        fault: Fault,
    },
    /// Somebody else changes the stack.
    #[error(
        "stack `{stack}` is {status}: somebody else changes it. Wait for the end of that, then deploy again"
    )]
    Busy {
        /// The stack.
        stack: String,
        /// Its status.
        status: String,
    },
    /// The stack takes no change.
    #[error("stack `{stack}` is {status}. {next}")]
    Stuck {
        /// The stack.
        stack: String,
        /// Its status.
        status: String,
        /// What to do, as a sentence.
        next: &'static str,
    },
    /// The change set could not be made.
    #[error("stack `{stack}`: CloudFormation makes no change set: {}", visible(said))]
    NotMade {
        /// The stack.
        stack: String,
        /// What CloudFormation says.
        said: String,
    },
    /// The change set would replace or delete what is protected (STK002).
    #[error("stack `{stack}`: STK002: {}; nothing of it was changed. {next}", found.join("; "))]
    Protected {
        /// The stack.
        stack: String,
        /// What the change set would do.
        found: Vec<String>,
        /// What to do, as a sentence.
        next: String,
    },
    /// The operation ended, and not well.
    #[error("stack `{stack}` is {status}: {}", visible(why))]
    Ended {
        /// The stack.
        stack: String,
        /// Its status.
        status: String,
        /// What failed first.
        why: String,
    },
    /// The operation goes on for longer than it may.
    #[error("stack `{stack}` came to no end within {} s", after.as_secs())]
    TimedOut {
        /// The stack.
        stack: String,
        /// How long it was given.
        after: Duration,
    },
    /// Somebody else changed the stack.
    #[error("somebody else changed stack `{stack}` meanwhile{}; see its events", by(status))]
    Replaced {
        /// The stack.
        stack: String,
        /// The status that it has, where it is still there.
        status: Option<String>,
    },
    /// All is as it was, and no success ever was so.
    #[error(
        "stack `{stack}` is as `{by}` left it, which was no success; what was there before that, nobody kept. Deploy \
         the version that should run"
    )]
    Left {
        /// The stack.
        stack: String,
        /// Whoever left it so.
        by: DeploymentId,
    },
    /// All is as it was, but for parameters that CloudFormation does not show.
    #[error(
        "stack `{stack}` has its template again, but {} as it was given now: CloudFormation does not show what was \
         there before. Give it its former value by hand",
        listed(parameters)
    )]
    KeepsHidden {
        /// The stack.
        stack: String,
        /// The parameters.
        parameters: Vec<String>,
    },
    /// The template from before is too large to be given back.
    #[error(
        "stack `{stack}`: its template from before has {size} bytes, and CloudFormation takes at most {most} with a \
         call. Put it back from S3 by hand"
    )]
    TooLarge {
        /// The stack.
        stack: String,
        /// How many bytes it has.
        size: usize,
        /// How many it may have.
        most: u64,
    },
}

impl Reason {
    /// What is protected and would be lost.
    pub(super) fn protected(stack: &str, faults: &[Violation]) -> Self {
        let found = faults.iter().map(|fault| format!("found {}", fault.found)).collect();
        let next = faults.first().map(|fault| fault.next.clone()).unwrap_or_default();
        Self::Protected { stack: stack.to_owned(), found, next }
    }
}

fn by(status: &Option<String>) -> String {
    match status {
        Some(status) => format!(", and it is {status}"),
        None => ", and it is gone".to_owned(),
    }
}

fn listed(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}
