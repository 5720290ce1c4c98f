//! When a health check asks, how long it waits, and what it makes of real answers.

mod answers;
mod patience;
mod server;

use super::*;

fn check(url: &str) -> HealthCheck {
    HealthCheck {
        url: url.parse().unwrap(),
        expected_status: 200,
        expected_body: None,
        interval: Duration::from_millis(10),
        retries: None,
        attempt_timeout: Duration::from_millis(300),
        timeout: Duration::from_millis(800),
    }
}
