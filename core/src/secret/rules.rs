//! What a secret needs beyond its own values: an environment that exists, rotation in time, and records
//! that hold no value and say nothing wrong of the next rotation.

use serde_json::{Map, Value};

use super::{RotationDays, Secret, SecretRecord};
use crate::base::rule::RuleId;
use crate::base::secrecy::is_secret_name;
use crate::base::violation::{Violation, Violations, quoted};
use crate::deployment::rules::unknown_environment;
use crate::registration::{Registered, Registrable};
use crate::{EnvironmentName, Timestamp};

/// What is the case around a secret. A [survey](super::survey()) gathers it.
#[derive(Debug, Clone)]
pub struct SecretFacts {
    /// The environments that are registered.
    pub(super) environments: Vec<EnvironmentName>,
    /// Whether its environment is registered by the same plan.
    pub(super) is_announced: bool,
    /// The time now.
    pub(super) now: Timestamp,
}

impl Registrable for Secret {
    const KIND: &'static str = "secret";
    const SHELF: &'static str = "secrets";
    type Claim = Registered<Self>;
    type Facts = SecretFacts;

    fn key(&self) -> String {
        format!("{}/{}", self.environment, self.name.filed())
    }

    fn check(&self, _: Option<&SecretRecord>, facts: &SecretFacts) -> Vec<Violation> {
        let unknown = (!facts.is_announced && !facts.environments.contains(&self.environment))
            .then(|| unknown_environment(&self.environment, &Vec::from_iter(&facts.environments)))
            .map(|violation| violation.as_rule(RuleId::SEC010));
        unknown.into_iter().chain(check_rotation(self, facts.now)).collect()
    }

    fn check_fields(fields: &Map<String, Value>) -> Result<(), Violations> {
        let values = fields.keys().filter_map(|name| check_field(name));
        Violations::check(values.chain(check_due(fields)).collect())
    }
}

/// SEC006: the secret was rotated in time.
#[must_use]
pub fn check_rotation(secret: &Secret, now: Timestamp) -> Option<Violation> {
    let due = secret.next_rotation_due().filter(|_| secret.is_overdue(now))?;
    Some(
        Violation::new(
            RuleId::SEC006,
            format!("{} of `{}`, due since {due}", quoted(&secret.name.to_string()), secret.environment),
            format!("a rotation every {} days", secret.rotation_schedule_days.get()),
            "Rotate it in the Key Vault, then set `last_rotated_at`; or set `is_active = false` where \
             nothing uses it any more.",
        )
        .under("last_rotated_at"),
    )
}

/// SEC007: a field of that name does not hold the value of a secret.
fn check_field(name: &str) -> Option<Violation> {
    let last = name.to_ascii_lowercase();
    (is_secret_name(name) || last.ends_with("value") || last.ends_with("plaintext")).then(|| {
        Violation::new(
            RuleId::SEC007,
            format!("a field {}, whose value is not shown", quoted(name)),
            "what is known of a secret, and never its value",
            "Take the field out, and rotate the secret: whoever reads this has seen it.",
        )
    })
}

/// SEC005: where the next rotation is said, it is the one that follows.
fn check_due(fields: &Map<String, Value>) -> Option<Violation> {
    let said = fields.get("next_rotation_due")?;
    let last = fields.get("last_rotated_at").and_then(Value::as_str);
    let last = last.and_then(|last| last.parse().ok());
    let days = match fields.get("rotation_schedule_days").filter(|days| !days.is_null()) {
        Some(days) => days.as_i64().and_then(|days| days.try_into().ok())?,
        None => RotationDays::default(),
    };
    let due = last.map(|last: Timestamp| days.after(last).to_string());
    let expected = due.clone().unwrap_or_else(|| "null".to_owned());
    (said.as_str() != due.as_deref()).then(|| {
        Violation::new(
            RuleId::SEC005,
            quoted(&said.as_str().map_or_else(|| said.to_string(), str::to_owned)),
            format!("`{expected}`, {} days after the last rotation", days.get()),
            "Leave it out: it follows from `last_rotated_at` and `rotation_schedule_days`.",
        )
        .under("next_rotation_due")
    })
}
