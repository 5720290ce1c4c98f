//! Values that the cases begin with.

use std::num::NonZeroU32;

use pipeline_core::deployment::Attempts;
use pipeline_core::{
    Actor, CommitSha, Deployment, DeploymentId, DeploymentUuid, Environment, EnvironmentParts,
    Progress, Tag, TagGrammar, Timestamp,
};

pub(crate) const COMMIT: CommitSha = CommitSha::from_bytes([0xab; 20]);
pub(crate) const OTHER: CommitSha = CommitSha::from_bytes([0xcd; 20]);

pub(crate) fn time(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(1_760_000_000 + seconds).unwrap()
}

pub(crate) fn actor(name: &str) -> Actor {
    name.parse().unwrap()
}

pub(crate) fn tag(name: &str) -> Tag {
    TagGrammar::default().parse(name).unwrap()
}

pub(crate) fn id(suffix: &str) -> DeploymentId {
    DeploymentId::new(time(0), suffix).unwrap()
}

/// A production environment that satisfies every rule.
pub(crate) fn parts() -> EnvironmentParts {
    serde_json::from_str(
        r#"{
            "name": "production",
            "config_path": "environments/production",
            "secrets_file": "environments/production/secrets.enc",
            "is_production": true,
            "approval": { "required": true },
            "regions": [{
                "name": "us-east",
                "config_path": "environments/production/regions/us-east",
                "cloud_mappings": { "aws": "us-east-1", "gcp": "us-east1" }
            }],
            "hosting": {
                "resource_tier": "P1v2",
                "instance_count": 2,
                "backup_strategy": "zone-redundant",
                "storage_replication": "RA-GRS",
                "region": "eastus",
                "cost_budget_usd": 500,
                "monitoring_thresholds": {
                    "latency_p95_ms": 500, "error_rate_percent": 1, "availability_percent": 99.5
                }
            }
        }"#,
    )
    .unwrap()
}

pub(crate) fn environment() -> Environment {
    Environment::new(parts()).unwrap()
}

/// A queued deployment of `api/v1.2.3` to production.
pub(crate) fn deployment() -> Deployment {
    Deployment {
        id: id("abc123"),
        uuid: DeploymentUuid::from_random([5; 16]),
        version: "api/v1.2.3".parse().unwrap(),
        environment: "production".parse().unwrap(),
        region: None,
        commit_sha: COMMIT,
        previous_version: Some("api/v1.2.2".parse().unwrap()),
        previous_commit: Some(OTHER),
        will_move_env_tag: true,
        requested_at: time(0),
        triggered_by: actor("ada"),
        approval: None,
        approvals: Vec::new(),
        workflow_run_id: None,
        infrastructure: None,
        pipeline_run: None,
        reason: None,
        fixes: None,
        health_check_url: None,
        health_check_terms: None,
        public_url: None,
        migrations: None,
        tests: None,
        rollout: None,
        health_check: None,
        attempts: Attempts::FIRST,
        progress: Progress::Queued { position: NonZeroU32::MIN, estimated_wait_seconds: None },
    }
}

pub(crate) fn running() -> Deployment {
    deployment().start(time(10)).unwrap()
}
