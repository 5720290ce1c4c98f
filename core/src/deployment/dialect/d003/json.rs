//! Reading and printing the state file of document 003.
//!
//! What is printed reads back as the same state, and what was read prints as the same JSON, but for
//! blanks, and for the parts that may be absent and are then printed as `null` or an empty list.

use serde_json::{Map, Value};

use super::{DeploymentState, Dialect, LastKnownGood, Outcome003, StateRecord};
use crate::base::rule::RuleId;
use crate::base::violation::{FieldPath, Findings, Violation, Violations};
use crate::deployment::Attempts;

const NEXT: &str = "Correct the file, or write it again from the ledger.";

type Object = Map<String, Value>;

impl DeploymentState {
    /// Reads a `deployment-state.json`.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its place: OWN042 for what is no JSON, missing,
    /// unknown or of another kind, DEP050 to DEP053, DEP055, DEP056, TAG007 and GLB001 for values.
    pub fn from_json(text: &str) -> Result<Self, Violations> {
        let json = serde_json::from_str::<Value>(text).map_err(|error| {
            let found = format!("a text that is no JSON ({error})");
            Violations::from(Violation::new(RuleId::OWN042, found, "a JSON object", NEXT))
        })?;
        let object = object(&json)?;
        let mut findings = Findings::new();
        let known = ["currentDeployment", "lastKnownGood", "history"];
        findings.extend(unknown_fields(object, &known));
        let part = |name: &str| object.get(name).filter(|value| !value.is_null());
        let current = part(known[0]).map(StateRecord::from_json);
        let current_deployment = findings.take_option(known[0], current);
        let good = part(known[1]).map(LastKnownGood::from_json);
        let last_known_good = findings.take_option(known[1], good);
        let history = findings.take_option(known[2], part(known[2]).map(records));
        let history = history.unwrap_or_default();
        let state = findings.finish(Self { current_deployment, last_known_good, history })?;
        Violations::check(state.faults()).map(|()| state)
    }

    /// Prints it as a `deployment-state.json`.
    ///
    /// # Errors
    /// Never for any state that can be made.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }
}

impl StateRecord {
    /// Reads one deployment of the state file.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its field.
    pub fn from_json(json: &Value) -> Result<Self, Violations> {
        let object = object(json)?;
        let mut findings = Findings::new();
        let known = [
            "deployment_id",
            "timestamp",
            "commit_sha",
            "status",
            "git_operations_attempts",
            "error_message",
        ];
        findings.extend(unknown_fields(object, &known));
        let id = findings.take(known[0], text(object, known[0]).and_then(str::parse));
        let timestamp = findings.take(known[1], text(object, known[1]).and_then(str::parse));
        let commit_sha = findings.take(known[2], text(object, known[2]).and_then(str::parse));
        let word = text(object, known[3]).and_then(|word| Dialect::D003.read_status(word));
        let status = findings.take(known[3], word);
        let attempts = findings.take(known[4], number(object, known[4]).and_then(Attempts::new));
        let message = findings.take(known[5], message(object, known[5]));
        let outcome = status.zip(message).and_then(|(status, message)| {
            findings.take(known[5], Outcome003::new(status, message))
        });
        let (Some(deployment_id), Some(timestamp), Some(commit_sha)) = (id, timestamp, commit_sha)
        else {
            return Err(findings.fail());
        };
        let (Some(attempts), Some(outcome)) = (attempts, outcome) else {
            return Err(findings.fail());
        };
        findings.finish(Self { deployment_id, timestamp, commit_sha, attempts, outcome })
    }
}

impl LastKnownGood {
    fn from_json(json: &Value) -> Result<Self, Violations> {
        let object = object(json)?;
        let mut findings = Findings::new();
        let known = ["deployment_id", "commit_sha", "timestamp"];
        findings.extend(unknown_fields(object, &known));
        let id = findings.take(known[0], text(object, known[0]).and_then(str::parse));
        let commit_sha = findings.take(known[1], text(object, known[1]).and_then(str::parse));
        let timestamp = findings.take(known[2], text(object, known[2]).and_then(str::parse));
        let (Some(deployment_id), Some(commit_sha), Some(timestamp)) = (id, commit_sha, timestamp)
        else {
            return Err(findings.fail());
        };
        findings.finish(Self { deployment_id, commit_sha, timestamp })
    }
}

fn records(json: &Value) -> Result<Vec<StateRecord>, Violations> {
    let Value::Array(list) = json else { return Err(other(Some(json), "a list")) };
    let mut findings = Findings::new();
    let mut records = Vec::with_capacity(list.len());
    for (index, json) in list.iter().enumerate() {
        let record = StateRecord::from_json(json);
        records.extend(findings.take(FieldPath::root().index(index), record));
    }
    findings.finish(records)
}

fn object(json: &Value) -> Result<&Object, Violations> {
    json.as_object().ok_or_else(|| other(Some(json), "a JSON object"))
}

fn text<'a>(object: &'a Object, name: &str) -> Result<&'a str, Violations> {
    let value = object.get(name);
    value.and_then(Value::as_str).ok_or_else(|| other(value, "a text"))
}

fn number(object: &Object, name: &str) -> Result<i64, Violations> {
    let value = object.get(name);
    value.and_then(Value::as_i64).ok_or_else(|| other(value, "a whole number"))
}

fn message(object: &Object, name: &str) -> Result<Option<String>, Violations> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(message)) => Ok(Some(message.clone())),
        Some(value) => Err(other(Some(value), "a text")),
    }
}

fn unknown_fields(object: &Object, known: &[&str]) -> Vec<Violation> {
    let strangers = object.keys().filter(|name| !known.contains(&name.as_str()));
    strangers
        .map(|name| Violation::not_listed(RuleId::OWN042, name, known.iter().copied()))
        .collect()
}

/// Messages may hold secrets, so only the kind of what was found is told.
fn other(value: Option<&Value>, expected: &str) -> Violations {
    let found = match value {
        None => "nothing",
        Some(Value::Null) => "`null`",
        Some(Value::Bool(_)) => "a truth value",
        Some(Value::Number(_)) => "a number",
        Some(Value::String(_)) => "a text",
        Some(Value::Array(_)) => "a list",
        Some(Value::Object(_)) => "an object",
    };
    Violation::new(RuleId::OWN042, found, expected, NEXT).into()
}
