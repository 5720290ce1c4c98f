//! Samples and laws of going back.

mod redeploying;
mod selecting;

use super::*;
use crate::deployment::tests::deployment;
use crate::deployment::{
    Deployment, EcsRollout, HealthCheckResult, Progress, ProgressParts, Status,
};
use crate::{CommitSha, DeploymentId, Timestamp, Version};

fn time(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(1_760_000_000 + seconds).unwrap()
}

fn version(text: &str) -> Version {
    text.parse().unwrap()
}

/// The commit of a version in these tests.
fn commit_of(version: &Version) -> CommitSha {
    let bytes = [version.major(), version.minor(), version.patch()].map(|n| n as u8);
    CommitSha::from_bytes(std::array::from_fn(|index| bytes[index % 3]))
}

/// How a deployment that ended then says so.
fn progress(status: Status, end: i64) -> Progress {
    let mut parts = ProgressParts::of(status);
    match status {
        Status::Queued => parts.queue_position = Some(1),
        Status::InProgress => parts.started_at = Some(time(end)),
        _ => (parts.started_at, parts.completed_at) = (Some(time(end - 5)), Some(time(end))),
    }
    if status == Status::RolledBack {
        parts.rolled_back_at = Some(time(end + 1));
        parts.rolled_back_to = Some(version("api/v0.9.0"));
    }
    if status == Status::Failed {
        parts.error_message = Some("no answer".to_owned());
    }
    parts.check().unwrap()
}

/// A deployment of a version that ended then; its ID tells the time as well.
fn record(text: &str, status: Status, end: i64) -> Deployment {
    let version = version(text);
    let id = DeploymentId::new(time(end), "abc123").unwrap();
    let commit_sha = commit_of(&version);
    Deployment { id, version, commit_sha, progress: progress(status, end), ..deployment() }
}

fn good(text: &str, end: i64) -> Deployment {
    record(text, Status::Succeeded, end)
}

/// A failed deployment that ECS had begun with; `restored` once the service was put back.
fn rolled_out(text: &str, end: i64, restored: bool) -> Deployment {
    let rollout = EcsRollout {
        cluster: "main".into(),
        service: "api".into(),
        container: "api".into(),
        image: "api:1".into(),
        task_definition: Some(format!("arn:{text}")),
        previous_task_definition: Some("arn:before".into()),
        ecs_deployment_id: Some("ecs-svc/1".into()),
        restored_task_definition: restored.then(|| "arn:before".into()),
    };
    Deployment { rollout: Some(rollout.into()), ..record(text, Status::Failed, end) }
}

#[test]
fn the_newest_word_counts() {
    let told = |records: &[Deployment]| match standing(&version("api/v1.0.0"), records) {
        Standing::Good(_) => "good",
        Standing::Bad(_) => "bad",
        Standing::Undecided(_) => "undecided",
        Standing::Unknown => "unknown",
    };
    let (v, failed) = ("api/v1.0.0", |end| rolled_out("api/v1.0.0", end, true));
    assert_eq!(told(&[good("api/v1.0.1", 5), good("v1.0.0", 6)]), "unknown");
    assert_eq!(told(&[good(v, 5)]), "good");
    assert_eq!(told(&[failed(9), good(v, 5)]), "bad");
    assert_eq!(told(&[failed(5), good(v, 9)]), "good");
    assert_eq!(told(&[record(v, Status::RolledBack, 5)]), "bad");
    assert_eq!(told(&[record(v, Status::Cancelled, 9), good(v, 5)]), "good");
    assert_eq!(told(&[record(v, Status::InProgress, 9), failed(5)]), "bad");
    assert_eq!(told(&[record(v, Status::Failed, 9)]), "undecided");
    assert_eq!(told(&[record(v, Status::Failed, 9), good(v, 5)]), "good");
}

#[test]
fn a_failed_health_check_is_a_verdict_and_a_passed_one_is_not() {
    let v = "api/v1.0.0";
    let told = |health_check| {
        let failed = Deployment { health_check, ..rolled_out(v, 9, true) };
        standing(&version(v), &[good(v, 5), failed]) == Standing::Good(&good(v, 5))
    };
    assert!(!told(None) && !told(Some(HealthCheckResult::Timeout)));
    assert!(told(Some(HealthCheckResult::Passed { response_time_ms: None })));
    let without_target =
        Deployment { rollout: None, health_check: Some(HealthCheckResult::Failed), ..good(v, 9) };
    let failed = Deployment { progress: progress(Status::Failed, 9), ..without_target };
    assert!(matches!(standing(&version(v), &[failed]), Standing::Bad(_)));
}

#[test]
fn what_failed_or_was_taken_back_is_never_known_good() {
    let records = [
        good("api/v1.0.0", 5),
        record("api/v1.1.0", Status::RolledBack, 6),
        rolled_out("api/v1.2.0", 7, true),
        record("api/v1.3.0", Status::Cancelled, 8),
        good("web/v1.0.0", 9),
    ];
    let api = "api".parse().unwrap();
    assert_eq!(last_known_good(&records, Some(&api)), Some(&records[0]));
    assert_eq!(last_known_good(&records, None), Some(&records[4]));
    assert_eq!(last_known_good(&records[1..4], None), None);
}
