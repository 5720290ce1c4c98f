//! Counting: samples, and a law against a second, naive count.

use proptest::prelude::*;

use super::count::{Doubt, Named, Tally, count};
use super::rules::{ApprovalFacts, Shortage, check};
use super::*;
use crate::base::rule::RuleId;
use crate::base::violation::Violation;
use crate::policy::Objections;

const COMMIT: CommitSha = CommitSha::from_bytes([1; 20]);
const OTHER: CommitSha = CommitSha::from_bytes([2; 20]);
const NOW: i64 = 100_000;

fn actor(name: &str) -> Actor {
    name.parse().unwrap()
}

fn time(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(1_760_000_000 + seconds).unwrap()
}

fn approval(name: &str, commit_sha: CommitSha) -> Approval {
    Approval { approved_by: actor(name), commit_sha, approved_at: None, reference: None }
}

fn review(person: &str, decision: Decision, at: i64) -> Reviewed {
    let review = Review {
        environment: "production".parse().unwrap(),
        version: "api/v1.2.3".parse().unwrap(),
        commit_sha: COMMIT,
        person: actor(person),
        decision,
        reference: None,
        expires_at: None,
    };
    Reviewed { review, at: time(at), stranger: None, signed: Signed::NotAsked }
}

fn approves(person: &str) -> Reviewed {
    review(person, Decision::Approve, NOW - 10)
}

fn of(count: u64) -> ApprovalPolicy {
    ApprovalPolicy { count: count.try_into().unwrap(), ..ApprovalPolicy::required() }
}

