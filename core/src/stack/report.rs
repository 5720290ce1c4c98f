//! How the last operation of a stack ended, told without its secrets.

use std::collections::BTreeMap;

use serde_json::json;

use super::{StackDescription, StackEvent, StackOutcome, TemplateOutputs};
use crate::base::secrecy::is_secret_name;
use crate::deployment::dialect::DeploymentResult;
use crate::{Timestamp, Violations};

/// How the last operation of a stack ended.
#[derive(Debug, Clone, PartialEq)]
pub struct StackReport {
    /// The ARN of the stack.
    pub id: String,
    /// The name of the stack.
    pub name: String,
    /// The status of the stack.
    pub status: String,
    /// How it ended.
    pub outcome: StackOutcome,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// How long it took, in seconds; absent while it goes on.
    pub duration: Option<f64>,
    /// The outputs that may be seen.
    pub outputs: BTreeMap<String, String>,
    /// The keys of the others.
    pub withheld: Vec<String>,
    /// Its events, newest first.
    pub events: Vec<StackEvent>,
    /// What failed first.
    pub error_message: Option<String>,
}

impl StackReport {
    /// A report of a stack and the events of its last operation, newest first. `template` says which
    /// outputs show hidden parameters; without it, no output is shown where parameters are hidden, or
    /// may be.
    #[must_use]
    pub fn new(
        stack: &StackDescription,
        events: Vec<StackEvent>,
        template: Option<&TemplateOutputs>,
    ) -> Self {
        let outcome = stack.status.outcome();
        let (shown, secret) = sorted_out(stack, template);
        let events: Vec<StackEvent> =
            events.into_iter().map(|event| without_values(event, &secret)).collect();
        Self {
            id: stack.id.clone(),
            name: stack.name.clone(),
            status: stack.status.to_string(),
            outcome,
            started_at: start(stack, &events),
            duration: duration(stack, outcome, &events),
            outputs: shown,
            withheld: secret.into_keys().collect(),
            error_message: failure(stack, outcome, &events),
            events,
        }
    }

    /// Whether it succeeded; `None` while nobody can tell.
    #[must_use]
    pub const fn success(&self) -> Option<bool> {
        match self.outcome {
            StackOutcome::Succeeded => Some(true),
            StackOutcome::Failed => Some(false),
            StackOutcome::InProgress | StackOutcome::Unknown => None,
        }
    }

    /// The result as document 004 has it; `None` while nobody can tell.
    ///
    /// # Errors
    /// DEP060, where something in it has no words there.
    pub fn result(&self) -> Option<Result<DeploymentResult, Violations>> {
        let (success, duration) = self.success().zip(self.duration)?;
        let events: Vec<_> =
            self.events.iter().map(|event| event.to_json(&self.id, &self.name)).collect();
        Some(DeploymentResult::from_json(&json!({
            "success": success,
            "stack_name": self.name,
            "stack_outputs": self.outputs,
            "duration": duration,
            "cloudformation_events": events,
        })))
    }
}

/// The outputs that may be seen, and the others.
fn sorted_out(
    stack: &StackDescription,
    template: Option<&TemplateOutputs>,
) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    let shows = |key: &str| match (&stack.hidden_parameters, template) {
        (Some(hidden), _) if hidden.is_empty() => false,
        (Some(hidden), Some(template)) => template.may_show(key, hidden),
        (Some(_), None) | (None, _) => true,
    };
    let is_secret = |key: &str| is_secret_name(key) || shows(key);
    let (secret, shown): (Vec<_>, Vec<_>) =
        stack.outputs.iter().cloned().partition(|(key, _)| is_secret(key));
    (shown.into_iter().collect(), secret.into_iter().collect())
}

/// A value shorter than this stands in too many texts by chance.
const SHORTEST_SECRET: usize = 4;

/// The reasons of services may quote what they were given.
fn without_values(event: StackEvent, secret: &BTreeMap<String, String>) -> StackEvent {
    let values = secret.values().filter(|value| value.len() >= SHORTEST_SECRET);
    let hide = |reason: String| {
        values.fold(reason, |reason, value| reason.replace(value.as_str(), "(hidden)"))
    };
    StackEvent { reason: event.reason.map(hide), ..event }
}

fn start(stack: &StackDescription, events: &[StackEvent]) -> Option<Timestamp> {
    let first = events.iter().rfind(|event| event.begins_operation(&stack.id));
    first.map(|event| event.at)
}

/// From the first event to the last one of the stack itself.
fn duration(stack: &StackDescription, outcome: StackOutcome, events: &[StackEvent]) -> Option<f64> {
    if matches!(outcome, StackOutcome::InProgress | StackOutcome::Unknown) {
        return None;
    }
    let end = events.iter().find(|event| event.is_of_stack(&stack.id))?.at;
    let took = end.as_jiff().duration_since(start(stack, events)?.as_jiff());
    Some(took.as_secs_f64().max(0.0))
}

/// What failed first; where no event says so, why the stack has its status.
fn failure(
    stack: &StackDescription,
    outcome: StackOutcome,
    events: &[StackEvent],
) -> Option<String> {
    let first = events.iter().rfind(|event| event.is_failure());
    let told = first.map(|event| {
        let reason = event.reason.as_deref().unwrap_or("no reason is given");
        format!("{} ({}) is {}: {reason}", event.logical_id, event.resource_type, event.status)
    });
    let by_status = || {
        let reason = stack.reason.as_deref().unwrap_or("no reason is given");
        (outcome == StackOutcome::Failed).then(|| format!("{}: {reason}", stack.status))
    };
    if outcome == StackOutcome::Succeeded { None } else { told.or_else(by_status) }
}
