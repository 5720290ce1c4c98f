//! Counts approvals: those of a configuration and those of the ledger together, each person once.
//!
//! This is the one place that decides which of them counts, for plan and claim alike. What is said of the
//! result is worded in [`rules`](super::rules).

use super::rules::{ApprovalFacts, SKEW_SECONDS};
use super::{Approval, ApprovalPolicy, Decision, Review, Reviewed, Signatures, Signed, Validity};
use crate::base::actor::Actor;
use crate::base::revision::CommitSha;
use crate::base::timestamp::Timestamp;
use crate::base::violation::FieldPath;

/// The approvals that a configuration names.
#[derive(Debug, Clone, Copy, Default)]
pub struct Named<'a> {
    /// The single one.
    pub approval: Option<&'a Approval>,
    /// Those of the list.
    pub approvals: &'a [Approval],
}

impl<'a> Named<'a> {
    /// All of them, each with where it stands.
    pub fn all(self) -> impl Iterator<Item = (FieldPath, &'a Approval)> {
        let at = |index| FieldPath::from("approvals").index(index);
        let single = self.approval.map(|approval| (FieldPath::from("approval"), approval));
        let list = self.approvals.iter().enumerate();
        single.into_iter().chain(list.map(move |(index, approval)| (at(index), approval)))
    }
}

/// What counting came to.
#[derive(Debug, Clone, Default)]
pub struct Tally<'a> {
    /// How many are needed.
    pub needed: usize,
    /// Those that count, of different people; those of the configuration first.
    pub counted: Vec<Approval>,
    /// Those that do not.
    pub doubted: Vec<Doubted<'a>>,
    /// Who rejected the commit.
    pub rejections: Vec<&'a Reviewed>,
}

impl Tally<'_> {
    /// Whether enough people agree. A rejection counts apart.
    #[must_use]
    pub const fn suffices(&self) -> bool {
        self.counted.len() >= self.needed
    }
}

/// An approval that does not count.
#[derive(Debug, Clone)]
pub struct Doubted<'a> {
    /// Whose it is.
    pub person: &'a Actor,
    /// Where it stands in the configuration; `None`: it is a record of the ledger.
    pub at: Option<FieldPath>,
    /// All that speaks against it.
    pub why: Vec<Doubt>,
}

/// Why an approval does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// Nobody knows who triggers the deployment: perhaps the very person who approved it.
    NobodyKnown,
    /// The person triggers the deployment.
    Own,
    /// So does this person, whose other name it is.
    OtherName,
    /// It is of another commit.
    Stale(CommitSha),
    /// The policy names others.
    Stranger,
    /// The commit was made later.
    BeforeTheCommit {
        /// When it was given.
        at: Timestamp,
        /// When the commit was made.
        made: Timestamp,
    },
    /// It is dated ahead.
    InTheFuture(Timestamp),
    /// It is older than the policy allows.
    TooOld {
        /// When it was given.
        at: Timestamp,
        /// How old it may be.
        valid_for: Validity,
    },
    /// The policy limits its age, and it does not say when it was given.
    Undated,
    /// Its own time is over.
    Expired(Timestamp),
    /// It is of a configuration, and only signed records count.
    NoRecord,
    /// Its record is not signed by a key of the person.
    Unsigned(String),
    /// Somebody else wrote its record.
    WrittenBy(String),
    /// The person is named before, and counts once.
    Again,
}

/// Counts what a policy asks for. Where the commit is not known yet, the rest is judged.
#[must_use]
pub fn count<'a>(
    policy: &ApprovalPolicy,
    commit: Option<CommitSha>,
    named: Named<'a>,
    reviews: &'a [Reviewed],
    facts: &ApprovalFacts<'_>,
) -> Tally<'a> {
    let mut tally = Tally { needed: policy.needed(), ..Tally::default() };
    for (at, approval) in named.all() {
        let why = doubts_of_named(policy, commit, approval, facts);
        tally.take(&approval.approved_by, Some(at), why, || approval.clone());
    }
    let of_commit = |it: &&Reviewed| commit.is_none_or(|commit| it.review.commit_sha == commit);
    for reviewed in reviews.iter().filter(of_commit) {
        match reviewed.review.decision {
            Decision::Reject if stands(policy, reviewed) => tally.rejections.push(reviewed),
            Decision::Reject => {}
            Decision::Approve => {
                let why = doubts_of_review(policy, reviewed, facts);
                tally.take(&reviewed.review.person, None, why, || reviewed.approval());
            }
        }
    }
    tally.without_harmless()
}

