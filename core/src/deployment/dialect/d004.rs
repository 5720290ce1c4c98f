//! Document 004: the result of deploying a stack.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::base::rule::RuleId;
use crate::base::violation::{FieldPath, Findings, Violation, Violations, quoted};
use crate::deployment::Status;

/// The result of deploying a stack of CloudFormation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeploymentResult {
    success: bool,
    stack_name: String,
    stack_outputs: BTreeMap<String, String>,
    duration: f64,
    cloudformation_events: Vec<Map<String, Value>>,
}

impl DeploymentResult {
    /// Reads the JSON of document 004.
    ///
    /// # Errors
    /// DEP060 for each part that is missing or of another kind.
    pub fn from_json(json: &Value) -> Result<Self, Violations> {
        let mut findings = Findings::new();
        let part = |name: &str| json.get(name).unwrap_or(&Value::Null);
        let success = findings.take("success", boolean(part("success")));
        let stack_name = findings.take("stack_name", name(part("stack_name")));
        let outputs = findings.take("stack_outputs", texts(part("stack_outputs")));
        let duration = findings.take("duration", seconds(part("duration")));
        let events = findings.take("cloudformation_events", objects(part("cloudformation_events")));
        let (Some(success), Some(stack_name), Some(stack_outputs)) = (success, stack_name, outputs)
        else {
            return Err(findings.fail());
        };
        let (Some(duration), Some(cloudformation_events)) = (duration, events) else {
            return Err(findings.fail());
        };
        findings.finish(Self {
            success,
            stack_name,
            stack_outputs,
            duration,
            cloudformation_events,
        })
    }

    /// The canonical status.
    #[must_use]
    pub const fn status(&self) -> Status {
        if self.success { Status::Succeeded } else { Status::Failed }
    }

    /// The stack.
    #[must_use]
    pub fn stack_name(&self) -> &str {
        &self.stack_name
    }

    /// The outputs of the stack.
    #[must_use]
    pub const fn stack_outputs(&self) -> &BTreeMap<String, String> {
        &self.stack_outputs
    }

    /// How long it took, in seconds.
    #[must_use]
    pub const fn duration(&self) -> f64 {
        self.duration
    }

    /// The events of CloudFormation, as it gave them.
    #[must_use]
    pub fn cloudformation_events(&self) -> &[Map<String, Value>] {
        &self.cloudformation_events
    }
}

fn boolean(value: &Value) -> Result<bool, Violations> {
    value.as_bool().ok_or_else(|| other(value, "`true` or `false`"))
}

fn name(value: &Value) -> Result<String, Violations> {
    let name = value.as_str().filter(|name| !name.trim().is_empty());
    name.map(str::to_owned).ok_or_else(|| other(value, "the name of the stack"))
}

fn seconds(value: &Value) -> Result<f64, Violations> {
    let seconds = value.as_f64().filter(|seconds| seconds.is_finite() && *seconds >= 0.0);
    seconds.ok_or_else(|| other(value, "a number of seconds that is not negative"))
}

fn texts(value: &Value) -> Result<BTreeMap<String, String>, Violations> {
    let Some(object) = value.as_object() else { return Err(other(value, "an object of texts")) };
    let mut findings = Findings::new();
    let mut outputs = BTreeMap::new();
    for (key, value) in object {
        let text = value.as_str().ok_or_else(|| other(value, "a text"));
        if let Some(text) = findings.take(FieldPath::root().key(key), text) {
            outputs.insert(key.clone(), text.to_owned());
        }
    }
    findings.finish(outputs)
}

fn objects(value: &Value) -> Result<Vec<Map<String, Value>>, Violations> {
    let Some(list) = value.as_array() else { return Err(other(value, "a list of objects")) };
    let mut findings = Findings::new();
    let mut events = Vec::new();
    for (index, value) in list.iter().enumerate() {
        let event = value.as_object().ok_or_else(|| other(value, "an object"));
        events.extend(findings.take(FieldPath::root().index(index), event).cloned());
    }
    findings.finish(events)
}

/// Outputs may hold secrets, so only the kind of what was found is told.
fn other(value: &Value, expected: &str) -> Violations {
    let found = match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(_) => "a truth value".to_owned(),
        Value::Number(number) => quoted(&number.to_string()),
        Value::String(text) if text.trim().is_empty() => "an empty text".to_owned(),
        Value::String(_) => "a text".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    };
    let next = "Give the result as the deployment stage printed it.";
    Violation::new(RuleId::DEP060, found, expected, next).into()
}
