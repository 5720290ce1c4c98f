//! A secret in the JSON of the documented systems.

use serde_json::{Value, json};

use super::{RotationDays, Secret};
use crate::Timestamp;
use crate::base::dialect::{Dialect, Documented, Told};
use crate::base::fields::{Fields, flag, parsed, whole};
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, Violations};

impl Documented for Secret {
    const DIALECTS: &'static [Dialect] = &[Dialect::D002];

    fn read(json: &Value, _: Dialect) -> Result<Self, Violations> {
        let mut fields = Fields::of(json)?;
        let name = fields.must("name", parsed);
        let key_vault_url = fields.must("keyVaultUrl", parsed);
        let secret_type = fields.must("type", parsed);
        let days = fields.may("rotationScheduleDays", |it| RotationDays::try_from(whole(it)?));
        let last_rotated_at = fields.may("lastRotatedAt", parsed);
        let due = fields.may("nextRotationDue", parsed::<Timestamp>);
        let last_accessed_at = fields.may("lastAccessedAt", parsed);
        let created_by = fields.must("createdBy", parsed);
        let environment = fields.must("environmentName", parsed);
        let is_active = fields.must("isActive", flag);
        let named = name.zip(key_vault_url).zip(secret_type).zip(created_by).zip(environment);
        let made = named.zip(is_active).map(
            |(((((name, key_vault_url), secret_type), created_by), environment), is_active)| Self {
                environment,
                name,
                key_vault_url,
                secret_type,
                rotation_schedule_days: days.unwrap_or_default(),
                last_rotated_at,
                last_accessed_at,
                created_by,
                is_active,
            },
        );
        let right = made.as_ref().map(Self::next_rotation_due);
        fields.faults(right.filter(|right| due.is_some() && *right != due).map(not_due));
        fields.finish(made)
    }

    fn tell(&self, _: Dialect) -> Result<Told, Violations> {
        Ok(Told::whole(json!({
            "name": self.name,
            "keyVaultUrl": self.key_vault_url,
            "type": self.secret_type,
            "rotationScheduleDays": i64::from(self.rotation_schedule_days),
            "lastRotatedAt": self.last_rotated_at,
            "nextRotationDue": self.next_rotation_due(),
            "lastAccessedAt": self.last_accessed_at,
            "createdBy": self.created_by,
            "environmentName": self.environment,
            "isActive": self.is_active,
        })))
    }
}

/// SEC005: the next rotation follows from the last one and the schedule.
fn not_due(right: Option<Timestamp>) -> Violation {
    let expected = right.map_or_else(|| "no time".to_owned(), |right| format!("`{right}`"));
    let next = "Leave it out: it follows from `lastRotatedAt` and `rotationScheduleDays`.";
    Violation::new(RuleId::SEC005, "another time", expected, next).under("nextRotationDue")
}