impl<'a> Tally<'a> {
    fn take(
        &mut self,
        person: &'a Actor,
        at: Option<FieldPath>,
        why: Vec<Doubt>,
        approval: impl FnOnce() -> Approval,
    ) {
        if !why.is_empty() {
            self.doubted.push(Doubted { person, at, why });
        } else if !self.counts(person) {
            self.counted.push(approval());
        } else if at.is_some() {
            self.doubted.push(Doubted { person, at, why: vec![Doubt::Again] });
        }
    }

    /// Whether an approval of this person counts.
    #[must_use]
    pub fn counts(&self, person: &Actor) -> bool {
        self.counted.iter().any(|known| known.approved_by.is_same_person(person))
    }

    /// Of whom another approval counts, what does not count does no harm.
    fn without_harmless(mut self) -> Self {
        let doubted = std::mem::take(&mut self.doubted);
        let harms = |it: &Doubted<'a>| it.why == [Doubt::Again] || !self.counts(it.person);
        self.doubted = doubted.into_iter().filter(harms).collect();
        self
    }
}

/// Whether a rejection blocks: of somebody who may decide, signed or not, because who stops does no harm.
fn stands(policy: &ApprovalPolicy, reviewed: &Reviewed) -> bool {
    policy.admits(&reviewed.review.person) && reviewed.stranger.is_none()
}

fn doubts_of_named(
    policy: &ApprovalPolicy,
    commit: Option<CommitSha>,
    approval: &Approval,
    facts: &ApprovalFacts<'_>,
) -> Vec<Doubt> {
    let mut why = doubts_of_person(policy, &approval.approved_by, facts);
    if commit.is_some_and(|commit| approval.commit_sha != commit) {
        why.push(Doubt::Stale(approval.commit_sha));
    }
    match (approval.approved_at, policy.valid_for) {
        (Some(at), _) => {
            let made = facts.committed_at.filter(|made| made.seconds_since(at) > SKEW_SECONDS);
            why.extend(made.map(|made| Doubt::BeforeTheCommit { at, made }));
            why.extend(doubts_of_age(policy, at, facts.now));
        }
        (None, Some(_)) => why.push(Doubt::Undated),
        (None, None) => {}
    }
    if policy.signatures == Signatures::Required {
        why.push(Doubt::NoRecord);
    }
    why
}

fn doubts_of_review(
    policy: &ApprovalPolicy,
    reviewed: &Reviewed,
    facts: &ApprovalFacts<'_>,
) -> Vec<Doubt> {
    let Review { person, expires_at, .. } = &reviewed.review;
    let mut why = doubts_of_person(policy, person, facts);
    why.extend(doubts_of_age(policy, reviewed.at, facts.now));
    why.extend(expires_at.filter(|end| *end <= facts.now).map(Doubt::Expired));
    why.extend(reviewed.stranger.clone().map(Doubt::WrittenBy));
    if policy.signatures == Signatures::Required {
        why.extend(match &reviewed.signed {
            Signed::Yes => None,
            Signed::No(reason) => Some(Doubt::Unsigned(reason.clone())),
            Signed::NotAsked => Some(Doubt::Unsigned("nobody looked at its signature".to_owned())),
        });
    }
    why
}

fn doubts_of_person(
    policy: &ApprovalPolicy,
    person: &Actor,
    facts: &ApprovalFacts<'_>,
) -> Vec<Doubt> {
    let mut why = Vec::new();
    if !policy.allow_trigger {
        let other_name = || facts.also_known_as.iter().any(|name| person.is_same_person(name));
        if *facts.triggered_by == Actor::unknown() {
            why.push(Doubt::NobodyKnown);
        }
        if person.is_same_person(facts.triggered_by) {
            why.push(Doubt::Own);
        } else if other_name() {
            why.push(Doubt::OtherName);
        }
    }
    if !policy.admits(person) {
        why.push(Doubt::Stranger);
    }
    why
}

fn doubts_of_age(policy: &ApprovalPolicy, at: Timestamp, now: Timestamp) -> Option<Doubt> {
    if at.seconds_since(now) > SKEW_SECONDS {
        return Some(Doubt::InTheFuture(at));
    }
    let valid_for = policy.valid_for?;
    let is_over = now.seconds_since(at) >= valid_for.seconds();
    is_over.then_some(Doubt::TooOld { at, valid_for })
}
