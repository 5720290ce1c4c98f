//! From facts to the JSON of one system, which is checked by that system's rules before it is given out.

use serde_json::{Map, Value, json};

use super::{Converted, Fact, Facts, read};
use crate::base::id::DeploymentId;
use crate::base::path::SubProjectPath;
use crate::base::rule::RuleId;
use crate::base::timestamp::Timestamp;
use crate::base::violation::{Findings, Violation, Violations};
use crate::deployment::Status;
use crate::deployment::dialect::{Dialect, SemanticVersion, UnixDeploymentId};
use crate::version::{Version, VersionParts};

pub(super) fn print(facts: Facts, to: Dialect) -> Result<Converted, Violations> {
    let mut printer = Printer { to, facts, findings: Findings::new(), object: Map::new() };
    match to {
        Dialect::D000 => printer.hosting(),
        Dialect::D001 => printer.ci(),
        Dialect::D002 => printer.azure(),
        Dialect::D003 => printer.state(),
        Dialect::D004 => printer.stacks(),
    }
    let Printer { facts, findings, object, .. } = printer;
    let json = findings.finish(Value::Object(object))?;
    // What one system takes may break a rule of the other.
    read::read(&json, to)?;
    Ok(Converted { json, left_out: facts.unused() })
}

struct Printer {
    to: Dialect,
    facts: Facts,
    findings: Findings,
    object: Map<String, Value>,
}

impl Printer {
    /// A field that has to be there.
    fn needed(&mut self, name: &'static str, fact: Fact) {
        let value = self.facts.take(fact);
        self.put_needed(name, fact, value);
    }

    fn put_needed(&mut self, name: &'static str, fact: Fact, value: Option<Value>) {
        match value {
            Some(value) => drop(self.object.insert(name.to_owned(), value)),
            None => self.findings.push(
                Violation::new(
                    RuleId::OWN044,
                    format!("a deployment without `{fact}`"),
                    format!("`{name}`, which deployments of `{}` have", self.to.name()),
                    format!("Add `{fact}` to what is converted, or convert to another dialect."),
                )
                .under(name),
            ),
        }
    }

    fn optional(&mut self, name: &'static str, fact: Fact) {
        if let Some(value) = self.facts.take(fact) {
            self.object.insert(name.to_owned(), value);
        }
    }

    fn known_status(&mut self) -> Option<Status> {
        self.facts.text(Fact::Status)?.parse().ok()
    }

    /// The status as a word of this system.
    fn status(&mut self, name: &'static str) {
        let Some(status) = self.known_status() else {
            return self.put_needed(name, Fact::Status, None);
        };
        match self.to.word_for(status) {
            Ok(word) => drop(self.object.insert(name.to_owned(), word.into())),
            Err(_) => {
                let words = self.to.statuses().iter().map(|(_, word)| *word);
                self.findings.push(
                    Violation::not_listed(RuleId::GLB004, status.as_str(), words).under(name),
                );
            }
        }
    }

    fn time(&mut self, fact: Fact) -> Option<Timestamp> {
        self.facts.text(fact)?.parse().ok()
    }

    /// How long it took, in whole seconds, as told or from its times.
    fn seconds(&mut self) -> Option<i64> {
        let (began, ended) = (self.time(Fact::StartedAt), self.time(Fact::CompletedAt));
        self.facts.follows(Fact::Duration);
        began.zip(ended).map(|(began, ended)| ended.seconds_since(began))
    }

    fn hosting(&mut self) {
        let id = self.facts.take(Fact::Uuid).or_else(|| self.facts.take(Fact::DeploymentId));
        self.put_needed("id", Fact::Uuid, id);
        self.needed("application_name", Fact::SubProject);
        self.needed("version", Fact::Version);
        self.needed("environment", Fact::Environment);
        self.optional("infrastructure_id", Fact::Infrastructure);
        self.optional("pipeline_id", Fact::PipelineRun);
        self.status("status");
        self.optional("deployed_at", Fact::CompletedAt);
        self.optional("health_check_url", Fact::HealthCheckUrl);
        self.optional("public_url", Fact::PublicUrl);
    }