/// Ada deploys the commit.
fn by_ada<T>(work: impl FnOnce(&ApprovalFacts<'_>) -> T) -> T {
    work(&ApprovalFacts {
        triggered_by: &actor("Ada"),
        also_known_as: &[actor("ada@example.com")],
        committed_at: None,
        now: time(NOW),
    })
}

fn objections(policy: &ApprovalPolicy, named: Named<'_>, all: Vec<Reviewed>) -> Objections {
    let reviews = Reviews { all, unreadable: Vec::new() };
    by_ada(|facts| check(policy, Some(COMMIT), named, &reviews, facts, Shortage::Foreseen))
}

fn faults(policy: &ApprovalPolicy, approval: Option<&Approval>) -> Vec<Violation> {
    let named = Named { approval, approvals: &[] };
    objections(policy, named, Vec::new()).into_violations()
}

/// What is counted of records alone.
fn counted(policy: &ApprovalPolicy, reviews: &[Reviewed]) -> usize {
    by_ada(|facts| count(policy, Some(COMMIT), Named::default(), reviews, facts).counted.len())
}

/// Why the only approval, a record, does not count.
fn doubts(policy: &ApprovalPolicy, reviewed: Reviewed) -> Vec<Doubt> {
    let reviews = [reviewed];
    by_ada(|facts| {
        let Tally { doubted, .. } = count(policy, Some(COMMIT), Named::default(), &reviews, facts);
        doubted.first().map(|it| it.why.clone()).unwrap_or_default()
    })
}

#[test]
fn an_approval_is_by_somebody_else_and_of_this_commit() {
    let policy = ApprovalPolicy::required();
    assert_eq!(faults(&policy, None).len(), 1);
    assert_eq!(faults(&policy, Some(&approval("bob", COMMIT))), []);
    assert_eq!(faults(&policy, Some(&approval("ada", OTHER))).len(), 2);
}

#[test]
fn named_approvers_are_the_only_ones() {
    let policy =
        ApprovalPolicy { approvers: [actor("Carol")].into(), ..ApprovalPolicy::required() };
    assert_eq!(faults(&policy, Some(&approval("carol", COMMIT))), []);
    let found = faults(&policy, Some(&approval("bob", COMMIT)));
    assert_eq!(found[0].at.to_string(), "approval.approved_by");
}

#[test]
fn what_is_known_is_checked_before_the_commit_is() {
    let policy = ApprovalPolicy::required();
    let own = approval("ada", OTHER);
    let named = Named { approval: Some(&own), approvals: &[] };
    let found = by_ada(|facts| {
        check(&policy, None, named, Reviews::NONE, facts, Shortage::Foreseen).into_violations()
    });
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn a_reference_with_a_password_is_not_recorded_whoever_asked_for_it() {
    let reference = Some("https://ada:s3cret@example.com/reviews/7".to_owned());
    let approval = Approval { reference, ..approval("bob", COMMIT) };
    for policy in [ApprovalPolicy::none(), ApprovalPolicy::required()] {
        let found = faults(&policy, Some(&approval));
        assert_eq!(found[0].rule, RuleId::OWN046);
        assert_eq!(found[0].at.to_string(), "approval.reference");
        assert!(!found[0].to_string().contains("s3cret"), "{found:?}");
    }
}

#[test]
fn nothing_is_asked_where_nothing_is_required() {
    assert_eq!(faults(&ApprovalPolicy::none(), None), []);
    let rejected = vec![review("bob", Decision::Reject, 0)];
    let found = objections(&ApprovalPolicy::none(), Named::default(), rejected);
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn both_kinds_are_counted_together_and_each_person_once() {
    let list = [approval("bob", COMMIT), approval("BOB", COMMIT)];
    let named = Named { approval: None, approvals: &list };
    let short = objections(&of(2), named, vec![approves("Bob")]);
    let told = short.clone().into_violations();
    assert_eq!(short.not_yet.len(), 1, "{short:?}");
    assert!(told.iter().any(|it| it.found.contains("1 of 2 approvals")), "{told:?}");
    assert!(told.iter().any(|it| it.at.to_string() == "approvals[1].approved_by"), "{told:?}");
    let enough = objections(&of(2), named, vec![approves("carol")]);
    assert!(enough.is_empty(), "{enough:?}");
}

#[test]
fn who_is_missing_is_told() {
    let approvers = ["ada", "bob", "carol", "dave"].map(actor).into();
    let policy = ApprovalPolicy { approvers, ..of(3) };
    let found = objections(&policy, Named::default(), vec![approves("bob")]).into_violations();
    assert_eq!(found[0].rule, RuleId::POL001);
    assert!(found[0].found.starts_with("1 of 3 approvals"), "{found:?}");
    assert!(found[0].next.starts_with("Have 2 of `carol` and `dave` approve"), "{found:?}");
}

#[test]
fn a_rejection_blocks_whoever_approved_and_is_nothing_to_wait_for() {
    let all = vec![approves("bob"), approves("dave"), review("carol", Decision::Reject, 5)];
    let found = objections(&of(2), Named::default(), all.clone());
    assert_eq!((found.faults.len(), found.not_yet.len()), (1, 0));
    assert_eq!(found.faults[0].rule, RuleId::POL002);
    let approvers = ["bob", "dave"].map(actor).into();
    let others = ApprovalPolicy { approvers, ..of(2) };
    assert!(objections(&others, Named::default(), all).is_empty(), "carol has no say");
}

#[test]
fn what_cannot_be_read_may_be_a_rejection() {
    let reviews = Reviews { all: vec![approves("bob")], unreadable: vec!["`x`: newer".into()] };
    let found = by_ada(|facts| {
        check(&of(1), Some(COMMIT), Named::default(), &reviews, facts, Shortage::Found)
    });
    assert_eq!(found.faults[0].rule, RuleId::POL002);
}

#[test]
fn each_doubt_is_told() {
    let valid_for = Some(3_600.try_into().unwrap());
    let limited = ApprovalPolicy { valid_for, ..of(1) };
    let old = review("bob", Decision::Approve, NOW - 3_600);
    assert!(matches!(doubts(&limited, old)[..], [Doubt::TooOld { .. }]));
    assert_eq!(counted(&limited, &[review("bob", Decision::Approve, NOW - 3_599)]), 1);
    let ahead = review("bob", Decision::Approve, NOW + 301);
    assert!(matches!(doubts(&of(1), ahead)[..], [Doubt::InTheFuture(_)]));
    let mut ending = approves("bob");
    ending.review.expires_at = Some(time(NOW));
    assert!(matches!(doubts(&of(1), ending.clone())[..], [Doubt::Expired(_)]));
    ending.review.expires_at = Some(time(NOW + 1));
    assert_eq!(counted(&of(1), &[ending]), 1);
    for own in ["ADA", "ada@example.com"] {
        assert_eq!(doubts(&of(1), approves(own)).len(), 1, "{own}");
        assert_eq!(counted(&ApprovalPolicy { allow_trigger: true, ..of(1) }, &[approves(own)]), 1);
    }
    let forged = Reviewed { stranger: Some("mallory".into()), ..approves("bob") };
    assert!(matches!(&doubts(&of(1), forged)[..], [Doubt::WrittenBy(name)] if name == "mallory"));
    let mut stale = approves("bob");
    stale.review.commit_sha = OTHER;
    assert_eq!(counted(&of(1), &[stale]), 0);
}

#[test]
fn where_signatures_are_asked_for_only_signed_records_count() {
    let signed = ApprovalPolicy { signatures: Signatures::Required, ..of(1) };
    let named = approval("bob", COMMIT);
    let found = faults(&signed, Some(&named));
    assert!(found.iter().any(|it| it.at.to_string() == "approval.approved_by"), "{found:?}");
    for bad in [Signed::NotAsked, Signed::No("no key".into())] {
        assert_eq!(counted(&signed, &[Reviewed { signed: bad, ..approves("bob") }]), 0);
    }
    assert_eq!(counted(&signed, &[Reviewed { signed: Signed::Yes, ..approves("bob") }]), 1);
}

#[test]
fn policies_that_nothing_could_keep_are_refused() {
    let at = |policy: &ApprovalPolicy| {
        let found = policy.faults();
        assert!(found.iter().all(|it| it.rule == RuleId::POL001));
        found.iter().map(|it| it.at.to_string()).collect::<Vec<_>>()
    };
    assert!(at(&of(9)).is_empty());
    assert_eq!(at(&ApprovalPolicy { required: false, ..of(2) }), ["requires_approval"]);
    let few =
        ApprovalPolicy { approvers: ["bob", "BOB "].map(|it| actor(it.trim())).into(), ..of(2) };
    assert_eq!(at(&few), ["approval_policy.approvers"]);
    let unsigned = ApprovalPolicy { signatures: Signatures::Required, ..of(1) };
    assert_eq!(at(&unsigned), ["approval_policy.allowed_signers"]);
    let line = "bob,carol ssh-ed25519 AAAAC3Nza".parse().unwrap();
    let signed =
        ApprovalPolicy { allowed_signers: vec![line], count: 2.try_into().unwrap(), ..unsigned };
    assert!(at(&signed).is_empty());
}

#[test]
fn lines_of_signers_name_people_and_one_key() {
    let signer = |line: &str| line.parse::<AllowedSigner>();
    let ssh = signer("bob,bob@example.com namespaces=\"git\" ssh-ed25519 AAAAC3Nza Bob's laptop")
        .unwrap();
    assert!(ssh.belongs_to(&actor("BOB")) && ssh.belongs_to(&actor("bob@example.com")));
    assert_eq!(*ssh.key(), SignerKey::Ssh("namespaces=\"git\" ssh-ed25519 AAAAC3Nza".into()));
    let named = signer("\"Ada Example\" ssh-ed25519 AAAAC3Nza").unwrap();
    assert_eq!(named.people(), [actor("Ada Example")]);
    let pgp = signer(&format!("carol openpgp {}", "ab12 ".repeat(10).trim())).unwrap();
    assert_eq!(*pgp.key(), SignerKey::OpenPgp("AB12".repeat(10)));
    for bad in [
        "",
        "bob",
        "bob ssh-ed25519",
        "bob ssh-dss AAAA",
        "* ssh-ed25519 AAAA",
        "!bob ssh-ed25519 AAAA",
        "bob cert-authority ssh-ed25519 AAAA",
        "bob ssh-ed25519 BBBB",
        " bob ssh-ed25519 AAAA",
        "bob ssh-ed25519 AAAA\nmallory ssh-ed25519 AAAB",
        "bob openpgp AB12",
        "# bob ssh-ed25519 AAAA",
    ] {
        assert!(signer(bad).is_err_and(|it| it.breaks(RuleId::POL001)), "{bad:?}");
    }
}

proptest! {
    /// A second count, by people: somebody counts who approved in time, is entitled, and did not trigger it.
    #[test]
    fn counts_people(
        voices in prop::collection::vec((0_usize..5, any::<bool>(), 0_i64..20, any::<bool>()), 0..8),
        named_only in any::<bool>(),
        allow_trigger in any::<bool>(),
        limit in prop::option::of(1_u64..20),
    ) {
        let people = ["ada", "bob", "carol", "dave", "erin"];
        let approvers = if named_only { ["ada", "bob", "carol"].map(actor).into() } else { [].into() };
        let valid_for = limit.map(|limit| limit.try_into().unwrap());
        let policy = ApprovalPolicy { approvers, allow_trigger, valid_for, ..of(2) };
        let mut reviews = Vec::new();
        let mut expected = std::collections::BTreeSet::new();
        let mut rejects = false;
        let mut seen = std::collections::BTreeSet::new();
        for (person, says_yes, age, here) in voices {
            if !seen.insert(person) {
                continue;
            }
            let decision = if says_yes { Decision::Approve } else { Decision::Reject };
            let mut it = review(people[person], decision, NOW - age);
            if !here {
                it.review.commit_sha = OTHER;
            }
            reviews.push(it);
            let entitled = !named_only || person < 3;
            if here && entitled && !says_yes {
                rejects = true;
            }
            let young = limit.is_none_or(|limit| age.unsigned_abs() < limit);
            if here && entitled && says_yes && young && (allow_trigger || person != 0) {
                expected.insert(person);
            }
        }
        prop_assert_eq!(counted(&policy, &reviews), expected.len());
        let found = objections(&policy, Named::default(), reviews);
        prop_assert_eq!(found.faults.is_empty(), !rejects);
        prop_assert_eq!(found.not_yet.is_empty(), expected.len() >= 2);
    }
}
