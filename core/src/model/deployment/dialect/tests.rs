//! The words of the documents, and their own deployments.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::model::timestamp::Timestamp;

#[test]
fn words_and_statuses_map_both_ways() {
    for dialect in Dialect::ALL {
        for status in Status::ALL {
            match dialect.word_for(*status) {
                Ok(word) => assert_eq!(dialect.read_status(word), Ok(*status), "{dialect} {word}"),
                Err(error) => assert!(error.to_string().contains(status.as_str()), "{error}"),
            }
        }
        for (status, word) in dialect.statuses() {
            assert_eq!(dialect.word_for(*status), Ok(*word));
        }
    }
}

#[test]
fn the_table_is_that_of_the_documents() {
    let words = |dialect: Dialect| -> Vec<&str> {
        Status::ALL.iter().map(|status| dialect.word_for(*status).unwrap_or("–")).collect()
    };
    assert_eq!(
        words(Dialect::D000),
        ["pending", "deploying", "deployed", "failed", "–", "rolled_back"]
    );
    assert_eq!(
        words(Dialect::D001),
        ["queued", "in_progress", "succeeded", "failed", "cancelled", "–"]
    );
    assert_eq!(words(Dialect::D002), ["–", "in-progress", "success", "failed", "–", "–"]);
    assert_eq!(words(Dialect::D003), ["–", "–", "success", "failure", "–", "rolled_back"]);
    assert_eq!(words(Dialect::D004), ["–", "–", "true", "false", "–", "–"]);
}

#[test]
fn what_has_no_word_is_a_named_error() {
    let told = Dialect::D002.word_for(Status::Cancelled).unwrap_err().to_string();
    assert_eq!(
        told,
        "document 002 has no word for a deployment that is `cancelled`; \
         it can express one of `in_progress`, `succeeded`, `failed`"
    );
}

#[test]
fn foreign_words_break_the_rule_of_their_document() {
    for (dialect, rule) in [
        (Dialect::D000, RuleId::GLB004),
        (Dialect::D001, RuleId::GLB004),
        (Dialect::D002, RuleId::DEP037),
        (Dialect::D003, RuleId::DEP051),
        (Dialect::D004, RuleId::DEP060),
    ] {
        assert!(dialect.read_status("finished").unwrap_err().breaks(rule), "{dialect}");
    }
}

#[test]
fn changes_of_document_000_are_its_own() {
    assert!(check_change("pending", "deploying").is_ok());
    assert!(check_change("pending", "deployed").unwrap_err().breaks(RuleId::DEP024));
    assert!(check_change("pending", "succeeded").unwrap_err().breaks(RuleId::GLB004));
}

#[test]
fn versions_of_document_000_keep_their_spelling() {
    for text in ["1.2.3", "v1.2.3", "1.2.3-rc.1"] {
        assert_eq!(text.parse::<SemanticVersion>().unwrap().to_string(), text);
    }
    for text in ["1.2", "latest", "", "1.2.3+4", "vv1.2.3"] {
        assert!(text.parse::<SemanticVersion>().unwrap_err().breaks(RuleId::DEP020), "{text}");
    }
}

fn document_002() -> serde_json::Value {
    json!({
        "id": "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
        "environmentName": "staging",
        "timestamp": "2026-01-31T20:30:00Z",
        "triggeredBy": "github-actions",
        "gitCommitSha": "8f2eb8688d01e28f36008db8a60271064607db87",
        "gitBranch": "main",
        "frontendArtifact": { "path": "a", "sizeBytes": 1, "buildDurationMs": 2 },
        "backendArtifact": { "path": "b", "sizeBytes": 3, "buildDurationMs": 4 },
        "migrationStatus": "success",
        "migrationsApplied": ["20260131_InitialCreate"],
        "healthCheckStatus": "passed",
        "healthCheckResponseTimeMs": 42,
        "deploymentStatus": "success",
        "completedAt": "2026-01-31T20:40:00Z",
        "durationSeconds": 600
    })
}

#[test]
fn a_deployment_of_document_002_round_trips() {
    let parts: Deployment002Parts = serde_json::from_value(document_002()).unwrap();
    let deployment = parts.check().unwrap();
    assert_eq!(deployment.status, Status::Succeeded);
    assert_eq!(Deployment002Parts::from(&deployment), parts);
    assert_eq!(serde_json::to_value(&parts).unwrap(), document_002());
}

