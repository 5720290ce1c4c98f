//! Cases of the documents' own deployments.

use pipeline_core::deployment::dialect::convert::convert;
use pipeline_core::deployment::dialect::{
    Deployment002Parts, DeploymentResult, DeploymentState, Dialect, Outcome003, SemanticVersion,
    StateRecord, UnixDeploymentId, check_change,
};
use pipeline_core::deployment::{ArtifactInfo, Attempts, HealthCheckStatus, MigrationStatus};
use pipeline_core::{BranchName, DeploymentId, DeploymentUuid, HealthCheckUrl, PublicUrl};
use serde_json::{Value, json};

use super::samples::{COMMIT, OTHER, time};
use super::{Case, Found, case, found, read};

const UUID: &str = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";

pub(crate) const CASES: &[Case] = &[
    case("DEP020", || read::<SemanticVersion>("1.2.3-rc.1"), || read::<SemanticVersion>("latest")),
    case("DEP022", || read::<HealthCheckUrl>("http://a:8080/up"), || read::<HealthCheckUrl>("/up")),
    case("DEP023", || read::<PublicUrl>("https://example.com"), || read::<PublicUrl>("example")),
    case(
        "DEP024",
        || found(check_change("deployed", "rolled_back")),
        || found(check_change("failed", "rolled_back")),
    ),
    case("DEP030", || read::<DeploymentUuid>(UUID), || read::<DeploymentUuid>("42")),
    case("DEP030", || document("id", json!(UUID)), || document("id", json!("deploy-1"))),
    case(
        "DEP031",
        || document("environmentName", json!("dev")),
        || document("environmentName", json!("production")),
    ),
    case("DEP032", || read::<BranchName>("feature/001"), || read::<BranchName>("feature..x")),
    case("DEP032", || document("gitBranch", json!("main")), || document("gitBranch", json!("a b"))),
    case(
        "DEP033",
        || found(ArtifactInfo::new("dist", 0, 0)),
        || found(ArtifactInfo::new("dist", -1, 0)),
    ),
    case(
        "DEP033",
        || document("triggeredBy", json!("ada")),
        || {
            let artifact = json!({ "path": "", "sizeBytes": 1, "buildDurationMs": 1 });
            document("backendArtifact", artifact)
        },
    ),
    case("DEP034", || read::<MigrationStatus>("rolled-back"), || read::<MigrationStatus>("done")),
    case("DEP035", || read::<HealthCheckStatus>("timeout"), || read::<HealthCheckStatus>("ok")),
    case(
        "DEP036",
        || document("healthCheckResponseTimeMs", json!(null)),
        || document("healthCheckStatus", json!("failed")),
    ),
    case(
        "DEP037",
        || document("deploymentStatus", json!("failed")),
        || document("deploymentStatus", json!("succeeded")),
    ),
    case("DEP037", || unfinished(&json!(null)), || unfinished(&json!("2026-01-31T20:40:00Z"))),
    case(
        "DEP038",
        || document("durationSeconds", json!(600)),
        || document("durationSeconds", json!(601)),
    ),
    case(
        "DEP050",
        || read::<DeploymentId>("deploy-20251121-103045-abc123"),
        || read::<DeploymentId>("deploy-20251131-103045-abc123"),
    ),
    case(
        "DEP050",
        || read::<UnixDeploymentId>("deploy-1729433445"),
        || read::<UnixDeploymentId>("deploy-001"),
    ),
    case(
        "DEP051",
        || found(Dialect::D003.read_status("rolled_back")),
        || found(Dialect::D003.read_status("cancelled")),
    ),
    case("DEP051", || state_record(|_| ()), || state_record(|it| it["status"] = json!("failed"))),
    case("DEP052", || found(Attempts::new(3)), || found(Attempts::new(4))),
    case(
        "DEP052",
        || state_record(|_| ()),
        || state_record(|it| it["git_operations_attempts"] = json!(0)),
    ),
    case(
        "DEP053",
        || state_record(failure),
        || state_record(|it| it["error_message"] = json!("no answer")),
    ),
    case(
        "DEP055",
        || follows(Outcome003::Success, |_| ()),
        || follows(Outcome003::Success, |it| it.last_known_good = None),
    ),
    case(
        "DEP055",
        || follows(Outcome003::Success, |_| ()),
        || follows(Outcome003::Success, |it| it.history.clear()),
    ),
    case(
        "DEP056",
        || follows(broken(), |_| ()),
        || follows(broken(), |it| it.last_known_good = None),
    ),
    case("DEP055", || file(|_| ()), || file(|it| it["lastKnownGood"] = json!(null))),
    case("DEP055", || file(|_| ()), || file(|it| it["history"] = json!(vec![good(); 11]))),
    case(
        "DEP056",
        || file(fail),
        || {
            file(|it| {
                fail(it);
                for part in ["deployment_id", "timestamp"] {
                    it["lastKnownGood"][part] = it["currentDeployment"][part].clone();
                }
            })
        },
    ),
    case("OWN042", || file(|_| ()), || file(|it| it["current"] = json!(null))),
    case("OWN042", || state_record(|_| ()), || state_record(|it| it["status"] = json!(null))),
    case("OWN042", || file(|_| ()), || found(DeploymentState::from_json("{"))),
    case("DEP060", || result("duration", json!(1.5)), || result("duration", json!(-1))),
    case("DEP060", || result("success", json!(false)), || result("success", json!(null))),
    case("OWN044", || converted(None), || converted(Some("?"))),
];

