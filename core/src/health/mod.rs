//! HTTP health checks: ask a URL until it answers as expected, or the time is up.
//!
//! An adapter: it does I/O and sleeps. Dropping the future abandons the check. It leaves out what the
//! answer means for the deployment, which is the engine's to say, and never keeps a response body.

use std::time::{Duration, Instant};

use reqwest::redirect::Policy;

use crate::engine::deploy::Health;
use crate::model::url::HealthCheckUrl;

#[cfg(test)]
mod tests;

/// What to ask, and how patiently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthCheck {
    /// The endpoint. Redirects are not followed: they are an answer of their own.
    pub url: HealthCheckUrl,
    /// The status that means healthy.
    pub expected_status: u16,
    /// The pause between two attempts.
    pub interval: Duration,
    /// How long one attempt may take.
    pub attempt_timeout: Duration,
    /// How long all attempts may take together.
    pub timeout: Duration,
}

/// How one attempt ended without passing.
enum Miss {
    /// An answer came, and was wrong.
    Answered(String),
    /// No answer came in time.
    Silent(String),
}

impl HealthCheck {
    /// Asks until the expected status comes, or [`HealthCheck::timeout`] is over.
    pub async fn run(&self) -> Health {
        let client = match client() {
            Ok(client) => client,
            Err(error) => {
                return Health::Failed { reason: format!("no HTTP client: {error}") };
            }
        };
        let started = Instant::now();
        let mut attempts = 0_u32;
        loop {
            attempts += 1;
            let left = self.timeout.saturating_sub(started.elapsed());
            let asked = Instant::now();
            let miss = match self.attempt(&client, left.min(self.attempt_timeout)).await {
                Ok(()) => return Health::Passed { response_time_ms: millis(asked.elapsed()) },
                Err(miss) => miss,
            };
            if started.elapsed() + self.interval >= self.timeout {
                return self.given_up(miss, attempts);
            }
            tokio::time::sleep(self.interval).await;
        }
    }

    async fn attempt(&self, client: &reqwest::Client, patience: Duration) -> Result<(), Miss> {
        let sent = client.get(self.url.as_str()).timeout(patience).send().await;
        match sent {
            Ok(answer) if answer.status().as_u16() == self.expected_status => Ok(()),
            Ok(answer) => Err(Miss::Answered(format!(
                "it answered {}, expected {}",
                answer.status().as_u16(),
                self.expected_status
            ))),
            Err(error) if error.is_timeout() => {
                Err(Miss::Silent(format!("no answer within {} ms", millis(patience))))
            }
            Err(error) => Err(Miss::Answered(root_cause(&error))),
        }
    }

    fn given_up(&self, miss: Miss, attempts: u32) -> Health {
        let tries =
            if attempts == 1 { "1 attempt".to_owned() } else { format!("{attempts} attempts") };
        let within = self.timeout.as_secs_f64();
        // What follows a question mark may be a token.
        let url = self.url.as_str().split(['?', '#']).next().unwrap_or_default();
        match miss {
            Miss::Answered(last) => {
                Health::Failed { reason: format!("{url} after {tries} in {within} s: {last}") }
            }
            Miss::Silent(last) => {
                Health::TimedOut { reason: format!("{url} after {tries} in {within} s: {last}") }
            }
        }
    }
}

fn client() -> Result<reqwest::Client, reqwest::Error> {
    // A second call finds the provider installed already, which is what was wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(Policy::none())
        .user_agent(concat!("terraform-provider-pipeline/", env!("CARGO_PKG_VERSION")))
        .build()
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The innermost cause, which says "connection refused" where the outermost says "error sending".
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
