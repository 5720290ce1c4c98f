//! The state file of document 003: samples, laws, and every field that can be bad.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::deployment::Progress;
use crate::deployment::tests::deployment;

fn time(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds).unwrap()
}

fn record(seconds: i64, outcome: Outcome003) -> StateRecord {
    let timestamp = time(seconds);
    StateRecord {
        deployment_id: UnixDeploymentId::new(timestamp).unwrap(),
        timestamp,
        commit_sha: CommitSha::from_bytes([7; 20]),
        attempts: Attempts::new(2).unwrap(),
        outcome,
    }
}

fn failure(text: &str) -> Outcome003 {
    Outcome003::Failure { error_message: Some(text.to_owned()) }
}

#[test]
fn the_state_file_keeps_the_last_known_good() {
    let good = DeploymentState::default().after(record(10, Outcome003::Success));
    let failed = good.clone().after(record(20, failure("x")));
    assert_eq!(failed.last_known_good, good.last_known_good);
    assert_eq!(failed.history.len(), 1);
    assert_eq!(failed.faults_after(&good, &record(20, failure("x"))), []);
    let forgotten = DeploymentState { last_known_good: None, ..failed };
    let faults = forgotten.faults_after(&good, &record(20, failure("x")));
    assert_eq!(faults[0].rule, RuleId::DEP056);
}

#[test]
fn what_was_taken_back_is_no_longer_good() {
    let two = DeploymentState::default()
        .after(record(10, Outcome003::Success))
        .after(record(20, Outcome003::Success));
    let back = two.after(record(20, Outcome003::RolledBack));
    assert_eq!(back.last_known_good.as_ref().unwrap().timestamp, time(10));
    let outcomes: Vec<_> = back.history.iter().map(|it| it.outcome.status()).collect();
    assert_eq!(outcomes, [Status::Succeeded, Status::RolledBack]);
    assert_eq!(back.faults(), []);
    let none = back.after(record(10, Outcome003::RolledBack));
    assert_eq!(none.last_known_good, None);
}

#[test]
fn the_history_shows_the_newest_ten() {
    let mut state = DeploymentState::default();
    for seconds in 0..12 {
        state = state.after(record(seconds, Outcome003::Success));
    }
    assert_eq!(state.history.len(), SHOWN_HISTORY);
    assert_eq!(state.history[0].timestamp.unix_seconds(), 2);
}

#[test]
fn deployments_become_their_state() {
    let begun = || deployment().start(time(1_760_000_001)).unwrap();
    let good = begun().succeed(time(1_760_000_002)).unwrap();
    let back = good.clone().roll_back(time(1_760_000_003), None).unwrap();
    let records = [good.clone(), back, begun(), deployment()];
    let (state, left_out) = DeploymentState::of(&records);
    assert_eq!(left_out, []);
    assert_eq!(state.last_known_good, None, "the same deployment, taken back");
    let early = Deployment { requested_at: time(-5), ..good.clone() };
    let records = [early, good];
    let (state, left_out) = DeploymentState::of(&records);
    assert_eq!(left_out.len(), 1, "document 003 counts seconds from 1970");
    assert!(state.last_known_good.is_some());
}

/// The example of the document.
const DOCUMENT: &str = r#"{
  "currentDeployment": {
    "deployment_id": "deploy-1729433445",
    "timestamp": "2025-10-20T14:30:45Z",
    "commit_sha": "5c04b60a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e",
    "status": "success",
    "git_operations_attempts": 1
  },
  "lastKnownGood": {
    "deployment_id": "deploy-1729433445",
    "commit_sha": "5c04b60a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e",
    "timestamp": "2025-10-20T14:30:45Z"
  },
  "history": [
    {
      "deployment_id": "deploy-1729433400",
      "timestamp": "2025-10-20T14:30:00Z",
      "commit_sha": "3e4f5a6b7c8d9e0f1a2b3c4d5e6f7a8b9c0d1e2f",
      "status": "success",
      "git_operations_attempts": 2
    }
  ]
}"#;

