//! Every entity of the documented systems, in its own JSON: it is read, checked, and told again as it was. An
//! example that breaks a rule of its own system is named with that rule.

#![cfg(test)]

use pipeline_core::action_link::ActionLink;
use pipeline_core::artifact::ArtifactMetadata;
use pipeline_core::base::dialect::{Dialect, Documented, read, tell};
use pipeline_core::deployment::dialect::DeploymentState;
use pipeline_core::deployment::dialect::convert::convert;
use pipeline_core::environment::Environment;
use pipeline_core::environment::region::Region;
use pipeline_core::event::PushEvent;
use pipeline_core::infrastructure::DatedResource;
use pipeline_core::maintenance::MaintenanceTask;
use pipeline_core::queue::QueueOfDeployments;
use pipeline_core::rollback::RollbackTarget;
use pipeline_core::run::{BuildResult, Printed, TestExecution, TestResult, ToldRun};
use pipeline_core::run_log::{Item, scan};
use pipeline_core::secret::Secret;
use pipeline_core::tag::TaggedCommit;
use pipeline_core::terraform_state::KnownState;
use pipeline_core::version::Version;
use serde_json::{Value, json};

const COMMIT: &str = "5c04b60a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e";
const HASH: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

#[track_caller]
fn round<T: Documented>(dialect: Dialect, json: &Value) -> T {
    let entity: T = read(json, dialect).unwrap_or_else(|faults| panic!("{faults}\n{json:#}"));
    let told = tell(&entity, dialect).unwrap_or_else(|faults| panic!("{faults}\n{json:#}"));
    assert_eq!(told.json, *json);
    assert!(told.left_out.is_empty(), "{:?}", told.left_out);
    entity
}

/// The rules that an example breaks.
#[track_caller]
fn broken<T: Documented + std::fmt::Debug>(dialect: Dialect, json: &Value) -> Vec<String> {
    let faults = read::<T>(json, dialect).unwrap_err();
    faults.iter().map(|fault| format!("{} {}", fault.rule, fault.at)).collect()
}

fn parts(project: &str, version: &str) -> Value {
    let version: Version = format!("{project}/{version}").parse().unwrap();
    tell(&version, Dialect::D001).unwrap().json
}

#[test]
fn versions() {
    round::<Version>(
        Dialect::D001,
        &json!({
            "full_version": "api/v1.2.3-beta.1", "sub_project_path": "api", "semver": "v1.2.3-beta.1",
            "major": 1, "minor": 2, "patch": 3, "prerelease": "beta.1",
        }),
    );
}

#[test]
fn tags_of_all_three_kinds() {
    let tag = |name: &str, kind: &str, more: Value| {
        let mut json = json!({
            "tag_name": name, "tag_type": kind, "sub_project_path": "api", "version": null,
            "environment": null, "state": null, "commit_sha": COMMIT, "is_movable": false,
            "created_at": "2025-11-21T10:30:00Z", "updated_at": null,
        });
        json.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json
    };
    let version = parts("api", "v1.2.3");
    round::<TaggedCommit>(
        Dialect::D001,
        &tag("api/v1.2.3", "version", json!({ "version": version })),
    );
    let moved = "2025-11-21T14:00:00Z";
    let more = json!({ "environment": "production", "is_movable": true, "updated_at": moved });
    round::<TaggedCommit>(Dialect::D001, &tag("api/production", "environment", more));
    let more = json!({ "version": version, "state": "stable" });
    round::<TaggedCommit>(Dialect::D001, &tag("api/v1.2.3-stable", "state", more));
    let more = json!({ "version": version, "updated_at": moved, "commit_sha": "abc123def456" });
    let faults = broken::<TaggedCommit>(Dialect::D001, &tag("api/v1.2.3", "version", more));
    assert_eq!(faults, ["TAG007 commit_sha", "TAG008 updated_at"]);
}

fn region(name: &str, cloud: &Value) -> Value {
    let config_path = format!("environments/production/regions/{name}");
    json!({ "name": name, "config_path": config_path, "cloud_mappings": cloud })
}

