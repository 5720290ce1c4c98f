//! When a health check asks, how long it waits, and what it makes of real answers.

mod answers;
mod patience;
mod server;

use super::*;

/// One attempt, with time enough for a busy machine.
fn check(url: &str) -> HealthCheck {
    HealthCheck {
        url: url.parse().unwrap(),
        expected_status: 200,
        expected_body: None,
        interval: Duration::from_millis(10),
        retries: Some(0),
        attempt_timeout: Duration::from_secs(600),
        timeout: Duration::from_secs(1200),
    }
}

/// Attempts of a check that soon gives up, for endpoints that never answer, however long they are given.
fn hasty(check: &mut HealthCheck) {
    check.retries = None;
    check.attempt_timeout = Duration::from_millis(300);
    check.timeout = Duration::from_millis(800);
}
