//! Health checks against a small server of our own.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::world::{LEASE, at, commit, id, once, request, silence};
use super::*;
use crate::health::HealthCheck;
use crate::ledger::memory::Fault;

/// Answers every call with this status; tells when it was asked.
fn serve(status: u16) -> (String, Arc<Notify>) {
    let (tell, told) = channel();
    // Nobody is left who could tell, so there is nothing to wait for.
    drop(tell);
    serve_when(told, status)
}

/// The same, once it is told to, or nobody is left who could tell.
fn serve_when(told: Receiver<()>, status: u16) -> (String, Arc<Notify>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/health", listener.local_addr().unwrap());
    let asked = Arc::new(Notify::new());
    let tell = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 1024]);
            tell.notify_one();
            let _ = told.recv();
            let head = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n");
            let _ = stream.write_all(format!("{head}\r\n").as_bytes());
        }
    });
    (url, asked)
}

fn checked(n: u8, health_check: HealthCheck) -> Request {
    Request { health_check: Some(health_check), ..request(n) }
}

/// One attempt, with patience enough for a busy machine.
fn now(url: &str) -> HealthCheck {
    once(url, Duration::from_secs(600))
}

#[tokio::test]
async fn a_healthy_answer_is_success() {
    let world = World::new();
    let (url, _) = serve(200);
    let (report, commits) = world.commits_of(world.deploy(checked(1, now(&url)))).await;
    let Verdict::Recorded(Outcome::Succeeded { health: Some(_) }) = report.verdict else {
        panic!("{report:?}")
    };
    assert_eq!(commits, 2);
    let record = world.record("staging", 1).await.unwrap();
    assert!(matches!(record.health_check, Some(HealthCheckResult::Passed { .. })));
    assert_eq!(record.health_check_url, Some(url.parse().unwrap()));
    assert_eq!(world.tagged("api/staging"), Some(commit(1)));
}

/// Deploys over version 1, and sees it fail cleanly.
async fn fails(check: HealthCheck, expected: HealthCheckResult) -> String {
    let world = World::new();
    world.deploy(request(1)).await;
    let (report, commits) = world.commits_of(world.deploy(checked(2, check))).await;
    assert_eq!(commits, 2);
    let record = world.record("staging", 2).await.unwrap();
    assert_eq!((record.status(), record.health_check), (Status::Failed, Some(expected)));
    assert_eq!(record.progress.rolled_back_to(), Some(&"api/v1.1.0".parse().unwrap()));
    let evidence = completion::Evidence { health_check: record.health_check, ..Default::default() };
    assert_eq!(completion::obstacles(&evidence)[0].rule, RuleId::DEP039);
    assert_eq!(world.tagged("api/staging"), Some(commit(1)));
    assert!(world.is_free("staging").await);
    failed(&report)
}

#[tokio::test]
async fn a_wrong_answer_is_failure() {
    let (url, _) = serve(503);
    let reason = fails(now(&url), HealthCheckResult::Failed).await;
    assert!(reason.contains("503"), "{reason}");
}

#[tokio::test]
async fn no_answer_is_failure() {
    let (_listener, url) = silence();
    let reason = fails(once(&url, Duration::from_millis(300)), HealthCheckResult::Timeout).await;
    assert!(reason.contains("in time"), "{reason}");
}

#[tokio::test]
async fn an_interruption_ends_the_check() {
    let world = World::new();
    world.deploy(request(1)).await;
    // It never answers as long as this test runs.
    let (_tell, told) = channel();
    let (url, asked) = serve_when(told, 200);
    let stop = async move {
        asked.notified().await;
        "Ctrl-C".to_owned()
    };
    let (wanted, deployer) = (checked(2, now(&url)), world.deployer(world.store()));
    let deployed = deployer.deploy(wanted, NO_TARGET, stop);
    let ended = tokio::time::timeout(Duration::from_secs(300), deployed).await;
    let report = ended.expect("it waits for the check");
    assert_eq!(report.verdict, Verdict::Recorded(interrupted()));
    assert_eq!(world.status("staging", 2).await, Some(Status::Cancelled));
    assert_eq!(world.tagged("api/staging"), Some(commit(1)));
    assert!(world.is_free("staging").await);
}

#[tokio::test(start_paused = true)]
async fn a_check_may_take_longer_than_the_lease_that_is_renewed() {
    let start = Instant::now();
    let passed = move || at(i64::try_from(start.elapsed().as_secs()).unwrap());
    let world = World::new().with_clock(passed);
    let (tell, told) = channel();
    let (url, _) = serve_when(told, 200);
    // The service answers at the fourth renewal. Tokio's clock does not leap while a blocking task runs:
    // it stands still until the answer is there.
    let (_over, until) = channel::<()>();
    let store = world.store().before(4, async move {
        tokio::task::spawn_blocking(move || until.recv());
        tell.send(()).unwrap();
    });
    let wanted = checked(1, once(&url, Duration::from_secs(3_600)));
    let (report, commits) = world.commits_of(world.deploy_by(store, wanted)).await;
    assert_eq!(status(&report), Some(Status::Succeeded), "{report:?}");
    assert_eq!(commits, 6, "claim, four renewals, end");
    assert!(start.elapsed() > Duration::from_secs(LEASE.unsigned_abs()));
}

#[tokio::test]
async fn a_success_whose_end_was_refused_keeps_its_check() {
    let world = World::new();
    let (url, _) = serve(200);
    let store = world.store().fault(1, Fault::Rejected("no".to_owned()));
    let report = world.deploy_by(store, checked(1, now(&url))).await;
    assert!(failed(&report).contains("no"));
    let record = world.record("staging", 1).await.unwrap();
    assert!(matches!(record.health_check, Some(HealthCheckResult::Passed { .. })));
    assert_eq!(record.status(), Status::Failed);
}

#[tokio::test]
async fn an_environment_lost_by_the_end_of_a_check_is_known_to_be_lost() {
    let world = World::new();
    let other = world.clone();
    let (url, _) = serve(200);
    let takeover = async move { other.supersede(2).await };
    let store = world.store().before(1, takeover);
    let report = world.deploy_by(store, checked(1, now(&url))).await;
    assert!(unknown(&report).contains(id(2).as_str()), "{report:?}");
    assert_eq!(world.tagged("api/staging"), None);
}
