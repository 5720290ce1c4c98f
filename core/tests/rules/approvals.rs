//! Cases of approvals of several people: counted at plan and at the claim, and recorded by each of them.

use pipeline_core::approval::{
    AllowedSigner, ApprovalPolicy, Decision, Review, ReviewRecord, Reviewed, Reviews, Signatures,
    Signed, gather,
};
use pipeline_core::deployment::History;
use pipeline_core::deployment::rules::{DeploymentFacts, Known, Moment};
use pipeline_core::environment::{EnvironmentAtCommit, EnvironmentParts};
use pipeline_core::registration::{self, Registered};
use pipeline_core::review::{self, Announced};
use pipeline_core::{Approval, CommitSha, Environment, EnvironmentName, TagGrammar, Version};
use serde_json::{Value, json};

use super::deployments::{check, plan};
use super::ledger::{Place, done};
use super::samples::{COMMIT, OTHER, actor, parts, time};
use super::{Case, Found, case, found, read};

pub(crate) const CASES: &[Case] = &[
    case("POL001", || deployed(2, &["bob", "carol"]), || deployed(2, &["bob"])),
    case("POL001", || deployed(2, &["bob", "carol"]), || deployed(2, &["bob", "BOB"])),
    case("POL001", || deployed(2, &["bob", "carol"]), || deployed(2, &["bob", "ada"])),
    case("POL001", || listed(COMMIT), || listed(OTHER)),
    case("POL001", || policy(2, &["bob", "carol"]), || policy(2, &["bob"])),
    case("POL001", || signers("bob ssh-ed25519 AAAAC3Nza"), || signers("* ssh-ed25519 AAAAC3Nza")),
    case("POL001", || decided("bob", |_| ()), || decided("mallory", |_| ())),
    case("POL001", || decided("bob", |_| ()), || decided("dave", |it| it.person = actor("dave"))),
    case("POL002", || claimed(0, |_| ()), || claimed(3_600, |_| ())),
    case("POL002", || claimed(0, |_| ()), || claimed(0, |it| it.decision = Decision::Reject)),
    case(
        "POL002",
        || claimed(0, |it| it.expires_at = Some(time(101))),
        || claimed(0, |it| it.expires_at = Some(time(99))),
    ),
    case("POL002", || recorded(|_| ()), || recorded(|it| it["schema_version"] = json!(9))),
    case(
        "POL002",
        || decided("bob", |it| it.expires_at = Some(time(10))),
        || decided("bob", |it| it.expires_at = Some(time(9))),
    ),
];

/// Production, by its name, under a policy.
fn production(approval: ApprovalPolicy) -> Environment {
    Environment::new(EnvironmentParts { approval, ..parts() }).unwrap()
}

fn of(count: u64) -> ApprovalPolicy {
    ApprovalPolicy { count: count.try_into().unwrap(), ..ApprovalPolicy::required() }
}

fn sample(person: &str) -> Review {
    Review {
        environment: "production".parse().unwrap(),
        version: "api/v1.2.3".parse().unwrap(),
        commit_sha: COMMIT,
        person: actor(person),
        decision: Decision::Approve,
        reference: None,
        expires_at: None,
    }
}

fn reviewed(review: Review, at: i64) -> Reviewed {
    Reviewed { review, at: time(at), stranger: None, signed: Signed::NotAsked }
}

/// Ada deploys to production, at 100.
fn judged(approval: ApprovalPolicy, named: &[Approval], reviews: &Reviews, at: Moment) -> Found {
    let version: Version = "api/v1.2.3".parse().unwrap();
    let name: EnvironmentName = "production".parse().unwrap();
    let (history, by, asks) = (History::default(), actor("ada"), production(approval));
    let mut facts = DeploymentFacts::of_nothing(&history, time(100));
    facts.version_tag = Some(COMMIT);
    facts.environment = Some(&asks);
    facts.reviews = reviews;
    let mut it = plan(&version, &name, &by);
    it.approvals = Known::Is(named);
    check(&it, &facts, at)
}

/// A deployment that so many have to approve, and that these people approved in the ledger.
fn deployed(count: u64, people: &[&str]) -> Found {
    let all = people.iter().map(|person| reviewed(sample(person), 50)).collect();
    judged(of(count), &[], &Reviews { all, unreadable: Vec::new() }, Moment::Plan)
}

/// One that two approve, the second of this commit, in the configuration.
fn listed(commit_sha: CommitSha) -> Found {
    let by = |name, commit_sha| Approval {
        approved_by: actor(name),
        commit_sha,
        approved_at: None,
        reference: None,
    };
    let named = [by("bob", COMMIT), by("carol", commit_sha)];
    judged(of(2), &named, Reviews::NONE, Moment::Plan)
}

/// A claim, when the only approval is so old.
fn claimed(age: i64, change: fn(&mut Review)) -> Found {
    let valid_for = Some(3_600.try_into().unwrap());
    let mut review = sample("bob");
    change(&mut review);
    let reviews = Reviews { all: vec![reviewed(review, 100 - age)], unreadable: Vec::new() };
    judged(ApprovalPolicy { valid_for, ..of(1) }, &[], &reviews, Moment::Claim)
}

/// A claim, over the record of bob's approval as somebody changed it.
fn recorded(change: fn(&mut Value)) -> Found {
    let (place, review) = (Place::new(), sample("ada"));
    let slot = place.ledger.approval(&review.environment, review.commit_sha, &review.person);
    let environment = review.environment.clone();
    place.put::<ReviewRecord>(&slot, &registered(review), change);
    let asks = ApprovalPolicy { allow_trigger: true, ..of(1) };
    let found = done(gather(&place.ledger, &environment, COMMIT, &[&asks])).unwrap();
    judged(asks, &[], &found, Moment::Claim)
}

fn policy(count: u64, approvers: &[&str]) -> Found {
    let approvers = approvers.iter().map(|name| actor(name)).collect();
    found(Environment::new(EnvironmentParts {
        approval: ApprovalPolicy { approvers, ..of(count) },
        ..parts()
    }))
}

fn signers(line: &str) -> Found {
    let bad = read::<AllowedSigner>(line);
    let Ok(line) = line.parse() else { return bad };
    let signatures = Signatures::Required;
    let approval = ApprovalPolicy { signatures, allowed_signers: vec![line], ..of(1) };
    found(Environment::new(EnvironmentParts { approval, ..parts() }))
}

fn registered<T>(what: T) -> Registered<T> {
    let registered_by = actor("ada");
    Registered { what, registered_at: time(50), registered_by, updated_at: None }
}

/// What a plan says of bob's review, made by this person where bob and carol may approve.
fn decided(by: &str, change: fn(&mut Review)) -> Found {
    let place = Place::new();
    let approvers = ["bob", "carol"].map(actor).into();
    let environment = production(ApprovalPolicy { approvers, ..of(2) });
    let slot = place.ledger.environment(&environment.name);
    let record = EnvironmentAtCommit { environment, commit_sha: COMMIT };
    place.put(&slot, &registered(record), |_| ());
    let mut review = sample("bob");
    change(&mut review);
    let announced = Announced { environment: None, version_tag: Some(COMMIT) };
    let grammar = TagGrammar::default();
    let survey = review::survey(&place.ledger, &grammar, review, announced, (actor(by), time(9)));
    registration::plan(done(survey).unwrap(), None).violations()
}
