//! Reading the record of a queue: its attributes, before they are known to go together.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::scope::SubProjects;
use super::{Claim, EnvironmentLock, QueueRecord, Succeeded, Waiting};
use crate::base::violation::quoted;
use crate::record::{Record, RecordError};
use crate::{
    Actor, DeploymentId, EnvironmentName, FieldPath, Findings, RefName, RuleId, SubProjectPath,
    Timestamp, Violation, Violations,
};

/// What to do about a queue that cannot be used.
const RESTORE: &str = "Put an earlier object of the ref back (`git push --force <remote> <object>:<ref>`), or, while no \
     deployment is under way, delete the ref (`git push --delete <remote> <ref>`).";

/// The attributes of a queue.
#[derive(Debug, Deserialize)]
struct QueueParts {
    environment: String,
    sub_project_path: Option<SubProjectPath>,
    sub_projects: Option<SubProjects>,
    #[serde(default)]
    waiting: Vec<Waiting>,
    current: Option<ClaimParts>,
    lock: Option<EnvironmentLock>,
    turn_since: Option<Timestamp>,
    #[serde(default)]
    succeeded: Vec<Succeeded>,
    ended_at: Option<Timestamp>,
    #[serde(default)]
    beside: BTreeMap<RefName, String>,
}

/// The attributes of a claim. Without a lock it is none.
#[derive(Debug, Deserialize)]
struct ClaimParts {
    deployment_id: DeploymentId,
    holder: Actor,
    locked_at: Option<Timestamp>,
    lease_until: Option<Timestamp>,
    lease_seconds: i64,
}

impl QueueParts {
    /// The queue, where all of it goes together.
    ///
    /// # Errors
    /// QUE001 for the environment, QUE002 for a holder that waits as well, QUE005 for the lock, QUE006 for
    /// the places, all at once.
    fn check(self) -> Result<QueueRecord, Violations> {
        let mut findings = Findings::new();
        let environment = self.environment.parse::<EnvironmentName>();
        let environment = findings
            .take("environment", environment.map_err(|faults| faults.as_rule(RuleId::QUE001)));
        let holder = self.current.as_ref().map(|claim| claim.deployment_id.clone());
        findings.extend(places(&self.waiting, holder.as_ref()));
        let lock = self.lock.as_ref().map(|lock| lock.lock_id.to_string());
        let by = holder.as_ref().map(ToString::to_string).or(lock);
        if let (Some(holder), Some(since)) = (by, self.turn_since) {
            findings.push(held_and_free(&holder, since));
        }
        findings.extend(split_and_used(&self));
        let current = findings.take_option("current", self.current.map(ClaimParts::check));
        let Some(environment) = environment else { return Err(findings.fail()) };
        findings.finish(QueueRecord {
            environment,
            sub_project_path: self.sub_project_path,
            sub_projects: self.sub_projects,
            waiting: self.waiting,
            current,
            lock: self.lock,
            turn_since: self.turn_since,
            succeeded: self.succeeded,
            ended_at: self.ended_at,
            beside: self.beside,
        })
    }
}

impl<'de> Deserialize<'de> for QueueRecord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        QueueParts::deserialize(deserializer)?.check().map_err(D::Error::custom)
    }
}

impl Record for QueueRecord {
    const KIND: &'static str = "queue";
    const SHELF: &'static str = "queues";
    const SCHEMA_VERSION: u64 = 3;

    /// An older release knows one queue of an environment, and would take it for free; and it would wait for
    /// those who may not begin yet. One that knows no locks would take an environment between two deployments
    /// of one.
    fn needed_version(&self) -> u64 {
        if self.lock.is_some() {
            return Self::SCHEMA_VERSION;
        }
        let is_plain = self.sub_project_path.is_none() && !self.is_split();
        let all_in_turn = self.waiting.iter().all(|waiting| waiting.held_back.is_none());
        if is_plain && all_in_turn { 1 } else { 2 }
    }

    fn from_body(body: Map<String, Value>) -> Result<Self, RecordError> {
        let parts: QueueParts =
            RecordError::invalid_unless(Self::KIND, serde_json::from_value(Value::Object(body)))?;
        parts.check().map_err(|faults| RecordError::Broken { kind: Self::KIND, faults })
    }

    /// QUE003: the queue lies where that of its environment belongs.
    fn check_place(&self, name: &RefName) -> Result<(), Violations> {
        let folder = format!("/{}/", Self::SHELF);
        let place = name.as_str().rsplit_once(&folder).map_or("", |(_, place)| place);
        if place == self.scope().key() {
            return Ok(());
        }
        let found = format!("a queue of {}", self.scope());
        let expected = format!("that of {}, by the name of its ref", quoted(place));
        Err(Violation::new(RuleId::QUE003, found, expected, RESTORE).under("environment").into())
    }
}

impl ClaimParts {
    fn check(self) -> Result<Claim, Violations> {
        let Self { deployment_id, holder, locked_at, lease_until, lease_seconds } = self;
        let mut findings = Findings::new();
        let times = [("locked_at", locked_at), ("lease_until", lease_until)];
        for (field, _) in times.into_iter().filter(|(_, time)| time.is_none()) {
            findings.push(unlocked(&deployment_id).under(field));
        }
        let (Some(locked_at), Some(lease_until)) = (locked_at, lease_until) else {
            return Err(findings.fail());
        };
        findings.finish(Claim { deployment_id, holder, locked_at, lease_until, lease_seconds })
    }
}

/// Each deployment waits once, and the holder does not.
fn places(waiting: &[Waiting], holder: Option<&DeploymentId>) -> Vec<Violation> {
    let mut findings = Findings::new();
    for (index, Waiting { deployment_id: id, .. }) in waiting.iter().enumerate() {
        let at = FieldPath::from("waiting").index(index).field("deployment_id");
        let first = waiting.iter().position(|other| other.deployment_id == *id).unwrap_or(index);
        findings.require(first == index, || twice(id, first, index).under(at.clone()));
        findings.require(holder != Some(id), || waits_and_holds(id).under(at));
    }
    findings.into_vec()
}

/// Where sub-projects have queues of their own, nobody is in that of the environment; and those have none.
fn split_and_used(queue: &QueueParts) -> Option<Violation> {
    queue.sub_projects.as_ref()?;
    let used = queue.current.is_some() || queue.lock.is_some() || !queue.waiting.is_empty();
    (used || queue.sub_project_path.is_some()).then(|| {
        let found = "a queue that is used although sub-projects have queues of their own";
        Violation::new(RuleId::QUE005, found, "one or the other", RESTORE).under("sub_projects")
    })
}

fn twice(id: &DeploymentId, first: usize, second: usize) -> Violation {
    let found = format!("`{id}` at places {} and {}", first + 1, second + 1);
    Violation::new(RuleId::QUE006, found, "one place for each deployment", RESTORE)
}

fn waits_and_holds(id: &DeploymentId) -> Violation {
    let found = format!("`{id}`, which holds the environment");
    Violation::new(RuleId::QUE002, found, "a deployment that is `queued`", RESTORE)
}

fn held_and_free(holder: &str, since: Timestamp) -> Violation {
    let found = format!("an environment that is free since `{since}` and held by `{holder}`");
    Violation::new(RuleId::QUE005, found, "a lock exactly while a deployment holds it", RESTORE)
        .under("turn_since")
}

fn unlocked(id: &DeploymentId) -> Violation {
    let found = format!("no time, although {} holds the environment", quoted(id.as_str()));
    Violation::new(RuleId::QUE005, found, "since when and until when it is locked", RESTORE)
}
