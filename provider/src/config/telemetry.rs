//! The `telemetry` of the provider block: who is told of deployments and runs that ended.

use std::collections::BTreeMap;

use pipeline_core::TelemetryUrl;
use pipeline_core::telemetry::cloudwatch::NAMESPACE;
use pipeline_core::telemetry::{Otlp, check_header};
use tfplugin::{Diagnostics, Field, FieldValue, Model, Sensitive, Text};

/// Who is told of deployments and runs that ended. What cannot be delivered within five seconds is a warning, and
/// changes nothing else.
#[derive(Debug, Clone, Model)]
pub struct TelemetryConfig {
    /// Endpoint of OpenTelemetry's protocol over HTTP. Each deployment and each run that ended is a trace: a span with
    /// its steps as children, part of the trace of `TRACEPARENT` where that is set.
    pub otlp: Option<OtlpConfig>,
    /// Amazon CloudWatch: an entry in a log for each stage, and metrics.
    pub cloudwatch: Option<CloudWatchConfig>,
}

/// Where traces go.
#[derive(Debug, Clone, Model)]
pub struct OtlpConfig {
    /// Base URL, such as `https://otlp.example.com:4318`; `/v1/traces` is appended.
    pub endpoint: Text<TelemetryUrl>,
    /// Headers that go with each request, such as a token. They are never shown; neither plan nor state holds them.
    pub headers: Option<Sensitive<BTreeMap<String, String>>>,
}

/// Where entries and metrics go, in the region of `aws`. The credentials need `logs:CreateLogStream` and
/// `logs:PutLogEvents`.
#[derive(Debug, Clone, Model)]
pub struct CloudWatchConfig {
    /// Name of the group of logs, which exists. Each deployment and each run is a stream in it, named by its ID.
    #[tf(validate = log_group)]
    pub log_group: String,
    /// Namespace of the metrics `DeploymentCount`, `DeploymentDuration` and `WorkflowDuration`, with the dimensions
    /// `Environment`, `Stack` and `Status`. Defaults to `AphexPipeline`.
    #[tf(validate = namespace)]
    pub namespace: Option<String>,
}

/// Who is told, already parsed.
#[derive(Debug, Clone, Default)]
pub struct TelemetrySettings {
    /// Where traces go.
    pub otlp: Option<Otlp>,
    /// Where entries and metrics go.
    pub cloudwatch: Option<CloudWatchSettings>,
}

/// Where entries and metrics go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudWatchSettings {
    /// The group of logs.
    pub log_group: String,
    /// The namespace of the metrics.
    pub namespace: String,
}

impl TelemetrySettings {
    /// Whether nobody is told.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.otlp.is_none() && self.cloudwatch.is_none()
    }

    /// What the block says; nobody is told while a part of it is not known, which it is when something ends.
    #[must_use]
    pub fn new(block: &Field<TelemetryConfigDraft>) -> Self {
        let FieldValue::Known(TelemetryConfig { otlp, cloudwatch }) = block.settled() else {
            return Self::default();
        };
        Self {
            otlp: otlp.map(|it| {
                let headers = it.headers.map(Sensitive::into_exposed).unwrap_or_default();
                let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
                Otlp::new(it.endpoint.0, headers)
            }),
            cloudwatch: cloudwatch.map(|it| CloudWatchSettings {
                log_group: it.log_group,
                namespace: it.namespace.unwrap_or_else(|| NAMESPACE.to_owned()),
            }),
        }
    }
}

fn log_group(name: &str) -> Result<(), String> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "._-/#".contains(letter);
    if (1..=512).contains(&name.len()) && name.chars().all(plain) {
        return Ok(());
    }
    Err("Found no name of a group of logs; expected 1 to 512 letters, digits and `._-/#`. Next: write one such as \
         \"/aphex/pipeline\"."
        .to_owned())
}

fn namespace(name: &str) -> Result<(), String> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "._-/#:".contains(letter);
    let is_own = !name.starts_with("AWS/") && !name.starts_with(':');
    if is_own && (1..=255).contains(&name.len()) && name.chars().all(plain) {
        return Ok(());
    }
    Err("Found no namespace of one's own; expected 1 to 255 letters, digits and `._-/#:`, not `AWS/` first. Next: \
         leave it out, or write one such as \"Shop/Deployments\"."
        .to_owned())
}

/// Checks the endpoint and each header, whose value is never shown.
pub(super) fn validate(block: &Field<TelemetryConfigDraft>, out: &mut Diagnostics) {
    let Some(otlp) = block.known().and_then(|block| block.otlp.known()) else { return };
    if otlp.endpoint.known().is_some_and(|url| url.as_str().contains(['?', '#'])) {
        let detail = "Found a query or a fragment (not shown); expected a base URL, to which `/v1/traces` is appended. \
                      Next: write the URL without it; a token is one of the `headers`.";
        out.push(otlp.endpoint.error("The endpoint of telemetry is not valid", detail));
    }
    let headers = otlp.headers.known().into_iter().flat_map(|headers| headers.expose());
    for (name, value) in headers {
        if let Err(why) = check_header(name, value) {
            let name = pipeline_core::base::violation::quoted(name);
            let detail = format!(
                "Found the header {name}, of which {why} (not shown); expected a header of HTTP. Next: mend it."
            );
            out.push(otlp.headers.error("A header of telemetry is not valid", detail));
        }
    }
}
