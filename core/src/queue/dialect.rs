//! The queue of an environment in the JSON of the documented systems: it holds whole deployments.

use serde_json::{Value, json};

use crate::base::dialect::{Dialect, Documented, Told};
use crate::base::fields::{Fields, list, parsed};
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, Violations, quoted};
use crate::deployment::dialect::convert::check;
use crate::{EnvironmentName, FieldPath, Timestamp};

/// The queue of an environment, with its deployments as JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueOfDeployments {
    environment: EnvironmentName,
    waiting: Vec<Value>,
    current: Option<Value>,
    locked_at: Option<Timestamp>,
}

impl Documented for QueueOfDeployments {
    const DIALECTS: &'static [Dialect] = &[Dialect::D001];

    fn read(json: &Value, from: Dialect) -> Result<Self, Violations> {
        let deployment = |json: &Value| check(json, from).map(|()| json.clone());
        let mut fields = Fields::of(json)?;
        let environment: Option<EnvironmentName> = fields.must("environment", |it| {
            parsed(it).map_err(|faults: Violations| faults.as_rule(RuleId::QUE001))
        });
        let waiting = fields.must("queue", |it| list(it, deployment));
        let current = fields.may("current_deployment", deployment);
        let locked_at = fields.may("locked_at", parsed);
        let made = environment.zip(waiting).map(|(environment, waiting)| Self {
            environment,
            waiting,
            current,
            locked_at,
        });
        if let Some(made) = &made {
            fields.faults(made.faults());
        }
        fields.finish(made)
    }

    fn tell(&self, _: Dialect) -> Result<Told, Violations> {
        Ok(Told::whole(json!({
            "environment": self.environment,
            "queue": self.waiting,
            "current_deployment": self.current,
            "locked_at": self.locked_at,
        })))
    }
}

/// What to do about a queue that cannot be right.
const NEXT: &str = "Print the queue again from the ledger.";

impl QueueOfDeployments {
    /// QUE002 to QUE006.
    fn faults(&self) -> Vec<Violation> {
        let mut faults = Vec::new();
        for (at, waiting) in self.waiting.iter().enumerate() {
            let path = FieldPath::from("queue").index(at);
            let mut wrong = |rule, found: String, expected: String, field: &'static str| {
                let fault = Violation::new(rule, found, expected, NEXT).under(field);
                faults.push(fault.under(path.clone()));
            };
            if word(waiting, "status") != "queued" {
                let found = quoted(word(waiting, "status"));
                wrong(RuleId::QUE002, found, "`queued`".to_owned(), "status");
            }
            if waiting["queue_position"].as_u64() != Some(at as u64 + 1) {
                let found = quoted(&waiting["queue_position"].to_string());
                wrong(RuleId::QUE006, found, format!("`{}`", at + 1), "queue_position");
            }
        }
        let current = self.current.as_ref();
        for (path, it) in self
            .waiting
            .iter()
            .map(|it| ("queue", it))
            .chain(current.map(|it| ("current_deployment", it)))
        {
            let of = it["environment"]["name"].as_str().unwrap_or_else(|| word(it, "environment"));
            if of != self.environment.as_str() {
                let expected = format!("`{}`", self.environment);
                faults.push(Violation::new(RuleId::QUE003, quoted(of), expected, NEXT).under(path));
            }
        }
        if let Some(status) = current.map(|it| word(it, "status")).filter(|it| *it != "in_progress")
        {
            let fault = Violation::new(RuleId::QUE004, quoted(status), "`in_progress`", NEXT);
            faults.push(fault.under("current_deployment"));
        }
        if current.is_some() != self.locked_at.is_some() {
            let found = if current.is_some() { "no lock" } else { "a lock" };
            let expected = "a lock exactly while a deployment is in progress";
            faults.push(Violation::new(RuleId::QUE005, found, expected, NEXT).under("locked_at"));
        }
        faults
    }
}

fn word<'a>(json: &'a Value, name: &str) -> &'a str {
    json[name].as_str().unwrap_or_default()
}
