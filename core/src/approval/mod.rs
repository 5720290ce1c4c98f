//! Approvals: who has to agree to a deployment, and who did.

pub mod rules;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::base::actor::Actor;
use crate::base::revision::CommitSha;
use crate::base::rule::RuleId;
use crate::base::secrecy::{recorded_secret, url_secret};
use crate::base::timestamp::Timestamp;
use crate::base::violation::{Findings, Violation, one_of, quoted};

/// Whether an environment asks for an approval, and whose.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalPolicy {
    /// Whether a deployment needs an approval.
    pub required: bool,
    /// Who may give it; anybody (but not who triggered it) when nobody is named.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub approvers: BTreeSet<Actor>,
}

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

impl ApprovalPolicy {
    /// Nobody has to agree.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Somebody has to agree, whoever it is.
    #[must_use]
    pub fn required() -> Self {
        Self { required: true, approvers: BTreeSet::new() }
    }

    /// What DEP012, and OWN046 of its reference, find wrong with the approval of a deployment. Where its commit or who triggers it
    /// is not known yet, the rest is checked.
    #[must_use]
    pub fn faults(
        &self,
        approval: Option<&Approval>,
        commit: Option<CommitSha>,
        triggered_by: Option<&Actor>,
    ) -> Vec<Violation> {
        let Some(approval) = approval else {
            return self.required.then(|| missing(commit)).into_iter().collect();
        };
        let reference = approval.reference.as_deref().and_then(url_secret);
        let told = reference.map(|what| recorded_secret(what).under("reference").under("approval"));
        let mut found =
            if self.required { self.faults_of(approval, commit, triggered_by) } else { Vec::new() };
        found.extend(told);
        found
    }

    fn faults_of(
        &self,
        approval: &Approval,
        commit: Option<CommitSha>,
        triggered_by: Option<&Actor>,
    ) -> Vec<Violation> {
        let mut findings = Findings::new();
        let person = &approval.approved_by;
        let other = triggered_by.is_none_or(|actor| !person.is_same_person(actor));
        findings.require(other, || own(person));
        let other = commit.filter(|commit| approval.commit_sha != *commit);
        findings.extend(other.map(|commit| stale(approval.commit_sha, commit)));
        let allowed = self.approvers.is_empty()
            || self.approvers.iter().any(|approver| approver.is_same_person(person));
        findings.require(allowed, || stranger(person, &self.approvers));
        findings.into_vec().into_iter().map(|fault| fault.under("approval")).collect()
    }
}

fn missing(commit: Option<CommitSha>) -> Violation {
    let what = match commit {
        Some(commit) => format!("commit `{commit}`"),
        None => "its commit".to_owned(),
    };
    Violation::new(
        RuleId::DEP012,
        "no approval",
        format!("an approval of {what}, because the environment asks for one"),
        "Have somebody else look at the commit, and name them in `approval`.",
    )
    .under("approval")
}

fn own(person: &Actor) -> Violation {
    Violation::new(
        RuleId::DEP012,
        format!("{}, who triggered the deployment", quoted(person.as_str())),
        "somebody else",
        "Have another person approve it.",
    )
    .under("approved_by")
}

fn stale(found: CommitSha, expected: CommitSha) -> Violation {
    Violation::new(
        RuleId::DEP012,
        format!("an approval of commit `{found}`"),
        format!("an approval of commit `{expected}`, which is the one to be deployed"),
        "Have the commit that is to be deployed approved.",
    )
    .under("commit_sha")
}

fn stranger(person: &Actor, approvers: &BTreeSet<Actor>) -> Violation {
    let names: Vec<&str> = approvers.iter().map(Actor::as_str).collect();
    let next = "Have one of them approve it.";
    Violation::new(RuleId::DEP012, quoted(person.as_str()), one_of(&names), next)
        .under("approved_by")
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: CommitSha = CommitSha::from_bytes([1; 20]);

    fn actor(name: &str) -> Actor {
        name.parse().unwrap()
    }

    fn approval(name: &str, commit_sha: CommitSha) -> Approval {
        Approval { approved_by: actor(name), commit_sha, approved_at: None, reference: None }
    }

    #[test]
    fn an_approval_is_by_somebody_else_and_of_this_commit() {
        let policy = ApprovalPolicy::required();
        let faults = |approval: Option<&Approval>| {
            policy.faults(approval, Some(COMMIT), Some(&actor("Ada"))).len()
        };
        assert_eq!(faults(None), 1);
        assert_eq!(faults(Some(&approval("bob", COMMIT))), 0);
        assert_eq!(faults(Some(&approval("ada", CommitSha::from_bytes([2; 20])))), 2);
    }

    #[test]
    fn named_approvers_are_the_only_ones() {
        let policy = ApprovalPolicy { required: true, approvers: [actor("Carol")].into() };
        let faults =
            |name| policy.faults(Some(&approval(name, COMMIT)), Some(COMMIT), Some(&actor("ada")));
        assert_eq!(faults("carol"), []);
        assert_eq!(faults("bob")[0].at.to_string(), "approval.approved_by");
    }

    #[test]
    fn what_is_known_is_checked_before_the_person_is() {
        let policy = ApprovalPolicy::required();
        assert_eq!(policy.faults(None, Some(COMMIT), None).len(), 1);
        assert_eq!(policy.faults(Some(&approval("ada", COMMIT)), Some(COMMIT), None), []);
    }

    #[test]
    fn a_reference_with_a_password_is_not_recorded_whoever_asked_for_it() {
        let reference = Some("https://ada:s3cret@example.com/reviews/7".to_owned());
        let approval = Approval { reference, ..approval("bob", COMMIT) };
        for policy in [ApprovalPolicy::none(), ApprovalPolicy::required()] {
            let found = policy.faults(Some(&approval), Some(COMMIT), Some(&actor("ada")));
            assert_eq!(found[0].rule, RuleId::OWN046);
            assert_eq!(found[0].at.to_string(), "approval.reference");
            assert!(!found[0].to_string().contains("s3cret"), "{found:?}");
        }
    }

    #[test]
    fn nothing_is_asked_where_nothing_is_required() {
        assert_eq!(ApprovalPolicy::none().faults(None, Some(COMMIT), Some(&actor("ada"))), []);
    }
}
