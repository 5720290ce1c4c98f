//! Delivers traces to an endpoint of OpenTelemetry's protocol over HTTP, as JSON.
//!
//! An adapter: it does I/O and sleeps, and whoever awaits it drops it when the time is up. What an endpoint answers is
//! never told but for its status: it may repeat what was sent to it.

use std::fmt;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};
use serde::Deserialize;

use super::traces::Traces;
use crate::base::foreign;
use crate::base::url::TelemetryUrl;
use crate::health::{Roots, root_cause, tls};

/// Where traces go.
#[derive(Clone)]
pub struct Otlp {
    endpoint: TelemetryUrl,
    headers: HeaderMap,
}

impl fmt::Debug for Otlp {
    /// Without its headers, which are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Otlp").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

/// How often the traces are sent at most: an endpoint that is busy says so.
const ATTEMPTS: u32 = 3;

/// The pause before they are sent again.
const PAUSE: Duration = Duration::from_millis(500);

/// How much of an answer is read, in bytes.
const ANSWER: usize = 64 * 1024;

/// What an endpoint says of traces that it took in part.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Answer {
    partial_success: Option<PartialSuccess>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct PartialSuccess {
    /// A number of 64 bits, which JSON of this protocol writes as a text.
    rejected_spans: Option<serde_json::Value>,
    error_message: String,
}

/// Checks a header that goes with each request; its value is never shown.
///
/// # Errors
/// What is wrong with it.
pub fn check_header(name: &str, value: &str) -> Result<(), &'static str> {
    let name = name.parse::<HeaderName>().map_err(|_| "its name is none of a header")?;
    let taken = name == CONTENT_TYPE || name == reqwest::header::CONTENT_LENGTH;
    if taken {
        return Err("it is written by the protocol");
    }
    HeaderValue::from_str(value).map(drop).map_err(|_| "its value has letters that no header has")
}

impl Otlp {
    /// An endpoint and the headers that go with each request. Those that are no headers are left out:
    /// [`check_header`] names them.
    #[must_use]
    pub fn new<'a>(
        endpoint: TelemetryUrl,
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let mut all = HeaderMap::new();
        for (name, value) in headers {
            if let (Ok(name), Ok(mut value)) =
                (name.parse::<HeaderName>(), HeaderValue::from_str(value))
            {
                value.set_sensitive(true);
                all.insert(name, value);
            }
        }
        Self { endpoint, headers: all }
    }

    /// What is told of where they go.
    #[must_use]
    pub fn place(&self) -> String {
        format!("traces for `{}`", self.endpoint)
    }

    /// Delivers the traces, as long as whoever awaits it has patience.
    ///
    /// # Errors
    /// Why they did not arrive, or not all of them.
    pub async fn deliver(&self, traces: &Traces) -> Result<(), String> {
        let body = serde_json::to_vec(traces).map_err(|error| error.to_string())?;
        let url = format!("{}/v1/traces", self.endpoint.as_str().trim_end_matches('/'));
        let client = self.client()?;
        let mut attempt = 1;
        loop {
            let asked = client.post(&url).headers(self.headers.clone());
            let asked = asked.header(CONTENT_TYPE, "application/json").body(body.clone());
            let answer = asked.send().await.map_err(|error| root_cause(error).to_string())?;
            let status = answer.status();
            if status.is_success() {
                return taken(answer).await;
            }
            if !may_repeat(status) || attempt == ATTEMPTS {
                return Err(format!("it answered {}", status.as_u16()));
            }
            attempt += 1;
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn client(&self) -> Result<Client, String> {
        let roots = if self.endpoint.is_https() { Roots::OfTheMachine } else { Roots::None };
        let tls = tls(roots).map_err(|error| error.to_string())?;
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            // The headers are meant for this endpoint alone.
            .redirect(Policy::none())
            .user_agent(concat!("terraform-provider-pipeline/", env!("CARGO_PKG_VERSION")))
            .build();
        client.map_err(|error| root_cause(error).to_string())
    }
}

/// Whether the protocol says that the same request may succeed later.
fn may_repeat(status: StatusCode) -> bool {
    matches!(status.as_u16(), 429 | 502 | 503 | 504)
}

/// Whether all that was sent was taken. An answer that cannot be read is none: the status says that it was.
async fn taken(mut answer: reqwest::Response) -> Result<(), String> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = answer.chunk().await {
        body.extend(chunk.iter().take(ANSWER - body.len()));
        if body.len() == ANSWER {
            break;
        }
    }
    let answer: Answer = serde_json::from_slice(&body).unwrap_or_default();
    let Some(PartialSuccess { rejected_spans, error_message }) = answer.partial_success else {
        return Ok(());
    };
    let rejected = match rejected_spans {
        Some(serde_json::Value::String(text)) => text.parse::<u64>().unwrap_or_default(),
        Some(number) => number.as_u64().unwrap_or_default(),
        None => 0,
    };
    match rejected {
        0 => Ok(()),
        some => Err(format!("it rejected {some} spans: {}", foreign::word(&error_message, 300))),
    }
}
