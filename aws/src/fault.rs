//! Why a call to AWS gave no answer, for the services that are only asked and never changed: STS,
//! CloudFormation, and S3 where a state is read.
//!
//! It leaves out whether a call may be repeated: the SDK has repeated it already.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_sts::config::ProvideCredentials;
use aws_sdk_sts::config::http::HttpResponse;
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};

use crate::clock::{self, Skew};
use crate::misfit::{self, Misfit};

/// A call that gave no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The service, such as `STS`.
    pub service: &'static str,
    /// The call, such as `GetCallerIdentity`.
    pub call: &'static str,
    /// What it means.
    pub kind: FaultKind,
    /// The words of whoever failed, in one line.
    pub said: String,
}

/// What a failed call means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// There are no credentials, or they cannot be had.
    NoCredentials,
    /// Nobody said in which region to ask.
    NoRegion,
    /// The credentials are of no use, or may not do this.
    Denied,
    /// This machine and AWS do not have the same time.
    Skewed,
    /// What was asked for does not exist.
    Missing,
    /// It is in another region than the one that was asked.
    Elsewhere,
    /// The service has no time, or failed itself, each time it was asked.
    Busy,
    /// Settings of this machine cannot be followed, so that nothing was sent.
    Unsettled,
    /// No answer came.
    Unreachable,
    /// The service refuses for another reason.
    Refused,
}

impl Fault {
    /// A fault that needs no call to be known: nobody said in which region to ask.
    pub(super) fn no_region(service: &'static str, call: &'static str) -> Self {
        let said = "neither the configuration nor the environment names a region".to_owned();
        Self { service, call, kind: FaultKind::NoRegion, said }
    }

    /// A fault that is the caller's patience: no answer for so long.
    pub(super) fn late(service: &'static str, call: &'static str, within: Duration) -> Self {
        let said = format!("it does not answer within {} s", within.as_secs());
        Self { service, call, kind: FaultKind::Unreachable, said }
    }

    /// What a failure of the SDK means. Where no answer came, the credentials are asked for once
    /// more: without them nothing was sent at all.
    pub(super) async fn of<E>(
        config: &SdkConfig,
        service: &'static str,
        call: &'static str,
        error: &SdkError<E, HttpResponse>,
    ) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        if let SdkError::ServiceError(answer) = error {
            let (code, status) = (error.code().unwrap_or_default(), answer.raw().status().as_u16());
            let said = answered(code, error.message(), status);
            if let Some(skew) = Skew::told(answer.err(), Some(answer.raw())) {
                let said = format!("{skew}; {said}");
                return Self { service, call, kind: FaultKind::Skewed, said };
            }
            return Self { service, call, kind: kind(code, status), said };
        }
        if let Some(misfit) = Misfit::behind(error) {
            return Self { service, call, kind: FaultKind::Unsettled, said: line(&misfit) };
        }
        let kind = match has_credentials(config).await {
            true => FaultKind::Unreachable,
            false => FaultKind::NoCredentials,
        };
        // A provider of credentials tells its reason only once, so it is taken from the first failure.
        Self { service, call, kind, said: line(&root_cause(error)) }
    }

    /// What to do about it, as a sentence.
    #[must_use]
    pub fn next(&self) -> &'static str {
        match self.kind {
            FaultKind::NoCredentials => {
                "Log in to AWS, or set `profile` or `assume_role` in the provider's `aws` block."
            }
            FaultKind::NoRegion => "Set `region` in the provider's `aws` block, or `AWS_REGION`.",
            FaultKind::Skewed => clock::NEXT,
            FaultKind::Denied => "Allow this call to the credentials, or use others.",
            FaultKind::Missing => "Check the name, the account and the region.",
            FaultKind::Elsewhere => "Set that region.",
            FaultKind::Busy => "Try again in a while.",
            FaultKind::Unsettled => misfit::NEXT,
            FaultKind::Unreachable => {
                "Check the network, the region, and the `endpoint_url` of the provider's `aws` block."
            }
            FaultKind::Refused => "See what the service says.",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { service, call, kind, said } = self;
        match kind {
            FaultKind::NoCredentials => write!(f, "no AWS credentials ({said})"),
            FaultKind::NoRegion => write!(f, "no AWS region: {said}"),
            FaultKind::Unsettled => write!(f, "no call of {service}: {said}"),
            FaultKind::Unreachable => write!(f, "no answer of {service} to {call} ({said})"),
            FaultKind::Busy => write!(f, "{service} has no time for {call} ({said})"),
            FaultKind::Denied => write!(f, "{service} denies {call} ({said})"),
            FaultKind::Missing | FaultKind::Elsewhere | FaultKind::Skewed | FaultKind::Refused => {
                write!(f, "{service} refuses {call} ({said})")
            }
        }
    }
}

impl Error for Fault {}

/// By the name of the error, as the services document it, else by the status of HTTP.
fn kind(code: &str, status: u16) -> FaultKind {
    match code {
        "ExpiredToken"
        | "ExpiredTokenException"
        | "InvalidClientTokenId"
        | "InvalidAccessKeyId"
        | "SignatureDoesNotMatch"
        | "UnrecognizedClientException"
        | "AccessDenied"
        | "AccessDeniedException"
        | "OptInRequired" => FaultKind::Denied,
        "NoSuchBucket" | "NoSuchKey" | "NotFound" => FaultKind::Missing,
        "Throttling" | "ThrottlingException" | "RequestLimitExceeded" | "SlowDown" => {
            FaultKind::Busy
        }
        _ if status == 404 => FaultKind::Missing,
        _ if status == 401 || status == 403 => FaultKind::Denied,
        _ if status == 429 || status >= 500 => FaultKind::Busy,
        _ => FaultKind::Refused,
    }
}

fn answered(code: &str, message: Option<&str>, status: u16) -> String {
    match (code, message) {
        ("", None) => format!("HTTP status {status}"),
        ("", Some(message)) => line(&message),
        (code, None) => code.to_owned(),
        (code, Some(message)) => format!("{code}: {}", line(&message)),
    }
}

async fn has_credentials(config: &SdkConfig) -> bool {
    match config.credentials_provider() {
        Some(provider) => provider.provide_credentials().await.is_ok(),
        None => false,
    }
}

/// The innermost cause, which says "connection refused" where the outermost says "dispatch failure".
fn root_cause(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let told = cause.to_string();
    // The SDK goes on to list everything it looked for.
    told.split(". Attempted:").next().unwrap_or_default().to_owned()
}

/// In one line and without a full stop, since it stands inside a sentence.
fn line(text: &dyn fmt::Display) -> String {
    let text = text.to_string();
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_go_by_name_before_status() {
        assert_eq!(kind("Throttling", 400), FaultKind::Busy);
        assert_eq!(kind("ExpiredToken", 400), FaultKind::Denied);
        assert_eq!(kind("", 403), FaultKind::Denied);
        assert_eq!(kind("", 503), FaultKind::Busy);
        assert_eq!(kind("NoSuchKey", 404), FaultKind::Missing);
        assert_eq!(kind("ValidationError", 400), FaultKind::Refused);
    }

    #[test]
    fn words_of_a_service_are_one_line() {
        assert_eq!(answered("X", Some("a\n b."), 400), "X: a b");
        assert_eq!(answered("", None, 500), "HTTP status 500");
    }
}
