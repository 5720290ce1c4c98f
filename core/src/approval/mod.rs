//! Approvals: who has to agree to a deployment, and who did.
//!
//! An approval is written in a configuration ([`GivenApproval`]), or in the ledger by the person who approves
//! ([`Review`], which the room [`review`](crate::review) records). How many of both count is decided in [`count`](mod@count), once for plan and claim.

pub mod count;
mod policy;
mod review;
pub mod rules;
mod signer;
mod survey;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::base::actor::Actor;
use crate::base::revision::CommitSha;
use crate::base::timestamp::Timestamp;

pub use policy::{ApprovalCount, ApprovalPolicy, Signatures, Validity};
pub use review::{Decision, Review, ReviewRecord, Reviewed, Reviews, Signed};
pub use signer::{AllowedSigner, SignerKey};
pub use survey::{find, gather};

/// Somebody agreed to the deployment of a commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Who.
    pub approved_by: Actor,
    /// The commit that was looked at; an approval is not valid for another.
    pub commit_sha: CommitSha,
    /// When, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_at: Option<Timestamp>,
    /// Where it is written, such as the URL of a review.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// An approval as it is given: perhaps without a word about the commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenApproval {
    /// Who.
    pub approved_by: Actor,
    /// When, if it is known.
    pub approved_at: Option<Timestamp>,
    /// Where it is written, such as the URL of a review.
    pub reference: Option<String>,
    /// The commit that was looked at, where the approval says so itself.
    pub commit_sha: Option<CommitSha>,
    /// The commit that whoever passes the approval on remembers to have used it for.
    pub used_for: Option<CommitSha>,
}

impl From<Approval> for GivenApproval {
    fn from(approval: Approval) -> Self {
        let Approval { approved_by, commit_sha, approved_at, reference } = approval;
        let commit_sha = Some(commit_sha);
        Self { approved_by, approved_at, reference, commit_sha, used_for: None }
    }
}
