//! Approvals of a deployment: what the block says. Which one is good is `pipeline_core::approval`'s to say.

use pipeline_core::deployment::rules::Known;
use pipeline_core::{CommitSha, GivenApproval};
use tfplugin::{Draft as _, Field, FieldValue};

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

/// The list of approvals of a plan, where all of them are known.
pub(super) fn all_planned(
    field: &Field<Vec<ApprovalBlockDraft>>,
    prior: Option<&Deployment>,
) -> Known<Vec<GivenApproval>> {
    let blocks = match field.value() {
        FieldValue::Unknown => return Known::NotYet,
        FieldValue::Null => return Known::Is(Vec::new()),
        FieldValue::Known(blocks) => blocks,
    };
    let given = |draft: &ApprovalBlockDraft| Some(draft.settled()?.given(prior));
    blocks.iter().map(given).collect::<Option<_>>().map_or(Known::NotYet, Known::Is)
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
        let says_it = |prior: &Deployment| {
            let mut all = prior.approval.iter().chain(prior.approvals.iter().flatten());
            all.any(|block| block == self)
        };
        let prior = prior.filter(|prior| says_it(prior))?;
        prior.commit_sha.get().map(|sha| sha.0)
    }
}
