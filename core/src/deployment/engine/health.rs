//! What came of a health check, as facts in words of their own. It leaves out how an endpoint is asked.

use std::time::Duration;

use thiserror::Error;

use crate::HealthCheckUrl;
use crate::base::cause::Cause;

/// The result of a health check.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Health {
    /// It passed, answering in this many milliseconds.
    Passed {
        /// Of the attempt that passed.
        response_time_ms: u64,
    },
    /// It did not.
    Failed(Unhealthy),
}

/// Why a health check did not pass.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Unhealthy {
    /// No attempt passed.
    #[error(
        "the health check {}: {} after {attempts} attempt{} in {:.1} s",
        if self.is_late() { "did not pass in time" } else { "failed" },
        url.without_query(), if *attempts == 1 { "" } else { "s" }, spent.as_secs_f64()
    )]
    Missed {
        /// What was asked.
        url: HealthCheckUrl,
        /// How often.
        attempts: u32,
        /// For how long.
        spent: Duration,
        /// What came of the last attempt that says something.
        source: Miss,
    },
    /// No attempt was made: there is nothing to ask with.
    #[error("the health check could not be made")]
    NotMade(#[source] Option<Cause>),
}

/// How one attempt ended without passing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Miss {
    /// No answer came in time.
    #[error("no answer within {} ms", within.as_millis())]
    Silent {
        /// How long it was waited for.
        within: Duration,
    },
    /// The endpoint cannot be talked to.
    #[error(transparent)]
    Unreachable(Cause),
    /// The answer has another status.
    #[error("it answered {found}, expected {expected}")]
    Status {
        /// Its status.
        found: u16,
        /// The one that means healthy.
        expected: u16,
    },
    /// The body is not what was expected. What it says may be nobody else's business; how long it is tells
    /// an empty one.
    #[error(
        "it answered {status}, but `expected_body` matches nothing in the {read} bytes of its body that \
         were read"
    )]
    Body {
        /// The status.
        status: u16,
        /// How much of the body was read, in bytes.
        read: usize,
    },
    /// The body is packed in a way that is not known here.
    #[error(
        "it answered {status}, but its body is encoded as `{encoding}`, in which `expected_body` cannot be looked for"
    )]
    Encoded {
        /// The status.
        status: u16,
        /// The encoding that the answer names.
        encoding: String,
    },
    /// The body ended before it was whole.
    #[error("it answered {status}, and its body broke off")]
    BrokeOff {
        /// The status.
        status: u16,
        /// Why.
        source: Cause,
    },
}

impl Unhealthy {
    /// Whether no answer came in the time given, as opposed to a wrong one.
    #[must_use]
    pub const fn is_late(&self) -> bool {
        matches!(self, Self::Missed { source: Miss::Silent { .. }, .. })
    }
}
