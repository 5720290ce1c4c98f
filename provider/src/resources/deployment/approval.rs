//! Approvals of a deployment: what the block says. Which one is good is `pipeline_core::approval`'s to say.

use pipeline_core::deployment::rules::Known;
use pipeline_core::{CommitSha, GivenApproval};
use tfplugin::{Field, FieldValue};

use super::model::{ApprovalBlock, ApprovalBlockDraft, Deployment};

/// The approval of a plan, as far as it is known.
pub(super) fn planned(
    field: &Field<ApprovalBlockDraft>,
    prior: Option<&Deployment>,
) -> Known<Option<GivenApproval>> {
    match field.settled() {
        FieldValue::Unknown => Known::NotYet,
        FieldValue::Null => Known::Is(None),
        FieldValue::Known(block) => Known::Is(Some(block.given(prior))),
    }
}

impl ApprovalBlock {
    /// The approval, and the commit that the state says this very block was used for.
    pub(super) fn given(&self, prior: Option<&Deployment>) -> GivenApproval {
        GivenApproval {
            approved_by: self.approved_by.0.clone(),
            approved_at: self.approved_at.as_ref().map(|at| ***at),
            reference: self.reference.clone(),
            commit_sha: self.commit_sha.map(|named| named.0),
            used_for: self.used_by(prior),
        }
    }

    fn used_by(&self, prior: Option<&Deployment>) -> Option<CommitSha> {
        let prior = prior.filter(|prior| prior.approval.as_ref() == Some(self))?;
        prior.commit_sha.get().map(|sha| sha.0)
    }
}
