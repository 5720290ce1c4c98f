//! From the JSON of one system to facts, checked by the rules of that system.

use std::str::FromStr;

use serde_json::{Map, Value};

use super::{Fact, Facts};
use crate::base::foreign;
use crate::base::id::{DeploymentId, EntityId, WorkflowRunId};
use crate::base::name::{EnvironmentName, RegionName};
use crate::base::path::SubProjectPath;
use crate::base::rule::RuleId;
use crate::base::violation::{Findings, Violation, Violations};
use crate::deployment::dialect::{
    Deployment002Parts, DeploymentResult, Dialect, SemanticVersion, StateRecord,
};
use crate::deployment::{Progress, ProgressParts, Status};
use crate::version::{Version, dialect::of_parts};
use crate::{Actor, CommitSha, HealthCheckUrl, PublicUrl, Timestamp};

type Object = Map<String, Value>;

pub(super) fn read(json: &Value, from: Dialect) -> Result<Facts, Violations> {
    let empty = Object::new();
    let object = json.as_object().unwrap_or(&empty);
    match from {
        Dialect::D000 => hosting(object),
        Dialect::D001 => ci(object),
        Dialect::D002 => azure(json),
        Dialect::D003 => state(json),
        Dialect::D004 => stacks(json),
    }
}

/// Reads one text after another, and notes all that is wrong.
struct Reader<'a> {
    object: &'a Object,
    findings: Findings,
    facts: Facts,
}

impl<'a> Reader<'a> {
    fn new(object: &'a Object, known: &[&'static str]) -> Self {
        let mut findings = Findings::new();
        let strangers = object.iter().filter(|(_, value)| !value.is_null()).map(|(name, _)| name);
        let strangers = strangers.filter(|name| !known.contains(&name.as_str()));
        findings.extend(strangers.map(|name| {
            Violation::not_listed(RuleId::OWN044, name, known.iter().copied()).under("json")
        }));
        Self { object, findings, facts: Facts::default() }
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    /// A text that is read as a `T` and noted as that prints it.
    fn parse<T: FromStr<Err = Violations> + ToString>(
        &mut self,
        name: &'static str,
        fact: Fact,
        needed: bool,
    ) -> Option<T> {
        let parsed = match self.get(name) {
            None if !needed => return None,
            Some(Value::String(text)) => text.parse::<T>(),
            other => Err(no_text(other).into()),
        };
        let value = self.findings.take(name, parsed)?;
        self.facts.note(fact, value.to_string().into());
        Some(value)
    }

    fn status(&mut self, name: &'static str, dialect: Dialect) {
        let word = self.get(name).and_then(Value::as_str).unwrap_or_default();
        let status = self.findings.take(name, dialect.read_status(word));
        self.facts.note(Fact::Status, status.map(|it| it.as_str()).into());
    }

    fn finish(self) -> Result<Facts, Violations> {
        self.findings.finish(self.facts)
    }
}

fn no_text(value: Option<&Value>) -> Violation {
    let found = if value.is_none() { "nothing" } else { "something that is no text" };
    Violation::new(RuleId::OWN044, found, "a text", "Write the value as text, in quotes.")
}

/// Pipelines, AWS resources and application deployments.
fn hosting(object: &Object) -> Result<Facts, Violations> {
    let known = [
        "id",
        "application_name",
        "version",
        "environment",
        "infrastructure_id",
        "pipeline_id",
        "status",
        "deployed_at",
        "health_check_url",
        "public_url",
    ];
    let mut reader = Reader::new(object, &known);
    let id = reader.parse::<EntityId>("id", Fact::Uuid, true).map(|id| id.to_string());
    if let Some(id) = id.filter(|id| id.parse::<DeploymentId>().is_ok()) {
        reader.facts.note(Fact::DeploymentId, id.into());
        reader.facts.note(Fact::Uuid, Value::Null);
    }
    reader.parse::<SubProjectPath>("application_name", Fact::SubProject, true);
    reader.parse::<SemanticVersion>("version", Fact::Version, true);
    reader.parse::<EnvironmentName>("environment", Fact::Environment, true);
    reader.parse::<EntityId>("infrastructure_id", Fact::Infrastructure, false);
    reader.parse::<EntityId>("pipeline_id", Fact::PipelineRun, false);
    reader.status("status", Dialect::D000);
    reader.parse::<Timestamp>("deployed_at", Fact::CompletedAt, false);
    reader.parse::<HealthCheckUrl>("health_check_url", Fact::HealthCheckUrl, false);
    reader.parse::<PublicUrl>("public_url", Fact::PublicUrl, false);
    reader.finish()
}