#[test]
fn the_example_of_the_document_prints_back_to_the_letter() {
    assert_eq!(DeploymentState::from_json(DOCUMENT).unwrap().to_json().unwrap(), DOCUMENT);
}

#[test]
fn an_empty_file_is_a_beginning() {
    for text in ["{}", r#"{"currentDeployment": null, "lastKnownGood": null, "history": []}"#] {
        assert_eq!(DeploymentState::from_json(text), Ok(DeploymentState::default()));
    }
}

#[test]
fn what_is_no_state_file_is_refused() {
    for text in ["", "null", "[]", "{", "{} {}", "\"x\""] {
        let faults = DeploymentState::from_json(text).unwrap_err();
        assert!(faults.breaks(RuleId::OWN042), "{text}: {faults}");
    }
}

/// Rule and place of everything that is wrong with the example after a change.
fn faults(change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut json: Value = serde_json::from_str(DOCUMENT).unwrap();
    change(&mut json);
    let found = DeploymentState::from_json(&json.to_string()).unwrap_err();
    found.iter().map(|fault| format!("{} {}", fault.rule, fault.at)).collect()
}

#[test]
fn every_bad_field_is_named_with_its_place() {
    let found = faults(|json| {
        json["extra"] = json!(1);
        json["currentDeployment"]["deployment_id"] = json!("deploy-20251020-143045-abc123");
        json["currentDeployment"]["timestamp"] = json!("yesterday");
        json["currentDeployment"]["error_message"] = json!("x");
        json["lastKnownGood"]["commit_sha"] = json!("5c04b60");
        json["lastKnownGood"].as_object_mut().unwrap().remove("timestamp");
        json["history"][0]["status"] = json!("cancelled");
        json["history"][0]["git_operations_attempts"] = json!(4);
        let mut second = json["history"][0].clone();
        second["git_operations_attempts"] = json!(1.5);
        second["status"] = json!("failure");
        second["error_message"] = json!(["s3cret"]);
        second["who"] = json!("ada");
        json["history"].as_array_mut().unwrap().push(second);
        json["history"].as_array_mut().unwrap().push(json!(7));
    });
    let expected = [
        "OWN042 ",
        "DEP050 currentDeployment.deployment_id",
        "GLB001 currentDeployment.timestamp",
        "DEP053 currentDeployment.error_message",
        "TAG007 lastKnownGood.commit_sha",
        "OWN042 lastKnownGood.timestamp",
        "DEP051 history[0].status",
        "DEP052 history[0].git_operations_attempts",
        "OWN042 history[1]",
        "OWN042 history[1].git_operations_attempts",
        "OWN042 history[1].error_message",
        "OWN042 history[2]",
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_file_that_contradicts_itself_is_refused() {
    assert_eq!(faults(|it| it["lastKnownGood"] = json!(null)), ["DEP055 lastKnownGood"]);
    let failed = |it: &mut Value| it["currentDeployment"]["status"] = json!("failure");
    assert_eq!(faults(failed), ["DEP056 lastKnownGood"]);
    let one = |it: &Value| it["history"][0].clone();
    let eleven = |it: &mut Value| it["history"] = json!(vec![one(it); 11]);
    assert_eq!(faults(eleven), ["DEP055 history"]);
}

fn any_outcome() -> impl Strategy<Value = Outcome003> {
    prop_oneof![
        Just(Outcome003::Success),
        Just(Outcome003::RolledBack),
        proptest::option::of(".{0,20}")
            .prop_map(|error_message| Outcome003::Failure { error_message }),
    ]
}

fn any_record() -> impl Strategy<Value = StateRecord> {
    (0..40_i64, any_outcome(), 1..4_i64, any::<[u8; 20]>(), 0..1000_u32).prop_map(
        |(seconds, outcome, attempts, commit, fraction)| {
            let timestamp = format!("2025-10-20T14:30:{:02}.{fraction:03}Z", seconds % 60);
            StateRecord {
                timestamp: timestamp.parse().unwrap(),
                commit_sha: CommitSha::from_bytes(commit),
                attempts: Attempts::new(attempts).unwrap(),
                ..record(seconds, outcome)
            }
        },
    )
}

fn any_deployment() -> impl Strategy<Value = Deployment> {
    let status = proptest::sample::select(Status::ALL);
    (0..1_000_000_i64, status, 0..3_u8).prop_map(|(seconds, status, commit)| {
        let at = time(1_760_000_000 + seconds);
        let new = || Deployment {
            requested_at: at,
            commit_sha: CommitSha::from_bytes([commit; 20]),
            ..deployment()
        };
        let begun = || new().start(at).unwrap();
        let done = |progress| Deployment { progress, ..begun() };
        match status {
            Status::Queued => new(),
            Status::InProgress => begun(),
            Status::Succeeded => begun().succeed(at).unwrap(),
            Status::RolledBack => begun().succeed(at).unwrap().roll_back(at, None).unwrap(),
            Status::Failed => done(Progress::Failed {
                started_at: at,
                completed_at: at,
                error_message: "x".to_owned(),
                rolled_back_to: None,
            }),
            Status::Cancelled => done(Progress::Cancelled {
                started_at: Some(at),
                completed_at: at,
                reason: None,
                rolled_back_to: None,
            }),
        }
    })
}

proptest! {
    #[test]
    fn states_round_trip(records in proptest::collection::vec(any_record(), 0..30)) {
        let state = records.into_iter().fold(DeploymentState::default(), DeploymentState::after);
        let text = state.to_json().unwrap();
        let read = DeploymentState::from_json(&text);
        prop_assert_eq!(read.as_ref(), Ok(&state), "{}", text);
        prop_assert_eq!(read.unwrap().to_json().unwrap(), text);
    }

    #[test]
    fn a_state_never_forgets_nor_makes_up_what_is_good(
        records in proptest::collection::vec(any_deployment(), 0..25),
    ) {
        let (state, left_out) = DeploymentState::of(&records);
        prop_assert!(left_out.is_empty());
        prop_assert_eq!(state.faults(), vec![]);
        let good = records.iter().rev().find(|record| record.status() == Status::Succeeded);
        let known = state.last_known_good.map(|good| (good.commit_sha, good.timestamp));
        // Records of the same second and commit are one deployment to document 003.
        let same = |one: &&Deployment, other: &Deployment| {
            (one.commit_sha, one.requested_at) == (other.commit_sha, other.requested_at)
        };
        let twins = records.iter().any(|one| records.iter().filter(|it| same(it, one)).count() > 1);
        if !twins {
            prop_assert_eq!(known, good.map(|good| (good.commit_sha, good.requested_at)));
            let successes = records
                .iter()
                .filter(|it| matches!(it.status(), Status::Succeeded | Status::RolledBack))
                .count();
            prop_assert_eq!(state.history.len(), successes.min(SHOWN_HISTORY));
        }
    }

    #[test]
    fn no_text_breaks_the_reader(text in r#"(\{|\}|\[|\]|"history"|"currentDeployment"|:|,|null|1|"x"){0,12}"#) {
        let _ = DeploymentState::from_json(&text);
    }

    #[test]
    fn unix_ids_round_trip(seconds in 0..4_102_444_800_i64, text in "(deploy-)?[0-9]{1,11}") {
        let id = UnixDeploymentId::new(time(seconds)).unwrap();
        prop_assert_eq!(id.to_string().parse::<UnixDeploymentId>().unwrap(), id);
        if let Ok(id) = text.parse::<UnixDeploymentId>() {
            prop_assert_eq!(id.to_string(), text);
        }
    }
}
