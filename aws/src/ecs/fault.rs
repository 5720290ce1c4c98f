//! Why a call to ECS gave no answer, told by what it means: whether the call may have been carried
//! out, and whether it is worth asking again.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use aws_sdk_ecs::config::http::HttpResponse;
use aws_sdk_ecs::error::{ProvideErrorMetadata, SdkError};

use super::told;
use crate::clock::{self, Skew};
use crate::misfit::{self, Misfit};
use pipeline_core::base::cause::visible;

/// A call that gave no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What it means.
    pub(super) kind: Kind,
    /// What is to be said of it.
    pub(super) text: String,
}

/// What a fault means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Too many calls: it was not carried out, and may be later.
    Throttled,
    /// There are no credentials, or nothing answers at that address: it was not carried out.
    Unreachable,
    /// This machine and ECS do not have the same time: it was not carried out, and the SDK allows for
    /// the difference from now on.
    Skewed,
    /// Settings of this machine cannot be followed: it was not carried out.
    Unsettled,
    /// The credentials do not do: it was not carried out.
    Denied,
    /// What is asked for does not exist: it was not carried out.
    Missing,
    /// ECS understood and refused: it was not carried out.
    Refused,
    /// No answer came, or one that says nothing: it may have been carried out.
    InDoubt,
}

impl Kind {
    /// The same, or no answer at all instead of one that something is missing.
    pub(super) const fn or_doubt(self) -> Self {
        match self {
            Self::Missing => Self::InDoubt,
            other => other,
        }
    }
}

impl Fault {
    /// What a call of this name met with.
    pub(super) fn of<E>(call: &str, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        if let Some(skew) = skew(error) {
            let code = error.code().unwrap_or_default();
            return Self { kind: Kind::Skewed, text: format!("{call}: {skew} ({code})") };
        }
        if let Some(misfit) = Misfit::behind(error) {
            return Self { kind: Kind::Unsettled, text: format!("{call}: {misfit}") };
        }
        let kind = kind(error);
        let text = match (error.code(), error.message()) {
            (Some(code), message) => {
                format!("{call}: {code}: {}", told::plain(message.unwrap_or("no message")))
            }
            (None, _) => match error.raw_response() {
                Some(answer) => {
                    format!("{call}: no answer of ECS, but HTTP {}", answer.status().as_u16())
                }
                None => format!("{call}: {}", told::plain(&root_cause(error))),
            },
        };
        Self { kind, text }
    }

    /// An answer that lacks what it must have.
    pub(super) fn empty(call: &str, what: &str) -> Self {
        Self { kind: Kind::InDoubt, text: format!("{call}: the answer has no {what}") }
    }

    /// No answer to anything for so long.
    pub(super) fn late(within: Duration) -> Self {
        let text = format!("ECS does not answer within {within:?}");
        Self { kind: Kind::InDoubt, text }
    }

    /// What to do about it, as a sentence.
    #[must_use]
    pub const fn next(&self) -> &'static str {
        match self.kind {
            Kind::Skewed => clock::NEXT,
            Kind::Unsettled => misfit::NEXT,
            _ => "Give the plan credentials that may describe services and task definitions.",
        }
    }

    /// Whether the call was certainly not carried out.
    pub(super) const fn is_certain(&self) -> bool {
        !matches!(self.kind, Kind::InDoubt)
    }

    /// Whether the same call may do better a little later.
    pub(super) const fn may_pass(&self) -> bool {
        matches!(self.kind, Kind::Throttled | Kind::InDoubt | Kind::Unreachable | Kind::Skewed)
    }
}

impl Error for Fault {}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&visible(&self.text))
    }
}

fn skew<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Option<Skew> {
    Skew::told(error.as_service_error()?, error.raw_response())
}

fn kind<E>(error: &SdkError<E, HttpResponse>) -> Kind
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match error {
        SdkError::ConstructionFailure(_) => Kind::Unreachable,
        SdkError::DispatchFailure(_) if was_not_sent(error) => Kind::Unreachable,
        SdkError::ServiceError(answer) => {
            of_answer(error.code().unwrap_or_default(), answer.raw().status().as_u16())
        }
        _ => Kind::InDoubt,
    }
}

/// By the name of the error, as the service documents it, or by the status of HTTP.
fn of_answer(code: &str, status: u16) -> Kind {
    match code {
        "ThrottlingException"
        | "Throttling"
        | "TooManyRequestsException"
        | "RequestLimitExceeded"
        | "RequestThrottled"
        | "SlowDown" => Kind::Throttled,
        "AccessDeniedException"
        | "AccessDenied"
        | "ExpiredTokenException"
        | "ExpiredToken"
        | "UnrecognizedClientException"
        | "InvalidSignatureException"
        | "IncompleteSignature"
        | "MissingAuthenticationTokenException"
        | "InvalidClientTokenId"
        | "SignatureDoesNotMatch"
        | "NotAuthorized"
        | "OptInRequired" => Kind::Denied,
        "ClusterNotFoundException" | "ServiceNotFoundException" => Kind::Missing,
        "ServerException"
        | "InternalFailure"
        | "InternalServerError"
        | "ServiceUnavailable"
        | "ServiceUnavailableException" => Kind::InDoubt,
        _ if status == 429 => Kind::Throttled,
        _ if status >= 500 => Kind::InDoubt,
        _ if status == 403 => Kind::Denied,
        _ => Kind::Refused,
    }
}

/// Whether the call never left this machine: nobody listens at the address, or there are no
/// credentials to sign it with, which the SDK tells in words only.
fn was_not_sent(error: &(dyn Error + 'static)) -> bool {
    let refused = |cause: &(dyn Error + 'static)| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|io| io.kind() == std::io::ErrorKind::ConnectionRefused)
    };
    let unsigned = |cause: &(dyn Error + 'static)| cause.to_string().contains("credential");
    causes(error).any(|cause| refused(cause) || unsigned(cause))
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |cause: &&'a (dyn Error + 'static)| (*cause).source())
}

/// The innermost cause, which says "connection refused" where the outermost says "dispatch failure".
fn root_cause(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}