#[test]
fn environments_and_regions() {
    let clouds = json!({ "aws": "us-east-1", "azure": "eastus", "gcp": "us-east1" });
    round::<Region>(Dialect::D001, &region("us-east", &clouds));
    let folders = round::<Environment>(
        Dialect::D001,
        &json!({
            "name": "production", "config_path": "environments/production",
            "regions": [region("us-east", &clouds), region("eu-west", &json!({ "aws": "eu-west-1" }))],
            "secrets_file": "environments/production/secrets.enc",
            "is_production": true, "requires_approval": true,
        }),
    );
    let faults = tell(&folders, Dialect::D004).unwrap_err();
    let missing: Vec<String> = faults.iter().map(|fault| fault.at.to_string()).collect();
    assert_eq!(missing, ["region", "account", "stacks"]);
    let hosted = round::<Environment>(
        Dialect::D002,
        &json!({
            "name": "prod", "resourceTier": "P1v2", "instanceCount": 2, "backupStrategy": "zone-redundant",
            "storageReplication": "RA-GRS", "region": "eastus", "costBudgetUSD": 500.0,
            "monitoringThresholds":
                { "latencyP95Ms": 500.0, "errorRatePercent": 1.0, "availabilityPercent": 99.5 },
        }),
    );
    assert_eq!(tell(&hosted, Dialect::D001).unwrap().left_out, ["hosting"]);
    let stacks = round::<Environment>(
        Dialect::D004,
        &json!({
            "name": "production", "region": "us-west-2", "account": "987654321098",
            "stacks": [
                { "name": "NetworkStack", "path": "lib/network-stack.ts" },
                { "name": "AppStack", "path": "lib/app-stack.ts" },
            ],
            "tests": { "commands": ["npm run integration-test"] },
        }),
    );
    let told = tell(&stacks, Dialect::D001).unwrap();
    assert_eq!(told.left_out, ["account", "region", "stacks", "tests"]);
    assert_eq!(told.json["secrets_file"], "environments/production/secrets.enc");
    assert!(read::<Environment>(&json!({}), Dialect::D003).is_err());
}

fn deployment(id: &str, status: &str, position: &Value) -> Value {
    let is_current = status == "in_progress";
    json!({
        "deployment_id": id, "version": parts("api", "v1.2.3"), "environment": { "name": "production" },
        "region": { "name": "us-east" }, "commit_sha": COMMIT, "will_move_env_tag": true, "status": status,
        "queue_position": position,
        "started_at": if is_current { json!("2025-11-21T10:30:45Z") } else { Value::Null },
        "workflow_run_id": "1234567890", "triggered_by": "github-actions[bot]",
    })
}

#[test]
fn queues_of_deployments() {
    let queue = |waiting: &[Value], locked: Value| {
        json!({
            "environment": "production", "queue": waiting,
            "current_deployment": deployment("deploy-20251121-103045-abc123", "in_progress", &Value::Null),
            "locked_at": locked,
        })
    };
    let waiting = [
        deployment("deploy-20251121-103046-abc124", "queued", &json!(1)),
        deployment("deploy-20251121-103047-abc125", "queued", &json!(2)),
    ];
    let locked = json!("2025-11-21T10:30:00Z");
    round::<QueueOfDeployments>(Dialect::D001, &queue(&waiting, locked));
    let [first, second] = waiting;
    let faults = broken::<QueueOfDeployments>(Dialect::D001, &queue(&[second, first], Value::Null));
    let expected =
        ["QUE006 queue[0].queue_position", "QUE006 queue[1].queue_position", "QUE005 locked_at"];
    assert_eq!(faults, expected);
    let short = deployment("deploy-001", "queued", &json!(1));
    let faults = broken::<QueueOfDeployments>(Dialect::D001, &queue(&[short], Value::Null));
    assert!(faults[0].starts_with("DEP050 queue[0].deployment_id"), "{faults:?}");
}

