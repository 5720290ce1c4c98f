//! One attempt of a health check over HTTP.
//!
//! It knows no time-out of its own: whoever awaits it drops it when the time is up.

use std::error::Error;
use std::sync::Arc;

use reqwest::header::CONTENT_ENCODING;
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;

use super::{HealthCheck, Miss};
use crate::base::cause::Cause;
use crate::base::foreign;

/// A way to ask the endpoint again and again.
pub(super) struct Ask<'a> {
    check: &'a HealthCheck,
    client: Client,
}

impl<'a> Ask<'a> {
    /// # Errors
    /// When this machine has no roots of trust, or the like.
    pub(super) fn new(check: &'a HealthCheck) -> Result<Self, Cause> {
        let roots = if check.url.is_https() { Roots::OfTheMachine } else { Roots::None };
        let client = Client::builder()
            .tls_backend_preconfigured(tls(roots).map_err(Cause::new)?)
            .redirect(Policy::none())
            // Each attempt looks the name up and connects: behind a load balancer or a name that moved,
            // a connection that is kept leads to what ran before.
            .pool_max_idle_per_host(0)
            .user_agent(concat!("terraform-provider-pipeline/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(Cause::new)?;
        Ok(Self { check, client })
    }

    /// Asks once.
    pub(super) async fn once(&self) -> Result<(), Miss> {
        let sent = self.client.get(self.check.url.as_str()).send().await;
        let answer = sent.map_err(|error| Miss::Unreachable(root_cause(error)))?;
        let (status, expected) = (answer.status().as_u16(), self.check.expected_status);
        if status != expected {
            return Err(Miss::Status { found: status, expected });
        }
        self.judge_body(answer).await
    }

    async fn judge_body(&self, answer: Response) -> Result<(), Miss> {
        let Some(pattern) = &self.check.expected_body else { return Ok(()) };
        let status = answer.status().as_u16();
        // What is packed as gzip is unpacked by the client, which then takes the header away.
        if let Some(encoding) =
            answer.headers().get(CONTENT_ENCODING).filter(|it| *it != "identity")
        {
            let encoding = foreign::word(&String::from_utf8_lossy(encoding.as_bytes()), 40);
            return Err(Miss::Encoded { status, encoding });
        }
        let body = beginning(answer).await;
        let body = body.map_err(|error| Miss::BrokeOff { status, source: root_cause(error) })?;
        if pattern.matches(&body) { Ok(()) } else { Err(Miss::Body { status, read: body.len() }) }
    }
}

/// Whose certificates are trusted.
#[derive(Clone, Copy)]
pub(crate) enum Roots {
    /// Those that the machine trusts.
    OfTheMachine,
    /// Nobody's, because none is looked at: redirects are not followed, so plain HTTP stays plain.
    None,
}

/// How TLS is spoken: by this check alone. What the rest of the process does is its own affair.
pub(crate) fn tls(roots: Roots) -> Result<ClientConfig, rustls::Error> {
    let cryptography = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(cryptography).with_safe_default_protocol_versions()?;
    let builder = match roots {
        Roots::OfTheMachine => builder.with_platform_verifier()?,
        Roots::None => builder.with_root_certificates(RootCertStore::empty()),
    };
    let mut config = builder.with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// The body, as far as it is looked at.
async fn beginning(mut answer: Response) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    while body.len() < HealthCheck::BODY_LIMIT {
        let Some(chunk) = answer.chunk().await? else { break };
        let room = HealthCheck::BODY_LIMIT - body.len();
        body.extend(chunk.iter().take(room));
    }
    Ok(body)
}

/// The innermost cause, which says "connection refused" where the outermost says "error sending". The
/// URL is left out: a token may be in it.
pub(crate) fn root_cause(error: reqwest::Error) -> Cause {
    let error = error.without_url();
    let mut cause: &dyn Error = &error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    Cause::said(&cause.to_string())
}
