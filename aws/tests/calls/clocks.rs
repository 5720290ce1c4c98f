//! Servers whose clock is not this machine's.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_sdk_ecs::primitives::{DateTime, DateTimeFormat};
use pipeline_aws::Connection;
use pipeline_aws::ecs::{EcsSettings, EcsTarget, Fault, Running};

use crate::server::{Ask, Reply, Server};

/// How far the server is ahead.
const AHEAD: Duration = Duration::from_secs(20 * 60);

fn written(at: SystemTime, format: DateTimeFormat) -> String {
    DateTime::from(at).fmt(format).unwrap()
}

/// When a request was signed, as it says itself.
fn signed_at(ask: &Ask) -> SystemTime {
    let date: Vec<char> = ask.headers["x-amz-date"].chars().collect();
    let part = |from: usize, to: usize| date[from..to].iter().collect::<String>();
    let (day, time) = (part(0, 8), part(9, 15));
    let text = format!(
        "{}-{}-{}T{}:{}:{}Z",
        &day[..4],
        &day[4..6],
        &day[6..],
        &time[..2],
        &time[2..4],
        &time[4..]
    );
    DateTime::from_str(&text, DateTimeFormat::DateTime).unwrap().try_into().unwrap()
}

/// ECS, whose clock is ahead; it knows no service.
fn ecs(ask: &Ask) -> Reply {
    let now = SystemTime::now() + AHEAD;
    let expired = now.duration_since(signed_at(ask)).is_ok_and(|age| age.as_secs() > 5 * 60);
    if expired { refused(now) } else { Reply::ok(MISSING) }
}

const MISSING: &str = r#"{"services": [], "failures": [{"reason": "MISSING"}]}"#;

fn refused(now: SystemTime) -> Reply {
    let message = "Signature expired: 20260101T000000Z is now earlier than 20260101T001500Z";
    Reply {
        status: 400,
        headers: vec![("Date", written(now, DateTimeFormat::HttpDate))],
        ..Reply::ok(format!(r#"{{"__type": "InvalidSignatureException", "message": "{message}"}}"#))
    }
}

async fn running(server: &Server) -> Result<Option<Running>, Fault> {
    let settings = EcsSettings {
        poll_interval: Duration::from_millis(10),
        ..EcsSettings::new("main", "web", "app", "web:1")
    };
    EcsTarget::new(Arc::new(Connection::local(&server.url)), settings).running().await
}

#[tokio::test]
async fn a_clock_that_is_ahead_is_allowed_for() {
    let server = Server::start(ecs);
    assert_eq!(running(&server).await, Ok(None));
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn a_clock_that_cannot_be_allowed_for_is_told() {
    let server = Server::start(|_| refused(SystemTime::now() + AHEAD));
    let fault = running(&server).await.unwrap_err();
    assert_eq!(fault.next(), "Set the clock of this machine, for example by NTP.");
    let told = fault.to_string();
    assert!(told.contains("clock of this machine is 20 min behind"), "{told}");
}
