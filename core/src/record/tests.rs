//! Records are read back as they were written, and bad ones are told apart.

use crate::audit::AuditRecord;
use crate::environment::{EnvironmentAtCommit, EnvironmentRecord};
use crate::queue::{Claimant, Lapses, QueueRecord};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::deployment::tests::deployment;
use crate::deployment::{Attempts, HealthCheckResult, Progress};
use crate::{Actor, CommitSha, DeploymentId, Environment, RuleId, Timestamp};

fn time(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(1_760_000_000 + seconds).unwrap()
}

fn actor(name: &str) -> Actor {
    name.parse().unwrap()
}

fn id(suffix: &str) -> DeploymentId {
    DeploymentId::new(time(0), suffix).unwrap()
}

fn environment() -> EnvironmentRecord {
    let environment: Environment = serde_json::from_value(json!({
        "name": "production",
        "config_path": "environments/production",
        "secrets_file": "environments/production/secrets.enc",
        "is_production": true,
        "approval": { "required": true, "approvers": ["bob"] },
        "hosting": {
            "resource_tier": "P1v2", "instance_count": 2, "backup_strategy": "zone-redundant",
            "storage_replication": "RA-GRS", "region": "eastus", "cost_budget_usd": 0.1,
            "monitoring_thresholds":
                { "latency_p95_ms": 500, "error_rate_percent": 0.3, "availability_percent": 99.95 },
        },
        "stacks": [{ "name": "App", "path": "lib/app.ts" }],
        "tests": ["npm run smoke"],
        "account": "123456789012",
        "aws_region": "eu-central-1",
        "tags": { "b": "2", "a": "1" },
    }))
    .unwrap();
    EnvironmentRecord {
        what: EnvironmentAtCommit { environment, commit_sha: CommitSha::from_bytes([1; 20]) },
        registered_at: time(0),
        registered_by: actor("ada"),
        updated_at: None,
    }
}

/// The environment, under a policy for approvals.
fn under(policy: Value) -> EnvironmentRecord {
    let mut record = environment();
    let mut parts = record.what.environment.into_parts();
    parts.approval = serde_json::from_value(policy).unwrap();
    record.what.environment = Environment::new(parts).unwrap();
    record
}

#[test]
fn an_environment_is_written_for_every_release_unless_it_says_more() {
    let plain = under(json!({ "required": true, "approvers": ["bob", "carol"] }));
    let text = plain.to_json().unwrap();
    assert!(text.contains("\"schema_version\": 1\n") && !text.contains("readable_since"));
    for more in [
        json!({ "required": true, "count": 2 }),
        json!({ "required": true, "valid_for": 60 }),
        json!({ "required": true, "allow_trigger": true }),
        json!({ "required": true, "allowed_signers": ["bob ssh-ed25519 AAAA"] }),
    ] {
        let record = under(more.clone());
        survives(&record);
        let text = record.to_json().unwrap();
        assert!(text.contains("\"schema_version\": 2\n"), "{more}: {text}");
        assert!(text.contains("readable_since"), "{more}");
    }
}

fn survives<T: Record + PartialEq + std::fmt::Debug>(record: &T) {
    let text = record.to_json().unwrap();
    assert_eq!(&T::from_json(text.as_bytes()).unwrap(), record);
    assert_eq!(T::from_json(text.as_bytes()).unwrap().to_json().unwrap(), text);
}

#[test]
fn records_are_read_back() {
    survives(&environment());
    survives(&deployment());
    let queue = QueueRecord::new("staging".parse().unwrap());
    survives(&queue);
    let queue = queue.enqueue(claimant("aaaaaa", "ada"), time(0));
    survives(&queue);
    let claimed = queue.claim(claimant("aaaaaa", "ada"), time(1), Lapses::default()).unwrap();
    survives(&claimed.queue);
    survives(&AuditRecord {
        at: time(0),
        actor: actor("ada"),
        approved_by: actor("bob"),
        reason: "hotfix".into(),
        action: "move tag v1.2.3".into(),
        rules: vec!["TAG009".into()],
        before: Some(CommitSha::from_bytes([1; 20])),
        after: None,
    });
}

