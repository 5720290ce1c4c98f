//! Deployments in the words of each system, and what the others make of them.

use proptest::prelude::*;
use serde_json::json;

use super::*;

const COMMIT: &str = "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334";

fn hosting() -> Value {
    json!({
        "id": "a1b2c3d4-e5f6-7890-abcd-ef1234567890", "application_name": "backend", "version": "1.2.3",
        "environment": "production", "infrastructure_id": "arn:aws:ecs:us-east-1:123456789012:service/web/api",
        "status": "deployed", "deployed_at": "2025-11-21T10:35:00Z",
        "health_check_url": "https://api.example.com/health", "public_url": "https://example.com",
    })
}

fn ci() -> Value {
    json!({
        "deployment_id": "deploy-20251121-103045-abc123",
        "version": {
            "full_version": "api/v1.2.3", "sub_project_path": "api", "semver": "v1.2.3",
            "major": 1, "minor": 2, "patch": 3,
        },
        "environment": { "name": "production" }, "region": { "name": "us-east" },
        "commit_sha": COMMIT, "will_move_env_tag": true, "status": "in_progress",
        "queue_position": null, "estimated_wait_time": null,
        "started_at": "2025-11-21T10:30:45Z", "completed_at": null,
        "workflow_run_id": "1234567890", "triggered_by": "github-actions[bot]",
    })
}

fn azure() -> Value {
    json!({
        "id": "a1b2c3d4-e5f6-7890-abcd-ef1234567890", "environmentName": "staging",
        "timestamp": "2025-11-21T10:30:00Z", "triggeredBy": "ana", "gitCommitSha": COMMIT, "gitBranch": "main",
        "frontendArtifact": { "path": "web.zip", "sizeBytes": 10, "buildDurationMs": 20 },
        "backendArtifact": { "path": "api.zip", "sizeBytes": 30, "buildDurationMs": 40 },
        "migrationStatus": "success", "migrationsApplied": ["0001_orders"],
        "healthCheckStatus": "passed", "healthCheckResponseTimeMs": 120,
        "deploymentStatus": "success", "completedAt": "2025-11-21T10:35:00Z", "durationSeconds": 300,
    })
}

fn state() -> Value {
    json!({
        "deployment_id": "deploy-1729433445", "timestamp": "2025-11-21T10:30:00Z", "commit_sha": COMMIT,
        "status": "failure", "git_operations_attempts": 2, "error_message": "the health check failed",
    })
}

fn stacks() -> Value {
    json!({
        "success": true, "stack_name": "App", "stack_outputs": { "ApiUrl": "https://api.example.com" },
        "duration": 45.2, "cloudformation_events": [{ "EventId": "1" }],
    })
}

fn all() -> [(Dialect, Value); 5] {
    [
        (Dialect::D000, hosting()),
        (Dialect::D001, ci()),
        (Dialect::D002, azure()),
        (Dialect::D003, state()),
        (Dialect::D004, stacks()),
    ]
}

fn without_nulls(value: Value) -> Value {
    let Value::Object(object) = value else { return value };
    object.into_iter().filter(|(_, value)| !value.is_null()).collect()
}

fn told(json: &Value, from: Dialect, to: Dialect) -> String {
    convert(&json.to_string(), from, to).unwrap_err().to_string()
}

#[test]
fn each_system_gives_back_what_it_was_given() {
    for (dialect, json) in all() {
        let same = convert(&json.to_string(), dialect, dialect).unwrap();
        assert_eq!(without_nulls(same.json), without_nulls(json), "{}", dialect.name());
        assert_eq!(same.left_out, [], "{}", dialect.name());
    }
}

#[test]
fn what_has_no_place_is_named_beside_the_result() {
    let converted = convert(&azure().to_string(), Dialect::D002, Dialect::D003);
    let told = converted.unwrap_err().to_string();
    assert!(
        told.contains("OWN044 at `git_operations_attempts`: found a deployment without"),
        "{told}"
    );
    let mut with_attempts = ci();
    with_attempts["status"] = json!("succeeded");
    with_attempts["completed_at"] = json!("2025-11-21T10:35:00Z");
    let converted = convert(&with_attempts.to_string(), Dialect::D001, Dialect::D000).unwrap();
    assert_eq!(converted.json["status"], "deployed");
    assert_eq!(converted.json["application_name"], "api");
    assert_eq!(converted.json["id"], "deploy-20251121-103045-abc123");
    let left: Vec<&str> = converted.left_out.iter().map(|fact| fact.as_str()).collect();
    assert_eq!(
        left,
        [
            "region",
            "commit_sha",
            "will_move_env_tag",
            "started_at",
            "triggered_by",
            "workflow_run_id"
        ]
    );
}

#[test]
fn a_status_without_a_word_is_an_error() {
    let told = told(&ci(), Dialect::D001, Dialect::D003);
    assert!(told.contains("GLB004 at `status`: found `in_progress`"), "{told}");
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let mut broken = ci();
    broken["commit_sha"] = json!("abc");
    broken["workflow_run_id"] = json!("-1");
    broken["started_at"] = json!(null);
    broken["colour"] = json!("blue");
    let told = told(&broken, Dialect::D001, Dialect::D000);
    for part in ["TAG007 at `commit_sha`", "DEP006 at `workflow_run_id`", "DEP004", "`colour`"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    for (json, part) in [("[]", "not an object"), ("{", "not JSON")] {
        let told = convert(json, Dialect::D000, Dialect::D001).unwrap_err().to_string();
        assert!(told.contains(part), "{told}");
    }
}

#[test]
fn the_names_of_systems_are_known() {
    assert_eq!(Dialect::by_name("ci"), Ok(Dialect::D001));
    assert_eq!(Dialect::by_name("004"), Ok(Dialect::D004));
    assert!(Dialect::by_name("azur").unwrap_err().to_string().contains("Did you mean `azure`?"));
}

proptest! {
    #[test]
    fn no_damage_breaks_the_reader(which in 0..5_usize, field in 0..12_usize, text in "\\PC{0,12}") {
        let (dialect, mut json) = all().into_iter().nth(which).unwrap();
        let name = json.as_object().unwrap().keys().nth(field).cloned();
        if let Some(name) = name {
            json[name.as_str()] = json!(text);
        }
        for to in Dialect::ALL {
            let _ = convert(&json.to_string(), dialect, *to);
        }
    }
}
