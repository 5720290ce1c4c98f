//! Document 002: a deployment with its artifacts, migrations and health, as its JSON has it.

use serde::{Deserialize, Serialize};

use super::Dialect;
use crate::base::actor::Actor;
use crate::base::id::DeploymentUuid;
use crate::base::revision::{BranchName, CommitSha};
use crate::base::rule::RuleId;
use crate::base::timestamp::Timestamp;
use crate::base::violation::{Findings, Violation, Violations};
use crate::deployment::{
    ArtifactInfo, HealthCheckResult, HealthCheckStatus, MigrationStatus, Migrations, Status,
};
use crate::environment::TierName;

/// A deployment of document 002 as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Deployment002Parts {
    /// A UUID.
    pub id: String,
    /// `dev`, `staging` or `prod`.
    pub environment_name: String,
    /// When it started.
    pub timestamp: String,
    /// Who or what triggered it.
    pub triggered_by: String,
    /// The commit.
    pub git_commit_sha: String,
    /// The branch.
    pub git_branch: String,
    /// The built front end.
    pub frontend_artifact: Artifact002,
    /// The built back end.
    pub backend_artifact: Artifact002,
    /// What became of the migrations.
    pub migration_status: String,
    /// Their names.
    #[serde(default)]
    pub migrations_applied: Vec<String>,
    /// What the health check found.
    pub health_check_status: String,
    /// How long a good answer took, in milliseconds.
    #[serde(default)]
    pub health_check_response_time_ms: Option<u64>,
    /// How far it has come.
    pub deployment_status: String,
    /// When it came to its end.
    #[serde(default)]
    pub completed_at: Option<String>,
    /// From start to end, in seconds.
    #[serde(default)]
    pub duration_seconds: Option<i64>,
}

/// An artifact of document 002 as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Artifact002 {
    /// Where it lies.
    pub path: String,
    /// Its size in bytes.
    pub size_bytes: i64,
    /// How long it took to build, in milliseconds.
    pub build_duration_ms: i64,
}

/// A deployment of document 002 whose parts go together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment002 {
    /// Its ID.
    pub id: DeploymentUuid,
    /// Where to.
    pub environment_name: TierName,
    /// When it started.
    pub started_at: Timestamp,
    /// Who or what triggered it.
    pub triggered_by: Actor,
    /// The commit.
    pub commit_sha: CommitSha,
    /// The branch.
    pub git_branch: BranchName,
    /// The built front end.
    pub frontend_artifact: ArtifactInfo,
    /// The built back end.
    pub backend_artifact: ArtifactInfo,
    /// What became of the migrations.
    pub migrations: Migrations,
    /// What the health check found.
    pub health_check: HealthCheckResult,
    /// How far it has come: in progress, succeeded or failed.
    pub status: Status,
    /// When it came to its end.
    pub completed_at: Option<Timestamp>,
}

impl Deployment002Parts {
    /// Checks the parts.
    ///
    /// # Errors
    /// DEP030 to DEP038, all at once.
    pub fn check(&self) -> Result<Deployment002, Violations> {
        let mut findings = Findings::new();
        let ids = self.identity(&mut findings);
        let work = self.work(&mut findings);
        let status =
            findings.take("deploymentStatus", Dialect::D002.read_status(&self.deployment_status));
        let started_at = findings.take("timestamp", self.timestamp.parse());
        let completed_at = self.completed_at.as_ref().map(|time| time.parse());
        let completed_at = findings.take_option("completedAt", completed_at);
        self.check_end(&mut findings, status, started_at, completed_at);
        let (Some(ids), Some(work), Some(status), Some(started_at)) =
            (ids, work, status, started_at)
        else {
            return Err(findings.fail());
        };
        findings.finish(Deployment002 {
            id: ids.0,
            environment_name: ids.1,
            triggered_by: ids.2,
            commit_sha: ids.3,
            git_branch: ids.4,
            frontend_artifact: work.0,
            backend_artifact: work.1,
            migrations: work.2,
            health_check: work.3,
            started_at,
            status,
            completed_at,
        })
    }