/// A release that does not know a policy must not pass it over; one that says nothing new stays readable.
#[test]
fn an_environment_says_by_which_version_it_is_read() {
    let plain = environment();
    let text = plain.to_json().unwrap();
    assert!(text.contains("\"schema_version\": 1\n") && !text.contains("readable_since"), "{text}");
    for word in ["freezes", "freeze_windows", "after", "soak"] {
        assert!(!text.contains(word), "{text}");
    }
    let freeze = json!({ "name": "Year end", "from": "2026-12-20T18:00", "to": "2027-01-03T08:00",
        "timezone": "Europe/Berlin" });
    let window = json!({ "name": "No Fridays", "days": ["fri"], "from": "14:00", "to": "24:00",
        "timezone": "UTC" });
    let after = json!({ "environments": ["staging"], "match": "any", "condition": "running" });
    let mut parts = serde_json::to_value(&*plain.environment).unwrap();
    for (word, value) in [
        ("freezes", json!([freeze])),
        ("freeze_windows", json!([window])),
        ("after", after),
        ("soak", json!("1h30m")),
    ] {
        parts[word] = value;
        // A soak needs what comes before.
        let environment: Environment = serde_json::from_value(parts.clone()).unwrap();
        let what = EnvironmentAtCommit { environment, ..plain.what.clone() };
        let record = EnvironmentRecord { what, ..plain.clone() };
        survives(&record);
        let text = record.to_json().unwrap();
        assert!(
            text.contains("\"schema_version\": 2") && text.contains("readable_since"),
            "{text}"
        );
    }
}

#[test]
fn json_is_canonical() {
    let text = AuditRecord {
        at: time(0),
        actor: actor("ada"),
        approved_by: actor("bob"),
        reason: "hotfix".into(),
        action: "move tag v1.2.3".into(),
        rules: vec!["TAG009".into()],
        before: None,
        after: None,
    }
    .to_json()
    .unwrap();
    let keys: Vec<&str> = text.lines().filter_map(|line| line.trim().split('"').nth(1)).collect();
    let top = [
        "action",
        "actor",
        "approved_by",
        "at",
        "kind",
        "reason",
        "rules",
        "TAG009",
        "schema_version",
    ];
    assert_eq!(keys, top);
    assert!(text.ends_with("}\n"));
}