#[test]
fn deployments_of_every_system() {
    let azure = json!({
        "id": "a1b2c3d4-e5f6-7890-abcd-ef1234567890", "environmentName": "staging",
        "timestamp": "2026-01-31T20:30:00Z", "triggeredBy": "github-actions",
        "gitCommitSha": "8f2eb8688d01e28f36008db8a60271064607db87", "gitBranch": "main",
        "frontendArtifact": { "path": "frontend/dist", "sizeBytes": 1_048_576, "buildDurationMs": 45000 },
        "backendArtifact": { "path": "backend/publish", "sizeBytes": 52_428_800, "buildDurationMs": 120_000 },
        "migrationStatus": "success", "migrationsApplied": ["20260131_InitialCreate"],
        "healthCheckStatus": "passed", "healthCheckResponseTimeMs": 42, "deploymentStatus": "success",
        "completedAt": "2026-01-31T20:40:00Z", "durationSeconds": 600,
    });
    let failed = json!({
        "deployment_id": "deploy-1729433500", "timestamp": "2025-10-20T14:31:40Z",
        "commit_sha": "7a8b9c0d1e2f3a4b5c6d7e8f9a0b1c2d3e4f5a6b", "status": "failure",
        "git_operations_attempts": 3,
        "error_message": "Git operations failed after 3 attempts: remote rejected push",
    });
    let result = json!({
        "success": true, "stack_name": "MyAppStack",
        "stack_outputs": { "ApiUrl": "https://api.example.com", "BucketName": "my-app-bucket" },
        "duration": 180.0, "cloudformation_events": [],
    });
    let of_ci = deployment("deploy-20251121-103045-abc123", "in_progress", &Value::Null);
    let hosted = json!({
        "id": "a1b2c3d4-e5f6-7890-abcd-ef1234567890", "application_name": "backend", "version": "1.2.3",
        "environment": "production", "status": "deployed", "deployed_at": "2025-01-22T10:00:00Z",
        "health_check_url": "https://api.example.com/health", "public_url": "https://api.example.com/",
    });
    let all = [
        (Dialect::D000, hosted),
        (Dialect::D001, of_ci),
        (Dialect::D002, azure),
        (Dialect::D003, failed),
        (Dialect::D004, result),
    ];
    for (dialect, json) in all {
        let told = convert(&json.to_string(), dialect, dialect).unwrap_or_else(|it| panic!("{it}"));
        assert!(told.left_out.is_empty(), "{:?}", told.left_out);
        let without_nulls = |json: &Value| {
            let fields = json.as_object().unwrap().iter().filter(|(_, value)| !value.is_null());
            fields.map(|(name, value)| (name.clone(), value.clone())).collect::<Vec<_>>()
        };
        assert_eq!(without_nulls(&told.json), without_nulls(&json), "{dialect}");
    }
}

#[test]
fn the_state_file_with_its_history() {
    let record = |id: &str, time: &str, commit: &str, attempts: u8| {
        json!({
            "deployment_id": id, "timestamp": time, "commit_sha": commit, "status": "success",
            "git_operations_attempts": attempts,
        })
    };
    let current = record("deploy-1729433445", "2025-10-20T14:30:45Z", COMMIT, 1);
    let older = "3e4f5a6b7c8d9e0f1a2b3c4d5e6f7a8b9c0d1e2f";
    let json = json!({
        "currentDeployment": current,
        "lastKnownGood": {
            "deployment_id": "deploy-1729433445", "commit_sha": COMMIT, "timestamp": "2025-10-20T14:30:45Z",
        },
        "history": [record("deploy-1729433400", "2025-10-20T14:30:00Z", older, 2)],
    });
    match DeploymentState::from_json(&json.to_string()) {
        Ok(state) => {
            assert_eq!(serde_json::from_str::<Value>(&state.to_json().unwrap()).unwrap(), json);
        }
        // Of a state whose last success is not the newest of its history, the example says nothing.
        Err(faults) => panic!("{faults}"),
    }
}