/// An application deployment, told in its own words.
fn converted(stranger: Option<&str>) -> Found {
    let json = json!({
        "id": "a1b2c3d4-e5f6-7890-abcd-ef1234567890", "application_name": "api", "version": "1.2.3",
        "environment": "staging", "status": "deployed", "note": stranger,
    });
    found(convert(&json.to_string(), Dialect::D000, Dialect::D000))
}

/// The deployment of document 002 with one part changed.
fn document(part: &str, value: Value) -> Found {
    let mut document = json!({
        "id": UUID,
        "environmentName": "staging",
        "timestamp": "2026-01-31T20:30:00Z",
        "triggeredBy": "github-actions",
        "gitCommitSha": COMMIT.to_string(),
        "gitBranch": "main",
        "frontendArtifact": { "path": "web", "sizeBytes": 1, "buildDurationMs": 2 },
        "backendArtifact": { "path": "api", "sizeBytes": 3, "buildDurationMs": 4 },
        "migrationStatus": "success",
        "healthCheckStatus": "passed",
        "healthCheckResponseTimeMs": 42,
        "deploymentStatus": "success",
        "completedAt": "2026-01-31T20:40:00Z",
        "durationSeconds": 600
    });
    document[part] = value;
    checked(document)
}

fn unfinished(completed_at: &Value) -> Found {
    let parts = json!({
        "id": UUID,
        "environmentName": "staging",
        "timestamp": "2026-01-31T20:30:00Z",
        "triggeredBy": "github-actions",
        "gitCommitSha": COMMIT.to_string(),
        "gitBranch": "main",
        "frontendArtifact": { "path": "web", "sizeBytes": 1, "buildDurationMs": 2 },
        "backendArtifact": { "path": "api", "sizeBytes": 3, "buildDurationMs": 4 },
        "migrationStatus": "not-required",
        "healthCheckStatus": "passed",
        "deploymentStatus": "in-progress",
        "completedAt": completed_at,
    });
    checked(parts)
}

fn checked(document: Value) -> Found {
    let parts: Deployment002Parts = serde_json::from_value(document).unwrap();
    found(parts.check())
}

fn record(outcome: Outcome003, commit_sha: pipeline_core::CommitSha) -> StateRecord {
    StateRecord {
        deployment_id: UnixDeploymentId::new(time(0)).unwrap(),
        timestamp: time(0),
        commit_sha,
        attempts: Attempts::FIRST,
        outcome,
    }
}

fn good() -> Value {
    serde_json::to_value(record(Outcome003::Success, COMMIT)).unwrap()
}

fn state_record(change: fn(&mut Value)) -> Found {
    let mut json = good();
    change(&mut json);
    found(StateRecord::from_json(&json))
}

fn failure(json: &mut Value) {
    json["status"] = json!("failure");
    json["error_message"] = json!("no answer");
}

/// The state file after one success, as changed.
fn file(change: fn(&mut Value)) -> Found {
    let state = DeploymentState::default().after(record(Outcome003::Success, COMMIT));
    let mut json = serde_json::to_value(state).unwrap();
    change(&mut json);
    found(DeploymentState::from_json(&json.to_string()))
}

/// Another deployment failed after the success.
fn fail(json: &mut Value) {
    failure(&mut json["currentDeployment"]);
    json["currentDeployment"]["deployment_id"] = json!("deploy-1760000100");
    json["currentDeployment"]["timestamp"] = json!(time(100).to_string());
}

fn broken() -> Outcome003 {
    Outcome003::Failure { error_message: None }
}

fn follows(outcome: Outcome003, spoil: fn(&mut DeploymentState)) -> Found {
    let before = DeploymentState::default().after(record(Outcome003::Success, OTHER));
    let record = record(outcome, COMMIT);
    let mut after = before.clone().after(record.clone());
    spoil(&mut after);
    after.faults_after(&before, &record)
}

fn result(part: &str, value: Value) -> Found {
    let mut result = json!({
        "success": true,
        "stack_name": "App",
        "stack_outputs": { "Url": "https://example.com" },
        "duration": 180.0,
        "cloudformation_events": [],
    });
    result[part] = value;
    found(DeploymentResult::from_json(&result))
}
