//! The audit log: who set which rule aside, when, for what and why (SCY004), and what nothing else would tell, such as
//! that an approval was withdrawn.

mod survey;

pub use survey::{Page, page};

use serde::{Deserialize, Serialize};

use crate::record::Record;
use crate::{Actor, CommitSha, RuleId, Timestamp};

/// Something that an auditor wants to know: a rule was set aside, or something was withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// Who answers for it.
    pub approved_by: Actor,
    /// Why.
    pub reason: String,
    /// What was done, such as `move tag api/v1.2.3`.
    pub action: String,
    /// The rules that were set aside, if any. Texts, so that the log stays readable whatever the
    /// catalogue becomes.
    pub rules: Vec<String>,
    /// The commit before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<CommitSha>,
    /// The commit after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<CommitSha>,
}

impl AuditRecord {
    /// Whether a rule was set aside.
    #[must_use]
    pub const fn is_override(&self) -> bool {
        !self.rules.is_empty()
    }

    /// Whether the record speaks of this rule.
    #[must_use]
    pub fn sets_aside(&self, rule: RuleId) -> bool {
        self.rules.iter().any(|known| known == rule.as_str())
    }
}

impl Record for AuditRecord {
    const KIND: &'static str = "audit";
    const SHELF: &'static str = "audit";
}