    fn ci(&mut self) {
        let id =
            self.facts.text(Fact::DeploymentId).filter(|id| id.parse::<DeploymentId>().is_ok());
        self.put_needed("deployment_id", Fact::DeploymentId, id.map(Value::from));
        let project =
            self.facts.text(Fact::SubProject).unwrap_or_default().parse::<SubProjectPath>();
        let spelled =
            self.facts.text(Fact::Version).and_then(|text| text.parse::<SemanticVersion>().ok());
        let version = spelled.zip(project.ok()).and_then(|(version, project)| {
            Version::parse_semver(&version.version().semver(), project).ok()
        });
        let version = version.map(|version| json!(VersionParts::from(&version)));
        self.put_needed("version", Fact::Version, version);
        let environment = self.facts.take(Fact::Environment).map(|name| json!({ "name": name }));
        self.put_needed("environment", Fact::Environment, environment);
        if let Some(name) = self.facts.take(Fact::Region) {
            self.object.insert("region".to_owned(), json!({ "name": name }));
        }
        self.needed("commit_sha", Fact::Commit);
        self.needed("will_move_env_tag", Fact::MovesTag);
        self.status("status");
        self.optional("queue_position", Fact::QueuePosition);
        self.optional("estimated_wait_time", Fact::EstimatedWait);
        self.optional("started_at", Fact::StartedAt);
        self.optional("completed_at", Fact::CompletedAt);
        self.facts.follows(Fact::Duration);
        self.needed("workflow_run_id", Fact::WorkflowRun);
        self.needed("triggered_by", Fact::TriggeredBy);
    }

    fn azure(&mut self) {
        self.needed("id", Fact::Uuid);
        self.needed("environmentName", Fact::Environment);
        self.needed("timestamp", Fact::StartedAt);
        self.needed("triggeredBy", Fact::TriggeredBy);
        self.needed("gitCommitSha", Fact::Commit);
        self.needed("gitBranch", Fact::Branch);
        self.needed("frontendArtifact", Fact::FrontendArtifact);
        self.needed("backendArtifact", Fact::BackendArtifact);
        self.needed("migrationStatus", Fact::MigrationStatus);
        self.optional("migrationsApplied", Fact::MigrationsApplied);
        self.needed("healthCheckStatus", Fact::HealthCheckStatus);
        self.optional("healthCheckResponseTimeMs", Fact::HealthCheckTime);
        self.status("deploymentStatus");
        self.optional("completedAt", Fact::CompletedAt);
        if let Some(seconds) = self.seconds() {
            self.object.insert("durationSeconds".to_owned(), seconds.into());
        }
    }

    fn state(&mut self) {
        let at = self.time(Fact::StartedAt);
        let made = at.and_then(UnixDeploymentId::new).map(|id| Value::from(id.to_string()));
        let id = self.facts.take(Fact::UnixId).or(made);
        self.put_needed("deployment_id", Fact::StartedAt, id);
        self.needed("timestamp", Fact::StartedAt);
        self.needed("commit_sha", Fact::Commit);
        self.status("status");
        self.needed("git_operations_attempts", Fact::Attempts);
        self.optional("error_message", Fact::ErrorMessage);
    }

    fn stacks(&mut self) {
        let success = match self.known_status() {
            Some(Status::Succeeded) => Some(true),
            Some(Status::Failed) => Some(false),
            _ => None,
        };
        if let Some(success) = success {
            self.object.insert("success".to_owned(), success.into());
        } else {
            self.status("success");
        }
        self.needed("stack_name", Fact::StackName);
        self.needed("stack_outputs", Fact::StackOutputs);
        let told = self.facts.take(Fact::Duration);
        let duration = told.or_else(|| self.seconds().map(Value::from));
        self.put_needed("duration", Fact::Duration, duration);
        self.needed("cloudformation_events", Fact::Events);
    }
}