#[test]
fn every_fault_of_document_002_is_told() {
    let mut wrong = document_002();
    for (field, value) in [
        ("id", json!("1")),
        ("environmentName", json!("production")),
        ("gitBranch", json!("a b")),
        ("migrationStatus", json!("done")),
        ("healthCheckStatus", json!("timeout")),
        ("deploymentStatus", json!("in-progress")),
        ("durationSeconds", json!(601)),
    ] {
        wrong[field] = value;
    }
    wrong["frontendArtifact"]["sizeBytes"] = json!(-1);
    let parts: Deployment002Parts = serde_json::from_value(wrong).unwrap();
    let faults = parts.check().unwrap_err();
    let mut rules: Vec<_> = faults.iter().map(|fault| fault.rule.as_str()).collect();
    rules.sort_unstable();
    let expected = ["DEP030", "DEP031", "DEP032", "DEP033", "DEP034", "DEP036", "DEP037", "DEP038"];
    assert_eq!(rules, expected, "{faults}");
}

fn record(seconds: i64, outcome: Outcome003) -> StateRecord {
    let timestamp = Timestamp::from_unix_seconds(seconds).unwrap();
    StateRecord {
        deployment_id: UnixDeploymentId::new(timestamp).unwrap(),
        timestamp,
        commit_sha: crate::model::git::CommitSha::from_bytes([7; 20]),
        attempts: crate::model::deployment::Attempts::new(2).unwrap(),
        outcome,
    }
}

#[test]
fn the_state_file_keeps_the_last_known_good() {
    let good = DeploymentState::default().after(record(10, Outcome003::Success));
    let failure = record(20, Outcome003::Failure { error_message: Some("x".into()) });
    let failed = good.clone().after(failure.clone());
    assert_eq!(failed.last_known_good, good.last_known_good);
    assert_eq!(failed.history.len(), 1);
    assert_eq!(failed.faults_after(&good, &failure), []);
    let forgotten = DeploymentState { last_known_good: None, ..failed };
    assert_eq!(forgotten.faults_after(&good, &failure)[0].rule, RuleId::DEP056);
}

#[test]
fn the_history_shows_the_newest_ten() {
    let mut state = DeploymentState::default();
    for seconds in 0..12 {
        state = state.after(record(seconds, Outcome003::Success));
    }
    assert_eq!(state.history.len(), SHOWN_HISTORY);
    assert_eq!(state.history[0].timestamp.unix_seconds(), 2);
    let text = serde_json::to_string(&state).unwrap();
    assert!(text.contains("\"lastKnownGood\""));
    assert_eq!(serde_json::from_str::<DeploymentState>(&text).unwrap(), state);
}

#[test]
fn messages_belong_to_failures() {
    let mut parts = StateRecordParts::from(record(1, Outcome003::Success));
    parts.error_message = Some("x".into());
    parts.git_operations_attempts = 4;
    let faults = StateRecord::try_from(parts).unwrap_err();
    assert!(faults.breaks(RuleId::DEP053) && faults.breaks(RuleId::DEP052), "{faults}");
}

#[test]
fn results_of_stacks_are_complete() {
    let result = json!({
        "success": true, "stack_name": "App", "stack_outputs": {"Url": "https://a"},
        "duration": 180.0, "cloudformation_events": [{"id": 1}],
    });
    let read = DeploymentResult::from_json(&result).unwrap();
    assert_eq!(read.status(), Status::Succeeded);
    assert_eq!(serde_json::to_value(&read).unwrap()["stack_outputs"], result["stack_outputs"]);
    let wrong = json!({"success": "yes", "duration": -1, "stack_outputs": {"Password": 7}});
    let faults = DeploymentResult::from_json(&wrong).unwrap_err();
    assert_eq!(faults.iter().count(), 5, "{faults}");
    assert!(faults.iter().all(|fault| fault.rule == RuleId::DEP060));
}

proptest! {
    #[test]
    fn unix_ids_round_trip(seconds in 0..4_102_444_800_i64, text in "(deploy-)?[0-9]{1,11}") {
        let id = UnixDeploymentId::new(Timestamp::from_unix_seconds(seconds).unwrap()).unwrap();
        prop_assert_eq!(id.to_string().parse::<UnixDeploymentId>().unwrap(), id);
        if let Ok(id) = text.parse::<UnixDeploymentId>() {
            prop_assert_eq!(id.to_string(), text);
        }
    }
}
