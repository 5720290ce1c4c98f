//! A review: what one person decided about one commit for one environment, in the ledger.

use serde::{Deserialize, Serialize};

use super::Approval;
use crate::base::actor::Actor;
use crate::base::filing::escaped;
use crate::base::revision::CommitSha;
use crate::base::timestamp::Timestamp;
use crate::registration::Registered;
use crate::{EnvironmentName, Version};

/// A review as it was recorded.
pub type ReviewRecord = Registered<Review>;

/// What a person decided about a version, for an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Where the version is to go.
    pub environment: EnvironmentName,
    /// What was looked at.
    pub version: Version,
    /// Its commit: a review is of no other.
    pub commit_sha: CommitSha,
    /// Who decided.
    pub person: Actor,
    /// What.
    pub decision: Decision,
    /// Where it is written, such as the URL of a ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// When an approval ends. A rejection stands until that person changes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

closed_list! {
    /// What somebody decides.
    pub enum Decision breaks POL001 {
        /// The version may go there.
        Approve = "approve",
        /// It may not.
        Reject = "reject",
    }
}

/// What the ledger says of one commit for one environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reviews {
    /// The newest decision of each person.
    pub all: Vec<Reviewed>,
    /// Records that cannot be read, and why. One of them may be a rejection.
    pub unreadable: Vec<String>,
}

impl Reviews {
    /// Nobody decided anything.
    pub const NONE: &'static Self = &Self { all: Vec::new(), unreadable: Vec::new() };

    /// As they are when these were recorded, each in the place of what its person decided before.
    pub(crate) fn after(mut self, pending: &[Reviewed]) -> Self {
        for next in pending {
            let place = |it: &Reviewed| it.review.filed() == next.review.filed();
            self.all.retain(|it| !place(it));
            self.all.push(next.clone());
        }
        self
    }
}

/// A review, and what is known of who wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reviewed {
    /// What was decided.
    pub review: Review,
    /// When.
    pub at: Timestamp,
    /// The name under which git has the record, where that is another person's.
    pub stranger: Option<String>,
    /// What became of its signature.
    pub signed: Signed,
}

/// What is known of the signature of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signed {
    /// Nobody looked, because no policy asks for it.
    NotAsked,
    /// By a key of the person.
    Yes,
    /// By none, and why not.
    No(String),
}

impl Review {
    /// Where the record lies.
    pub(crate) fn filed(&self) -> String {
        key(&self.environment, self.commit_sha, &self.person)
    }
}

/// Where the record lies of a person's decision. One person has one place, however the name is spelled.
pub(super) fn key(environment: &EnvironmentName, commit: CommitSha, person: &Actor) -> String {
    format!("{environment}/{commit}/{}", escaped(&person.comparable()))
}

impl Reviewed {
    /// The approval that it is, for the record of a deployment.
    pub(super) fn approval(&self) -> Approval {
        let Review { person, commit_sha, reference, .. } = &self.review;
        Approval {
            approved_by: person.clone(),
            commit_sha: *commit_sha,
            approved_at: Some(self.at),
            reference: reference.clone(),
        }
    }
}