#[test]
fn a_state_file_with_a_variable_that_nobody_filled_in_names_every_bad_field() {
    let json = r#"{ "currentDeployment": { "deployment_id": "$DEPLOY_ID", "timestamp": "$TIMESTAMP",
        "commit_sha": "$COMMIT_SHA", "status": "$STATUS", "git_operations_attempts": 0 },
        "lastKnownGood": null, "history": [] }"#;
    let faults = DeploymentState::from_json(json).unwrap_err();
    let named: Vec<String> = faults.iter().map(|fault| fault.at.to_string()).collect();
    let fields = ["deployment_id", "timestamp", "commit_sha", "status", "git_operations_attempts"];
    for field in fields {
        assert!(named.contains(&format!("currentDeployment.{field}")), "{field}: {named:?}");
    }
}

#[test]
fn rollback_targets() {
    let with = |version: &str, reason: &str| {
        let mut json = parts("api", version);
        json["reason"] = reason.into();
        json
    };
    let criteria =
        json!({ "prioritize_stable": true, "exclude_deprecated": true, "exclude_unstable": false });
    let candidates = ["v1.2.2", "v1.2.1", "v1.2.0"].map(|version| parts("api", version));
    round::<RollbackTarget>(
        Dialect::D001,
        &json!({
            "current_version": parts("api", "v1.2.3"), "target_version": parts("api", "v1.2.2"),
            "environment": "production", "selection_criteria": criteria,
            "candidate_versions": candidates, "rejected_versions": [with("v1.1.0", "deprecated")],
        }),
    );
}

#[test]
fn maintenance_tasks() {
    let mut task = json!({
        "task_id": "maint-20251121-140000-cleanup", "task_type": "cleanup", "status": "succeeded",
        "triggered_by": "github-actions[bot]", "started_at": "2025-11-21T14:00:00Z",
        "completed_at": "2025-11-21T14:05:30Z", "workflow_run_id": "9876543210",
        "result_summary": "Cleaned 250MB of old artifacts, removed 15 deprecated tags",
    });
    round::<MaintenanceTask>(Dialect::D001, &task);
    task["completed_at"] = Value::Null;
    assert_eq!(broken::<MaintenanceTask>(Dialect::D001, &task), ["MNT004 completed_at"]);
}

#[test]
fn action_links() {
    let url = "https://github.com/org/repo/actions/workflows/release.yml?inputs=version:v1.2.3";
    let mut link = json!({
        "label": "Promote to Release", "url": url, "icon": "rocket", "category": "release",
        "description": "Trigger release pipeline for version v1.2.3",
    });
    round::<ActionLink>(Dialect::D001, &link);
    // The links within the example of a report have no category and an address that was cut.
    link["url"] = "https://github.com/...".into();
    link.as_object_mut().unwrap().remove("category");
    assert_eq!(broken::<ActionLink>(Dialect::D001, &link), ["OWN044 category"]);
}

#[test]
fn resources_of_both_clouds() {
    let dated = |mut json: Value, created: &str, updated: &str| {
        json[created] = "2026-01-31T20:00:00Z".into();
        json[updated] = "2026-01-31T20:15:00Z".into();
        json
    };
    let group = "/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590/resourceGroups/stitches-prod/providers";
    let azure = json!({
        "id": format!("{group}/Microsoft.Web/sites/stitches-prod"), "type": "AppService",
        "name": "stitches-prod", "region": "eastus", "environmentName": "prod",
        "configuration": {
            "appServicePlanId": format!("{group}/Microsoft.Web/serverfarms/stitches-prod"),
            "httpsOnly": true, "managedIdentity": "SystemAssigned",
            "keyVaultReference": format!("{group}/Microsoft.KeyVault/vaults/kv-stitches-prod"),
        },
        "status": "ready",
    });
    let azure = dated(azure, "createdAt", "updatedAt");
    let resource = round::<DatedResource>(Dialect::D002, &azure);
    assert!(tell(&resource, Dialect::D000).is_err(), "it is of another cloud");
    let mut abbreviated = azure;
    abbreviated["id"] =
        "/subscriptions/{sub-id}/resourceGroups/a/providers/Microsoft.Web/sites/stitches-prod"
            .into();
    let faults = broken::<DatedResource>(Dialect::D002, &abbreviated);
    assert!(faults[0].starts_with("INF020"), "{faults:?}");
    let aws = json!({
        "id": "arn:aws:ecs:us-east-1:123456789012:service/shop", "type": "aws_ecs_service", "name": "shop",
        "status": "created", "region": "us-east-1",
        "tags": { "Environment": "production", "Project": "shop" },
        "terraform_state": "6f1ad1d0-3f6e-4f2b-9f68-0f7a1f4f7a11",
    });
    round::<DatedResource>(Dialect::D000, &dated(aws, "created_at", "updated_at"));
}