#[test]
fn bad_records_are_told_apart() {
    let read = |text: &str| QueueRecord::from_json(text.as_bytes()).unwrap_err();
    assert!(matches!(read("{"), RecordError::NotJson { .. }));
    assert!(matches!(read("[]"), RecordError::NotAnObject { .. }));
    assert!(matches!(read(r#"{"schema_version":1}"#), RecordError::OtherKind { .. }));
    let other = read(r#"{"kind":"deployment","schema_version":1}"#);
    assert_eq!(other, RecordError::OtherKind { kind: "queue", found: "deployment".into() });
    assert_eq!(read(r#"{"kind":"queue"}"#), RecordError::NoVersion { kind: "queue" });
    let zero = read(r#"{"kind":"queue","schema_version":0,"environment":"a"}"#);
    assert_eq!(zero, RecordError::NoVersion { kind: "queue" });
    let newer = read(r#"{"kind":"queue","schema_version":4,"shape":"new"}"#);
    let (kind, release) = ("queue", None);
    assert_eq!(newer, RecordError::Newer { kind, found: 4, known: 3, release });
    assert!(newer.to_string().contains("upgrade to the release that wrote it"), "{newer}");
    let told =
        read(r#"{"kind":"queue","schema_version":4,"readable_since":"0.9.0","shape":"new"}"#);
    assert!(told.to_string().ends_with("upgrade to release 0.9.0 or newer"), "{told}");
    let odd = read(r#"{"kind":"queue","schema_version":4,"readable_since":"\u001b[2J"}"#);
    assert!(odd.to_string().ends_with("upgrade to the release that wrote it"), "{odd}");
    let invalid = read(r#"{"kind":"queue","schema_version":1,"environment":"A"}"#);
    assert!(invalid.to_string().contains("QUE001"), "{invalid}");
}

/// A later release may add attributes: an earlier one reads the rest.
#[test]
fn what_a_later_release_adds_hides_nothing() {
    let later = |text: String| {
        let mut value: Value = serde_json::from_str(&text).unwrap();
        value["added_later"] = json!({"deep": [1, 2.5, "three"]});
        value.to_string().into_bytes()
    };
    let queue = QueueRecord::new("staging".parse().unwrap());
    let queue = queue.claim(claimant("aaaaaa", "ada"), time(0), Lapses::default()).unwrap().queue;
    assert_eq!(QueueRecord::from_json(&later(queue.to_json().unwrap())).unwrap(), queue);
    let deployment = deployment();
    assert_eq!(Deployment::from_json(&later(deployment.to_json().unwrap())).unwrap(), deployment);
    let record = environment();
    assert_eq!(EnvironmentRecord::from_json(&later(record.to_json().unwrap())).unwrap(), record);
}

/// The stored form does not change under those who have it: what the first release wrote is read, and
/// written again to the letter.
#[test]
fn what_the_first_release_wrote_stays_as_it_is() {
    let text = r#"{
  "commit_sha": "0303030303030303030303030303030303030303",
  "completed_at": "2025-10-09T08:54:25Z",
  "deployment_id": "deploy-20251009-085320-abc123",
  "environment": "production",
  "git_operations_attempts": 1,
  "health_check_response_time_ms": 12,
  "health_check_status": "passed",
  "kind": "deployment",
  "previous_version": "api/v1.2.2",
  "requested_at": "2025-10-09T08:53:20Z",
  "schema_version": 1,
  "started_at": "2025-10-09T08:53:25Z",
  "status": "succeeded",
  "triggered_by": "ada",
  "uuid": "05050505-0505-4505-8505-050505050505",
  "version": "api/v1.2.3",
  "will_move_env_tag": true
}
"#;
    let read = Deployment::from_json(text.as_bytes()).unwrap();
    assert_eq!(read.health_check, Some(HealthCheckResult::Passed { response_time_ms: Some(12) }));
    assert_eq!(read.duration_seconds(), Some(60));
    assert_eq!(read.to_json().unwrap(), text);
}

#[test]
fn a_record_that_breaks_a_rule_is_not_read() {
    let text = deployment().to_json().unwrap().replace("\"queued\"", "\"succeeded\"");
    let told = Deployment::from_json(text.as_bytes()).unwrap_err().to_string();
    assert!(
        told.contains("DEP003") && told.contains("DEP004") && told.contains("DEP005"),
        "{told}"
    );
}

use crate::Deployment;

fn claimant(unique: &str, holder: &str) -> Claimant {
    Claimant { deployment_id: id(unique), holder: actor(holder), lease_seconds: 60 }
}

#[test]
fn an_environment_is_held_by_one() {
    let queue = QueueRecord::new("staging".parse().unwrap());
    let held = queue.claim(claimant("aaaaaa", "ada"), time(0), Lapses::default()).unwrap().queue;
    let bob = || claimant("bbbbbb", "bob");
    let busy = held.clone().claim(bob(), time(59), Lapses::default()).unwrap_err();
    assert_eq!(busy.rule, RuleId::BUS001);
    assert!(busy.found.contains("aaaaaa") && busy.found.contains("ada"), "{busy}");
    let renewed = held.clone().renew(&id("aaaaaa"), time(50)).unwrap();
    assert!(renewed.holder(time(170)).is_some() && renewed.holder(time(171)).is_none());
    assert_eq!(renewed.release(&id("aaaaaa"), time(51)).unwrap().current, None);

    assert!(
        !held.is_over(time(120)) && held.is_over(time(121)),
        "by clocks that differ by less than a lease"
    );
    let lapses = Lapses { holder: true, waiting: 0 };
    let taken = held.claim(bob(), time(121), lapses).unwrap();
    assert_eq!(taken.superseded.unwrap().deployment_id, id("aaaaaa"));
    let lost = taken.queue.clone().release(&id("aaaaaa"), time(122)).unwrap_err();
    assert_eq!(lost.rule, RuleId::QUE008);
    assert!(taken.queue.renew(&id("aaaaaa"), time(122)).is_err());
}

#[test]
fn the_head_of_the_queue_goes_first() {
    let queue = QueueRecord::new("staging".parse().unwrap())
        .enqueue(claimant("aaaaaa", "ada"), time(0))
        .enqueue(claimant("bbbbbb", "bob"), time(1))
        .enqueue(claimant("aaaaaa", "ada"), time(2));
    assert_eq!(queue.position(&id("bbbbbb")), Some(2));
    let bob = || claimant("bbbbbb", "bob");
    let refused = queue.clone().claim(bob(), time(3), Lapses::default()).unwrap_err();
    assert_eq!(refused.rule, RuleId::QUE007);
    let ada = claimant("aaaaaa", "ada");
    let claimed = queue.clone().claim(ada, time(3), Lapses::default()).unwrap().queue;
    assert_eq!(claimed.position(&id("bbbbbb")), Some(1));
    assert_eq!(claimed.without(&id("bbbbbb"), time(4)).waiting, []);

    let over = queue.claim(bob(), time(130), Lapses { holder: false, waiting: 1 }).unwrap();
    assert_eq!(over.passed_over[0].deployment_id, id("aaaaaa"));
    assert_eq!(over.queue.waiting, []);
}

#[test]
fn the_turn_of_the_head_begins_when_the_environment_is_free() {
    let queue = QueueRecord::new("staging".parse().unwrap());
    let queue = queue.claim(claimant("aaaaaa", "ada"), time(0), Lapses::default()).unwrap().queue;
    let queue = queue.enqueue(claimant("bbbbbb", "bob"), time(1));
    let queue = queue.enqueue(claimant("cccccc", "cy"), time(2));
    assert_eq!(queue.turn_since, None);
    let free = queue.release(&id("aaaaaa"), time(9)).unwrap();
    assert_eq!(free.turn_since, Some(time(9)));
    let last = free.clone().without(&id("cccccc"), time(10));
    assert_eq!(last.turn_since, Some(time(9)));
    let next = free.without(&id("bbbbbb"), time(11));
    assert_eq!(next.turn_since, Some(time(11)));
    assert_eq!(next.without(&id("cccccc"), time(12)).turn_since, None);
}

#[test]
fn a_queue_is_abandoned_when_all_who_wait_let_their_turns_pass() {
    let empty = QueueRecord::new("staging".parse().unwrap());
    assert!(!empty.is_abandoned(time(900), 60));
    let held = empty.claim(claimant("aaaaaa", "ada"), time(0), Lapses::default()).unwrap().queue;
    let held = held.enqueue(claimant("bbbbbb", "bob"), time(1));
    let held = held.enqueue(claimant("cccccc", "cy"), time(2));
    let free = held.clone().release(&id("aaaaaa"), time(10)).unwrap();
    assert!(!held.is_abandoned(time(240), 0) && held.is_abandoned(time(241), 0));
    assert!(!free.is_abandoned(time(189), 60) && free.is_abandoned(time(190), 60));
}

fn any_progress() -> impl Strategy<Value = Progress> {
    let version = || proptest::option::of(Just("api/v1.0.0".parse().unwrap()));
    let text = "[ -~äöü\"\\\\\n]{0,12}";
    prop_oneof![
        (1..9_u32, proptest::option::of(0..900_u64)).prop_map(|(position, wait)| {
            Progress::Queued {
                position: position.try_into().unwrap(),
                estimated_wait_seconds: wait,
            }
        }),
        Just(Progress::InProgress { started_at: time(1) }),
        Just(Progress::Succeeded { started_at: time(1), completed_at: time(9) }),
        (text, version()).prop_map(|(error_message, rolled_back_to)| Progress::Failed {
            started_at: time(1),
            completed_at: time(2),
            error_message,
            rolled_back_to,
        }),
        (proptest::option::of(text), version(), any::<bool>()).prop_map(
            |(reason, rolled_back_to, begun)| Progress::Cancelled {
                started_at: begun.then(|| time(1)),
                completed_at: time(2),
                reason,
                rolled_back_to,
            }
        ),
        version().prop_map(|rolled_back_to| Progress::RolledBack {
            started_at: time(1),
            completed_at: time(2),
            rolled_back_at: time(3),
            rolled_back_to,
        }),
    ]
}

fn any_deployment() -> impl Strategy<Value = Deployment> {
    let health = prop_oneof![
        Just(None),
        proptest::option::of(0..u64::MAX)
            .prop_map(|response_time_ms| Some(HealthCheckResult::Passed { response_time_ms })),
        Just(Some(HealthCheckResult::Failed)),
        Just(Some(HealthCheckResult::Timeout)),
    ];
    let url = proptest::option::of(Just("https://example.com/health"));
    let run = proptest::option::of(1..u64::MAX);
    (any_progress(), health, url, run, 1..4_i64, any::<[u8; 16]>()).prop_map(
        |(progress, health_check, url, run, attempts, uuid)| Deployment {
            progress,
            health_check,
            health_check_url: url.map(|url| url.parse().unwrap()),
            public_url: url.map(|url| url.parse().unwrap()),
            workflow_run_id: run.map(|run| run.to_string().parse().unwrap()),
            attempts: Attempts::new(attempts).unwrap(),
            uuid: crate::DeploymentUuid::from_random(uuid),
            ..deployment()
        },
    )
}

proptest! {
    #[test]
    fn deployments_round_trip(deployment in any_deployment()) {
        let text = deployment.to_json().unwrap();
        let read = Deployment::from_json(text.as_bytes()).unwrap();
        prop_assert_eq!(&read, &deployment);
        prop_assert_eq!(read.to_json().unwrap(), text);
    }

    #[test]
    fn thresholds_and_budgets_round_trip(budget in 0.0001..1e9_f64, share in 0.0..100.0_f64) {
        let text = environment().to_json().unwrap();
        let mut value: Value = serde_json::from_str(&text).unwrap();
        value["environment"]["hosting"]["cost_budget_usd"] = json!(budget);
        value["environment"]["hosting"]["monitoring_thresholds"]["error_rate_percent"] = json!(share);
        let record = EnvironmentRecord::from_json(value.to_string().as_bytes()).unwrap();
        survives(&record);
        let hosting = record.environment.hosting.clone().unwrap();
        prop_assert_eq!(hosting.cost_budget_usd.amount(), budget);
        prop_assert_eq!(hosting.monitoring_thresholds.error_rate_percent(), share);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        prop_assert!(Deployment::from_json(&bytes).is_err());
    }
}
