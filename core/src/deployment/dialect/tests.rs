//! The words of the documents, and their own deployments.

use serde_json::json;

use super::*;

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
