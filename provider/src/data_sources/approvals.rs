//! `pipeline_approvals`: what people decided about a version, for an environment.

use pipeline_core::approval::{self, Decision, ReviewRecord};
use pipeline_core::deployment::rules::untagged;
use pipeline_core::{CommitSha, EnvironmentName, RuleId, Timestamp, Version};
use tfplugin::{Computed, DataContext, DataSource, Diagnostics, Model, Path, Text};

use crate::error::{self, Blame as _};
use crate::pipeline::Pipeline;

/// What people decided about a version, for an environment, as the ledger has it now. Approvals that a configuration
/// writes are not among them. Which ones count for a deployment is said when it is planned.
#[derive(Debug, Clone, Model)]
pub struct Approvals {
    /// Name of the environment.
    pub environment: Text<EnvironmentName>,
    /// Version, with its sub-project path, such as `api/v1.2.3`. Its tag must exist.
    pub version: Text<Version>,
    /// Commit of the version.
    pub commit_sha: Computed<Text<CommitSha>>,
    /// Newest decision of each person, by name.
    pub approvals: Computed<Vec<ApprovalItem>>,
    /// People who approved, and whose approval has not ended.
    pub approved_by: Computed<Vec<String>>,
    /// People who rejected.
    pub rejected_by: Computed<Vec<String>>,
}

/// What one person decided.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct ApprovalItem {
    /// Who decided.
    pub person: String,
    /// `approve` or `reject`.
    pub decision: String,
    /// When, in UTC.
    pub decided_at: String,
    /// Where it is written; null where nobody said.
    pub reference: Option<String>,
    /// When it ends, in UTC; null where it does not.
    pub expires_at: Option<String>,
}

impl DataSource for Approvals {
    const NAME: &'static str = "pipeline_approvals";
    type Provider = Pipeline;

    async fn read(self, cx: &DataContext<Self>) -> Result<Self, Diagnostics> {
        let session = cx.provider.open().await?;
        let releases = session.truth().await?.releases;
        let Some(commit) = releases.get(&self.version).map(|release| release.commit) else {
            let (near, strange) = (releases.near(&self.version), releases.strange(&self.version));
            let missing = untagged(RuleId::DEP007, &self.version, near, strange);
            return Err(error::violations_at(&missing.into(), Self::VERSION));
        };
        let found = approval::find(&session.ledger(), &self.environment, commit).await;
        let (entries, unusable) = found.blame(Path::root())?;
        for record in &unusable {
            cx.warn(error::unusable(Self::APPROVALS, record));
        }
        let records: Vec<ReviewRecord> = entries.into_iter().map(|entry| entry.record).collect();
        let now = session.now();
        let of = |decision| {
            let wanted =
                |it: &&ReviewRecord| it.decision == decision && !has_ended(it.expires_at, now);
            records.iter().filter(wanted).map(|it| it.person.to_string()).collect::<Vec<_>>()
        };
        Ok(Self {
            commit_sha: Text(commit).into(),
            approved_by: of(Decision::Approve).into(),
            rejected_by: of(Decision::Reject).into(),
            approvals: records.iter().map(ApprovalItem::from).collect::<Vec<_>>().into(),
            ..self
        })
    }
}

fn has_ended(end: Option<Timestamp>, now: Timestamp) -> bool {
    end.is_some_and(|end| end <= now)
}

impl From<&ReviewRecord> for ApprovalItem {
    fn from(record: &ReviewRecord) -> Self {
        Self {
            person: record.person.to_string(),
            decision: record.decision.to_string(),
            decided_at: record.written_at().to_string(),
            reference: record.reference.clone(),
            expires_at: record.expires_at.map(|at| at.to_string()),
        }
    }
}
