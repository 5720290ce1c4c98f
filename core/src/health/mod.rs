//! HTTP health checks: ask a URL until it answers as expected, or the time is up.
//!
//! An adapter: it does I/O and sleeps. Dropping the future abandons the check. It leaves out what the
//! answer means for the deployment, which is the engine's to say, and never keeps a response body.

mod ask;

use std::time::Duration;

use ask::Ask;
pub(crate) use ask::{Roots, root_cause, tls};
use tokio::time::Instant;

use crate::base::pattern::BodyPattern;
use crate::base::url::HealthCheckUrl;
use crate::deployment::HealthTerms;
pub use crate::deployment::engine::{Health, Miss, Unhealthy};

#[cfg(test)]
mod tests;

/// As a record keeps it.
fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl HealthCheck {
    /// What may be recorded of it.
    #[must_use]
    pub fn terms(&self) -> HealthTerms {
        HealthTerms {
            expected_status: self.expected_status,
            expected_body: self.expected_body.clone(),
            interval_ms: milliseconds(self.interval),
            retries: self.retries,
            attempt_timeout_ms: milliseconds(self.attempt_timeout),
            timeout_ms: milliseconds(self.timeout),
            url_is_cut: self.url != self.url.without_query(),
        }
    }

    /// The same check once more, by what is on record of it.
    #[must_use]
    pub fn again(url: HealthCheckUrl, terms: &HealthTerms) -> Self {
        Self {
            url,
            expected_status: terms.expected_status,
            expected_body: terms.expected_body.clone(),
            interval: Duration::from_millis(terms.interval_ms.max(10)),
            retries: terms.retries,
            attempt_timeout: Duration::from_millis(terms.attempt_timeout_ms),
            timeout: Duration::from_millis(terms.timeout_ms),
        }
    }
}

/// What to ask, and how patiently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthCheck {
    /// The endpoint. Redirects are not followed: they are an answer of their own.
    pub url: HealthCheckUrl,
    /// The status that means healthy.
    pub expected_status: u16,
    /// What the body has to match besides, in its first [`HealthCheck::BODY_LIMIT`] bytes.
    pub expected_body: Option<BodyPattern>,
    /// The pause between two attempts.
    pub interval: Duration,
    /// How many attempts there may be after the first; as many as the time allows where absent.
    pub retries: Option<u32>,
    /// How long one attempt may take, from looking up the name to the last byte it needs.
    pub attempt_timeout: Duration,
    /// How long all attempts may take together.
    pub timeout: Duration,
}

impl HealthCheck {
    /// How much of a body is read at most, in bytes.
    pub const BODY_LIMIT: usize = 64 * 1024;

    /// Why this machine cannot make the check, where that is known before anything is asked: a machine that
    /// trusts no certificate can only be told so by HTTPS.
    #[must_use]
    pub fn obstacle(&self) -> Option<String> {
        self.unready(|| tls(Roots::OfTheMachine).map(drop))
    }

    fn unready(&self, look: impl FnOnce() -> Result<(), rustls::Error>) -> Option<String> {
        let found = if self.url.is_https() { look() } else { Ok(()) };
        found.err().map(|error| format!("no certificate authority that it trusts ({error})"))
    }

    /// Asks until the expected answer comes, or [`HealthCheck::timeout`] is over, or all
    /// [`HealthCheck::retries`] are used up.
    pub async fn run(&self) -> Health {
        match Ask::new(self) {
            Ok(ask) => self.repeat(|| ask.once()).await,
            Err(error) => Health::Failed(Unhealthy::NotMade(Some(error))),
        }
    }

    /// Makes attempts until one passes or no more may be made.
    async fn repeat<A>(&self, mut attempt: impl FnMut() -> A) -> Health
    where
        A: Future<Output = Result<(), Miss>>,
    {
        let started = Instant::now();
        let (mut attempts, mut last) = (0_u32, None);
        loop {
            attempts = attempts.saturating_add(1);
            let patience = self.timeout.saturating_sub(started.elapsed()).min(self.attempt_timeout);
            let asked = Instant::now();
            let miss = match tokio::time::timeout(patience, attempt()).await {
                Ok(Ok(())) => return Health::Passed { response_time_ms: millis(asked.elapsed()) },
                Ok(Err(miss)) => miss,
                Err(_) => Miss::Silent { within: patience },
            };
            let miss = self.telling(last, miss, patience);
            let tried_enough = self.retries.is_some_and(|retries| attempts > retries);
            if tried_enough || started.elapsed().saturating_add(self.interval) >= self.timeout {
                return self.given_up(miss, attempts, started.elapsed());
            }
            last = Some(miss);
            tokio::time::sleep(self.interval).await;
        }
    }

    /// What to tell after this attempt: what came of it, unless it got less time than an attempt may
    /// take and therefore says less than the one before.
    fn telling(&self, last: Option<Miss>, miss: Miss, patience: Duration) -> Miss {
        match (last, miss) {
            (Some(before), Miss::Silent { .. }) if patience < self.attempt_timeout => before,
            (_, miss) => miss,
        }
    }

    fn given_up(&self, source: Miss, attempts: u32, spent: Duration) -> Health {
        Health::Failed(Unhealthy::Missed { url: self.url.clone(), attempts, spent, source })
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