#[test]
fn terraform_states() {
    round::<KnownState>(
        Dialect::D000,
        &json!({
            "id": "6f1ad1d0-3f6e-4f2b-9f68-0f7a1f4f7a11", "workspace": "default", "backend": "s3",
            "backend_config": { "bucket": "states", "key": "shop.tfstate", "region": "us-east-1" },
            "resources_count": 12, "last_updated": "2025-01-22T10:00:00Z",
            "terraform_version": "1.11.4", "state_file_hash": HASH,
        }),
    );
}

#[test]
fn secrets() {
    let mut secret = json!({
        "name": "DatabaseConnectionString", "keyVaultUrl": "https://kv-stitches-prod.vault.azure.net/",
        "type": "ConnectionString", "rotationScheduleDays": 90, "lastRotatedAt": "2026-01-15T10:00:00Z",
        "nextRotationDue": "2026-04-15T10:00:00Z", "lastAccessedAt": "2026-01-31T20:35:00Z",
        "createdBy": "terraform", "environmentName": "prod", "isActive": true,
    });
    round::<Secret>(Dialect::D002, &secret);
    secret["nextRotationDue"] = "2026-05-15T10:00:00Z".into();
    secret["value"] = "hunter2".into();
    let faults = broken::<Secret>(Dialect::D002, &secret);
    assert_eq!(faults, ["SEC005 nextRotationDue", "OWN044 "], "a value has no field");
}

#[test]
fn runs_in_the_words_of_three_systems() {
    let script = round::<ToldRun>(
        Dialect::D003,
        &json!({
            "run_id": "run-20251020-143045-k8m3q2", "start_time": 1_729_433_445, "end_time": 1_729_433_623,
            "duration": 178, "exit_code": 0, "profile": "dev", "triggered_by": "TUI",
            "steps_completed": ["init", "env-check", "lint", "test-unit", "test-integration", "test-e2e",
                "build", "cleanup", "complete"],
        }),
    );
    let faults = tell(&script, Dialect::D000).unwrap_err();
    let missing: Vec<String> = faults.iter().map(|fault| fault.at.to_string()).collect();
    assert_eq!(missing, ["name", "trigger", "branch", "commit_sha"]);
    let mut pipeline = json!({
        "id": "run-20251020-143045-k8m3q2", "name": "production-deploy", "status": "success",
        "trigger": "push", "branch": "main", "commit_sha": COMMIT, "started_at": "2025-10-20T14:10:45Z",
        "completed_at": "2025-10-20T14:13:43Z", "duration_seconds": 178, "artifacts": ["dist/app.zip"],
    });
    let run = round::<ToldRun>(Dialect::D000, &pipeline);
    assert!(run.complete().is_ok() && script.complete().is_err());
    let told = tell(&run, Dialect::D004).unwrap();
    assert_eq!(told.left_out, ["name", "trigger", "artifacts"]);
    pipeline["duration_seconds"] = 179.into();
    assert_eq!(broken::<ToldRun>(Dialect::D000, &pipeline), ["RUN022 duration_seconds"]);
    let stage = json!({
        "stage_name": "build", "started_at": "2024-01-15T10:30:00Z", "completed_at": "2024-01-15T10:35:00Z",
        "status": "succeeded", "error_message": null,
    });
    let mut workflow = json!({
        "workflow_id": "run-20240115-103000-abc123", "commit_sha": COMMIT, "branch": "main",
        "triggered_at": "2024-01-15T10:30:00Z", "completed_at": "2024-01-15T10:45:00Z",
        "status": "succeeded", "stages": [stage],
    });
    round::<ToldRun>(Dialect::D004, &workflow);
    workflow["workflow_id"] = "workflow-abc123".into();
    workflow["commit_sha"] = "a1b2c3d4e5f6".into();
    let faults = broken::<ToldRun>(Dialect::D004, &workflow);
    assert_eq!(faults, ["RUN020 workflow_id", "RUN002 commit_sha"]);
}

