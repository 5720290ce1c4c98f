//! The HCL of `pipeline_approval`, and the ways between it and the domain.

use pipeline_core::approval::{Decision, Review};
use pipeline_core::{Actor, CommitSha, EnvironmentName, Timestamp, Version};
use tfplugin::{Computed, Model, Text};

use crate::parts::no_url_secret;

/// A person's decision about a version, for an environment: an approval or a rejection, in the ledger, where every
/// deployment of that commit finds it, whichever configuration makes it.
///
/// It is recorded under the name of whoever applies it (the provider's `actor`, else the name by which git knows
/// them) and pushed with their own rights, so each approver has a configuration, or at least a state, of their own.
/// Nobody changes or withdraws what somebody else decided.
///
/// A deployment counts approvals when it is planned and again when it begins. An approval is of the commit of the
/// version and of no other. A rejection blocks the commit for the environment until the same person changes it.
/// Where the environment's `approval_policy` asks for signatures, the record is signed as `git tag -s` signs.
///
/// To renew an approval that has become too old, replace it: `terraform apply -replace=pipeline_approval.this`.
/// Destroying it withdraws the decision; the audit log keeps that it was there.
#[derive(Debug, Clone, Model)]
pub struct Approval {
    /// Environment to which the version is to go. It has to be registered.
    #[tf(identity, requires_replace)]
    pub environment: Text<EnvironmentName>,
    /// Version, with its sub-project path, such as `api/v1.2.3`. Its tag must exist.
    #[tf(identity, requires_replace)]
    pub version: Text<Version>,
    /// `approve` or `reject`.
    #[tf(default = "approve")]
    pub decision: Text<Decision>,
    /// Where it is written, such as the URL of a ticket.
    #[tf(validate = no_url_secret)]
    pub reference: Option<String>,
    /// When an approval ends, in UTC. A rejection never does by itself.
    pub expires_at: Option<Text<Timestamp>>,
    /// Who decided: whoever first applies it.
    #[tf(identity(optional), use_state_for_unknown)]
    pub person: Computed<String>,
    /// Commit of the version.
    #[tf(use_state_for_unknown)]
    pub commit_sha: Computed<Text<CommitSha>>,
    /// When it was first recorded, in UTC.
    #[tf(use_state_for_unknown)]
    pub registered_at: Computed<Text<Timestamp>>,
    /// When the person last decided, in UTC.
    pub updated_at: Computed<Text<Timestamp>>,
}

impl Approval {
    /// The domain's review, of this commit and by this person.
    pub(super) fn review(&self, person: Actor, commit_sha: CommitSha) -> Review {
        Review {
            environment: self.environment.0.clone(),
            version: self.version.0.clone(),
            commit_sha,
            person,
            decision: self.decision.0,
            reference: self.reference.clone(),
            expires_at: self.expires_at.map(|at| at.0),
        }
    }

    /// The arguments that say what `review` says.
    pub(super) fn of_review(review: &Review) -> Self {
        Self {
            reference: review.reference.clone(),
            expires_at: review.expires_at.map(Text),
            ..Self::blank(review.environment.clone(), review.version.clone(), review.decision)
        }
    }
}
