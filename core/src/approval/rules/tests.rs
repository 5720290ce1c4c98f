//! Samples of approvals that cannot be what they say.

use super::*;
use crate::approval::Approval;

const COMMIT: CommitSha = CommitSha::from_bytes([1; 20]);

fn actor(name: &str) -> Actor {
    name.parse().unwrap()
}

fn time(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(1_760_000_000 + seconds).unwrap()
}

fn approval(by: &str, at: Option<i64>) -> Approval {
    let (approved_by, approved_at) = (actor(by), at.map(time));
    Approval { approved_by, commit_sha: COMMIT, approved_at, reference: None }
}

/// What speaks against a deployment under an approval that anybody else may give.
fn found(approval: &Approval, facts: &ApprovalFacts<'_>) -> Vec<Violation> {
    let named = Named { approval: Some(approval), approvals: &[] };
    let (policy, none) = (ApprovalPolicy::required(), Reviews::NONE);
    check(&policy, Some(COMMIT), named, none, facts, Shortage::Foreseen).into_violations()
}

/// What is wrong with an approval of a commit made at 0 that Ada deploys at 10,000.
fn faults(approval: &Approval) -> Vec<String> {
    let facts = ApprovalFacts {
        triggered_by: &actor("Ada Example"),
        also_known_as: &[actor("ada@example.com"), actor("ada-gh")],
        committed_at: Some(time(0)),
        now: time(10_000),
    };
    let found = found(approval, &facts);
    assert!(found.iter().all(|fault| fault.rule == RuleId::DEP012));
    found.iter().map(|fault| fault.at.to_string()).collect()
}

#[test]
fn no_name_of_ones_own_is_somebody_else() {
    assert!(faults(&approval("Grace", None)).is_empty());
    for own in ["ada@example.com", "ADA-GH", "@ada-gh", "Ada Example"] {
        assert_eq!(faults(&approval(own, None)), ["approval.approved_by"], "{own}");
    }
}

#[test]
fn whoever_is_not_known_cannot_be_told_from_the_approver() {
    let nobody = Actor::unknown();
    let facts = ApprovalFacts {
        triggered_by: &nobody,
        also_known_as: &[],
        committed_at: None,
        now: time(0),
    };
    let found = found(&approval("Grace", None), &facts);
    assert!(found[0].next.contains("actor"), "{found:?}");
}

#[test]
fn an_approval_is_given_between_the_commit_and_now() {
    for good in [1, 5_000, 9_999, -SKEW_SECONDS, 10_000 + SKEW_SECONDS] {
        assert!(faults(&approval("Grace", Some(good))).is_empty(), "{good}");
    }
    for bad in [-SKEW_SECONDS - 1, 10_001 + SKEW_SECONDS] {
        assert_eq!(faults(&approval("Grace", Some(bad))), ["approval.approved_at"], "{bad}");
    }
}