/// Versions, tags, environments and deployments.
fn ci(object: &Object) -> Result<Facts, Violations> {
    let known = [
        "deployment_id",
        "version",
        "environment",
        "region",
        "commit_sha",
        "will_move_env_tag",
        "status",
        "queue_position",
        "estimated_wait_time",
        "started_at",
        "completed_at",
        "workflow_run_id",
        "triggered_by",
    ];
    let named = ["environment", "region"].map(|name| (name, object.get(name).map(named)));
    let mut flat = object.clone();
    flat.extend(named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    let mut reader = Reader::new(&flat, &known);
    reader.parse::<DeploymentId>("deployment_id", Fact::DeploymentId, true);
    let version = reader.findings.take("version", version(object.get("version")));
    if let Some(version) = version {
        reader.facts.note(Fact::Version, version.semver().into());
        reader.facts.note(Fact::SubProject, version.sub_project_path().to_string().into());
    }
    reader.parse::<EnvironmentName>("environment", Fact::Environment, true);
    reader.parse::<RegionName>("region", Fact::Region, false);
    reader.parse::<CommitSha>("commit_sha", Fact::Commit, true);
    reader.parse::<WorkflowRunId>("workflow_run_id", Fact::WorkflowRun, true);
    reader.parse::<Actor>("triggered_by", Fact::TriggeredBy, true);
    let moves = reader.get("will_move_env_tag").and_then(Value::as_bool);
    reader.findings.require(moves.is_some(), || {
        let next = "Say whether success moves the environment tag.";
        Violation::new(RuleId::OWN044, "nothing", "`true` or `false`", next)
            .under("will_move_env_tag")
    });
    reader.facts.note(Fact::MovesTag, moves.into());
    reader.status("status", Dialect::D001);
    let position = reader.get("queue_position").cloned().unwrap_or_default();
    reader.facts.note(Fact::QueuePosition, position);
    let wait = reader.get("estimated_wait_time").cloned().unwrap_or_default();
    reader.facts.note(Fact::EstimatedWait, wait);
    reader.parse::<Timestamp>("started_at", Fact::StartedAt, false);
    reader.parse::<Timestamp>("completed_at", Fact::CompletedAt, false);
    let progress = progress(object);
    reader.findings.take("status", progress);
    reader.finish()
}

/// An environment or region is an object with a name, or its name alone.
fn named(value: &Value) -> Value {
    value.get("name").cloned().unwrap_or_else(|| value.clone())
}

fn version(value: Option<&Value>) -> Result<Version, Violations> {
    match value {
        Some(Value::String(full)) => full.parse(),
        Some(parts @ Value::Object(_)) => of_parts(parts),
        other => Err(no_text(other).into()),
    }
}

/// Whether status, place and times go together (DEP003 to DEP005).
fn progress(object: &Object) -> Result<(), Violations> {
    let names = ["status", "queue_position", "started_at", "completed_at"];
    let parts: Object = names
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), object.get(name)?.clone())))
        .filter(|(_, value)| !value.is_null())
        .collect();
    // What is of another kind was told before.
    let Ok(mut parts) = serde_json::from_value::<ProgressParts>(parts.into()) else {
        return Ok(());
    };
    // The document has no message, which the ledger's own record of a failure has.
    if parts.status == Status::Failed {
        parts.error_message.get_or_insert_default();
    }
    Progress::try_from(parts).map(drop)
}

fn azure(json: &Value) -> Result<Facts, Violations> {
    let parts: Deployment002Parts = serde_json::from_value(json.clone()).map_err(|error| {
        let next = "Write each field as the hosting profile's deployments have it.";
        let expected = "the fields of a deployment to Azure";
        let found = foreign::text(&error.to_string());
        Violations::from(Violation::new(RuleId::OWN044, found, expected, next))
    })?;
    let read = parts.check()?;
    let mut facts = Facts::default();
    for (fact, value) in [
        (Fact::Uuid, parts.id.into()),
        (Fact::Environment, parts.environment_name.into()),
        (Fact::StartedAt, read.started_at.to_string().into()),
        (Fact::TriggeredBy, parts.triggered_by.into()),
        (Fact::Commit, parts.git_commit_sha.into()),
        (Fact::Branch, parts.git_branch.into()),
        (Fact::FrontendArtifact, serde_json::to_value(parts.frontend_artifact).unwrap_or_default()),
        (Fact::BackendArtifact, serde_json::to_value(parts.backend_artifact).unwrap_or_default()),
        (Fact::MigrationStatus, parts.migration_status.into()),
        (Fact::MigrationsApplied, parts.migrations_applied.into()),
        (Fact::HealthCheckStatus, parts.health_check_status.into()),
        (Fact::HealthCheckTime, parts.health_check_response_time_ms.into()),
        (Fact::Status, read.status.as_str().into()),
        (Fact::CompletedAt, read.completed_at.map(|at| at.to_string()).into()),
        (Fact::Duration, parts.duration_seconds.into()),
    ] {
        facts.note(fact, value);
    }
    Ok(facts)
}

fn state(json: &Value) -> Result<Facts, Violations> {
    let record = StateRecord::from_json(json)?;
    let mut facts = Facts::default();
    let status = record.outcome.status();
    facts.note(Fact::UnixId, record.deployment_id.to_string().into());
    facts.note(Fact::StartedAt, record.timestamp.to_string().into());
    facts.note(Fact::Commit, record.commit_sha.to_string().into());
    facts.note(Fact::Status, status.as_str().into());
    facts.note(Fact::Attempts, serde_json::to_value(record.attempts).unwrap_or_default());
    facts.note(Fact::ErrorMessage, record.outcome.error_message().into());
    Ok(facts)
}

fn stacks(json: &Value) -> Result<Facts, Violations> {
    let result = DeploymentResult::from_json(json)?;
    let mut facts = Facts::default();
    facts.note(Fact::Status, result.status().as_str().into());
    facts.note(Fact::StackName, result.stack_name().into());
    facts
        .note(Fact::StackOutputs, serde_json::to_value(result.stack_outputs()).unwrap_or_default());
    facts.note(Fact::Duration, json.get("duration").cloned().unwrap_or_default());
    facts.note(Fact::Events, json.get("cloudformation_events").cloned().unwrap_or_default());
    Ok(facts)
}
