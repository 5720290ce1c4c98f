//! `pipeline_audit_log`: who set which rule aside, when and why.

use pipeline_core::audit::{AuditRecord, page};
use pipeline_core::ledger::Entry;
use tfplugin::{Computed, DataContext, DataSource, Diagnostics, Model, Path};

use crate::error::{self, Blame as _};
use crate::pipeline::Pipeline;

/// The audit log: every override of a rule, newest first. Nothing is ever deleted from it.
#[derive(Debug, Clone, Model)]
pub struct AuditLog {
    /// How many entries to show at most.
    #[tf(default = 100)]
    pub limit: u64,
    /// ID of an entry; shows only older ones. Give `next` of one page to get the one after it.
    pub before: Option<String>,
    /// Entries, newest first.
    pub entries: Computed<Vec<AuditEntry>>,
    /// ID of the last entry shown, where there are older ones; null where there are none.
    pub next: Computed<Option<String>>,
}

/// An override of rules.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct AuditEntry {
    /// ID of the entry.
    pub id: String,
    /// When it was done, in UTC.
    pub at: String,
    /// Who did it.
    pub actor: String,
    /// Who answers for it.
    pub approved_by: String,
    /// Why.
    pub reason: String,
    /// What was done, such as `move tag api/v1.2.3`.
    pub action: String,
    /// IDs of the rules that were set aside.
    pub rules: Vec<String>,
    /// Commit before; null where there was none.
    pub commit_before: Option<String>,
    /// Commit after; null where there is none.
    pub commit_after: Option<String>,
}

impl DataSource for AuditLog {
    const NAME: &'static str = "pipeline_audit_log";
    type Provider = Pipeline;

    async fn read(self, cx: &DataContext<Self>) -> Result<Self, Diagnostics> {
        let session = cx.provider.open().await?;
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let found = page(&session.ledger(), self.before.as_deref(), limit).await;
        let found = found.blame(Path::root())?;
        for record in &found.unreadable {
            cx.warn(error::unusable(Self::ENTRIES, record));
        }
        let entries: Vec<_> = found.entries.iter().map(AuditEntry::from).collect();
        Ok(Self { entries: entries.into(), next: found.next.into(), ..self })
    }
}

impl From<&Entry<AuditRecord>> for AuditEntry {
    fn from(entry: &Entry<AuditRecord>) -> Self {
        let record = &entry.record;
        Self {
            id: entry.slot.id().to_owned(),
            at: record.at.to_string(),
            actor: record.actor.to_string(),
            approved_by: record.approved_by.to_string(),
            reason: record.reason.clone(),
            action: record.action.clone(),
            rules: record.rules.clone(),
            commit_before: record.before.map(|commit| commit.to_string()),
            commit_after: record.after.map(|commit| commit.to_string()),
        }
    }
}