#[test]
fn results_of_builds_and_tests() {
    let mut build = json!({
        "success": true, "exit_code": 0, "stdout": "Build completed successfully", "stderr": "",
        "duration": 120.5, "artifacts": ["dist/bundle.js", "dist/styles.css"],
    });
    round::<Printed<BuildResult>>(Dialect::D004, &build);
    build["success"] = false.into();
    let faults = broken::<Printed<BuildResult>>(Dialect::D004, &build);
    assert_eq!(faults, ["RES001 success"]);
    let tests = json!({
        "success": true, "exit_code": 0, "stdout": "All tests passed", "stderr": "", "duration": 45.2,
        "test_count": 25, "passed_count": 25, "failed_count": 0,
    });
    round::<Printed<TestResult>>(Dialect::D004, &tests);
}

#[test]
fn executions_of_tests_and_entries_of_logs() {
    let execution = |kind: &str, attempt: u8, from: u32, to: u32, is_serial: bool| {
        json!({
            "test_type": kind, "attempt_number": attempt, "status": "passed", "duration": to - from,
            "failure_count": 0, "started_at": from, "completed_at": to, "run_in_parallel": !is_serial,
            "fallback_to_serial": is_serial,
        })
    };
    let executions = [
        execution("unit", 1, 1_729_433_445, 1_729_433_490, false),
        execution("e2e", 2, 1_729_433_550, 1_729_433_610, false),
        execution("integration", 2, 1_729_433_500, 1_729_433_555, true),
    ];
    for json in executions {
        let read: TestExecution = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), json);
    }
    let entry = json!({
        "timestamp": "2025-10-20T14:32:15Z", "level": "error",
        "message": "Unit tests failed: 3 test suites failed", "run_id": "run-20251020-143045-k8m3q2",
        "source_file": "scripts/local-ci/run.sh", "line_number": 127,
        "function_name": "run_step_test_unit", "step_name": "test-unit", "duration_ms": 90000,
    });
    let mut told = Vec::new();
    scan(entry.to_string().as_bytes(), |found| match found.item {
        Some(Item::Entry(entry)) => told.push(serde_json::to_value(&entry).unwrap()),
        _ => panic!("{:?}", found.problems),
    })
    .unwrap();
    assert_eq!(told, [entry]);
}

#[test]
fn artifacts_and_pushes() {
    let mut artifact = json!({
        "commit_sha": COMMIT, "timestamp": "2024-01-15T10:35:00Z",
        "s3_path": format!("s3://aphex-artifacts/{COMMIT}/build.zip"), "artifact_type": "package",
        "size_bytes": 1_048_576, "checksum": HASH,
    });
    let read = ArtifactMetadata::from_json(&artifact).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), artifact);
    artifact["commit_sha"] = "a1b2c3d4e5f6".into();
    assert!(ArtifactMetadata::from_json(&artifact).is_err(), "ART001: the commit is cut");
    let mut push = json!({
        "commit_sha": COMMIT, "branch": "refs/heads/main", "repo_url": "https://github.com/org/repo.git",
        "author": "developer@example.com", "message": "Add new feature", "timestamp": "2024-01-15T10:30:00Z",
    });
    round::<PushEvent>(Dialect::D004, &push);
    push["branch"] = "refs/tags/v1.0.0".into();
    assert_eq!(broken::<PushEvent>(Dialect::D004, &push), ["EVT002 branch"]);
}
