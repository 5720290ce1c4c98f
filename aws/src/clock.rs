//! Whether a call was refused because this machine and AWS do not have the same time.
//!
//! The SDK learns the difference from such an answer and signs the next call of the same client with it,
//! so one more call is all that it takes.

use std::fmt;
use std::time::SystemTime;

use aws_sdk_sts::config::http::HttpResponse;
use aws_sdk_sts::error::ProvideErrorMetadata;
use aws_sdk_sts::primitives::{DateTime, DateTimeFormat};

/// How far the clock of this machine is from that of AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Skew {
    /// Seconds that AWS is ahead, where its answer says what time it is.
    ahead: Option<i64>,
}

/// What to do about it, as a sentence.
pub(crate) const NEXT: &str = "Set the clock of this machine, for example by NTP.";

impl Skew {
    /// What an answer that refuses says of the clock; `None`: it refuses for another reason.
    pub(crate) fn told(
        error: &impl ProvideErrorMetadata,
        answer: Option<&HttpResponse>,
    ) -> Option<Self> {
        let message = error.message().unwrap_or_default().to_lowercase();
        let says_so = ["expired", "not yet current", "skew"].iter().any(|it| message.contains(it));
        let is_skew = match error.code()? {
            "RequestTimeTooSkewed" | "RequestExpired" | "RequestInTheFuture" => true,
            // They may also mean a wrong key.
            "InvalidSignatureException" | "SignatureDoesNotMatch" | "AuthFailure" => says_so,
            _ => false,
        };
        is_skew.then(|| Self { ahead: answer.and_then(ahead) })
    }
}

/// By how many seconds the server was ahead when it answered.
fn ahead(answer: &HttpResponse) -> Option<i64> {
    let date = answer.headers().get("date")?;
    let theirs = DateTime::from_str(date, DateTimeFormat::HttpDate).ok()?.secs();
    Some(theirs - DateTime::from(SystemTime::now()).secs())
}

impl fmt::Display for Skew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A minute more or less says nothing, since the answer took its time too.
        let minutes = self.ahead.map(|seconds| (seconds.unsigned_abs() + 30) / 60);
        match (self.ahead, minutes) {
            (Some(ahead), Some(minutes @ 1..)) => {
                let side = if ahead > 0 { "behind" } else { "ahead of" };
                write!(f, "the clock of this machine is {minutes} min {side} that of AWS")
            }
            _ => f.write_str("the clock of this machine is not that of AWS"),
        }
    }
}
