//! A rollback target in the JSON of the documented systems.

use serde_json::{Value, json};

use super::{RejectedVersion, RollbackTarget, RollbackTargetParts, SelectionCriteria};
use crate::base::dialect::{Dialect, Documented, Told};
use crate::base::fields::{Fields, flag, list, parsed, text};
use crate::base::violation::Violations;
use crate::version::{Version, VersionParts, dialect::of_parts};

impl Documented for RollbackTarget {
    const DIALECTS: &'static [Dialect] = &[Dialect::D001];

    fn read(json: &Value, _: Dialect) -> Result<Self, Violations> {
        let mut fields = Fields::of(json)?;
        let current_version = fields.must("current_version", of_parts);
        let target_version = fields.must("target_version", of_parts);
        let environment = fields.must("environment", parsed);
        let criteria = fields.must("selection_criteria", criteria);
        let candidate_versions = fields.must("candidate_versions", |it| list(it, of_parts));
        let rejected = fields.must("rejected_versions", |it| list(it, rejected));
        let made = match (current_version, target_version, environment, criteria) {
            (Some(current_version), Some(target_version), Some(environment), Some(criteria)) => {
                let parts = RollbackTargetParts {
                    current_version,
                    target_version,
                    target_states: std::collections::BTreeSet::new(),
                    environment,
                    selection_criteria: criteria,
                    candidate_versions: candidate_versions.unwrap_or_default(),
                    rejected_versions: rejected.unwrap_or_default(),
                };
                fields.whole(parts.check())
            }
            _ => None,
        };
        fields.finish(made)
    }

    fn tell(&self, _: Dialect) -> Result<Told, Violations> {
        let parts = |version: &Version| json!(VersionParts::from(version));
        let rejected = self.rejected_versions().iter().map(|it| {
            let mut json = parts(&it.version);
            json["reason"] = it.reason.clone().into();
            json
        });
        Ok(Told::whole(json!({
            "current_version": parts(self.current_version()),
            "target_version": parts(self.target_version()),
            "environment": self.environment(),
            "selection_criteria": self.selection_criteria(),
            "candidate_versions": self.candidate_versions().iter().map(parts).collect::<Vec<_>>(),
            "rejected_versions": rejected.collect::<Vec<_>>(),
        })))
    }
}

fn criteria(json: &Value) -> Result<SelectionCriteria, Violations> {
    let mut fields = Fields::of(json)?;
    let stable = fields.must("prioritize_stable", flag);
    let deprecated = fields.must("exclude_deprecated", flag);
    let unstable = fields.must("exclude_unstable", flag);
    let made = match (stable, deprecated, unstable) {
        (Some(prioritize_stable), Some(exclude_deprecated), Some(exclude_unstable)) => {
            Some(SelectionCriteria { prioritize_stable, exclude_deprecated, exclude_unstable })
        }
        _ => None,
    };
    fields.finish(made)
}

/// The parts of a version, and why it is left out beside them.
fn rejected(json: &Value) -> Result<RejectedVersion, Violations> {
    let mut parts = json.clone();
    let reason = parts.as_object_mut().and_then(|object| object.remove("reason"));
    let version = of_parts(&parts)?;
    let reason = reason.as_ref().map(text).transpose()?.unwrap_or_default();
    Ok(RejectedVersion { version, reason })
}