    fn identity(
        &self,
        findings: &mut Findings,
    ) -> Option<(DeploymentUuid, TierName, Actor, CommitSha, BranchName)> {
        let id = findings.take("id", self.id.parse());
        let name = self.environment_name.parse::<TierName>();
        let name = name.map_err(|faults| faults.as_rule(RuleId::DEP031));
        let name = findings.take("environmentName", name);
        let triggered_by = findings.take("triggeredBy", self.triggered_by.parse());
        let commit = findings.take("gitCommitSha", self.git_commit_sha.parse());
        let branch = findings.take("gitBranch", self.git_branch.parse());
        Some((id?, name?, triggered_by?, commit?, branch?))
    }

    fn work(
        &self,
        findings: &mut Findings,
    ) -> Option<(ArtifactInfo, ArtifactInfo, Migrations, HealthCheckResult)> {
        let front = findings.take("frontendArtifact", self.frontend_artifact.check());
        let back = findings.take("backendArtifact", self.backend_artifact.check());
        let migrations =
            findings.take("migrationStatus", self.migration_status.parse::<MigrationStatus>());
        let health = findings
            .take("healthCheckStatus", self.health_check_status.parse::<HealthCheckStatus>());
        let time = self.health_check_response_time_ms;
        let health = health
            .and_then(|status| findings.take("healthCheck", HealthCheckResult::new(status, time)));
        let applied = self.migrations_applied.clone();
        Some((front?, back?, Migrations { status: migrations?, applied }, health?))
    }

    fn check_end(
        &self,
        findings: &mut Findings,
        status: Option<Status>,
        started: Option<Timestamp>,
        completed: Option<Timestamp>,
    ) {
        if let (Some(Status::InProgress), Some(completed)) = (status, completed) {
            let next = "Leave `completedAt` out, or correct the status.";
            let expected = "no end while it is in progress";
            let fault = Violation::new(RuleId::DEP037, format!("`{completed}`"), expected, next);
            findings.push(fault.under("completedAt"));
        }
        let Some(found) = self.duration_seconds else { return };
        let right = match (started, completed) {
            (Some(started), Some(completed)) => Some(completed.seconds_since(started)),
            _ => None,
        };
        findings.require(right == Some(found) && found >= 0, || wrong_duration(found, right));
    }
}

fn wrong_duration(found: i64, right: Option<i64>) -> Violation {
    let (expected, next) = match right {
        Some(right) if right >= 0 => {
            (format!("`{right}`, the seconds from start to end"), format!("Write `{right}`."))
        }
        Some(_) => {
            ("an end that is not before the start".to_owned(), "Correct the times.".to_owned())
        }
        None => {
            ("no duration without an end".to_owned(), "Leave `durationSeconds` out.".to_owned())
        }
    };
    Violation::new(RuleId::DEP038, format!("`{found}`"), expected, next).under("durationSeconds")
}

impl Artifact002 {
    fn check(&self) -> Result<ArtifactInfo, Violations> {
        ArtifactInfo::new(&self.path, self.size_bytes, self.build_duration_ms)
    }
}

impl From<&ArtifactInfo> for Artifact002 {
    fn from(artifact: &ArtifactInfo) -> Self {
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        Self {
            path: artifact.path().to_owned(),
            size_bytes: number(artifact.size_bytes()),
            build_duration_ms: number(artifact.build_duration_ms()),
        }
    }
}

impl From<&Deployment002> for Deployment002Parts {
    fn from(deployment: &Deployment002) -> Self {
        let word = Dialect::D002.word_for(deployment.status).unwrap_or_default();
        let duration = deployment.completed_at.map(|end| end.seconds_since(deployment.started_at));
        Self {
            id: deployment.id.to_string(),
            environment_name: deployment.environment_name.to_string(),
            timestamp: deployment.started_at.to_string(),
            triggered_by: deployment.triggered_by.to_string(),
            git_commit_sha: deployment.commit_sha.to_string(),
            git_branch: deployment.git_branch.to_string(),
            frontend_artifact: Artifact002::from(&deployment.frontend_artifact),
            backend_artifact: Artifact002::from(&deployment.backend_artifact),
            migration_status: deployment.migrations.status.to_string(),
            migrations_applied: deployment.migrations.applied.clone(),
            health_check_status: deployment.health_check.status().to_string(),
            health_check_response_time_ms: deployment.health_check.response_time_ms(),
            deployment_status: word.to_owned(),
            completed_at: deployment.completed_at.map(|time| time.to_string()),
            duration_seconds: duration,
        }
    }
}
