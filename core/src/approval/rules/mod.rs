//! What is said of approvals that a deployment lacks: DEP012, POL001 and POL002.
//!
//! Which of them counts is decided in [`count`](mod@super::count); which commit an approval of a configuration was
//! used for is read from the records ([`crate::deployment`]). Who really wrote an approval of a configuration
//! is not known here: it is as trustworthy as the review of the configuration.

mod words;

use super::count::{Doubt, Doubted, Named, Tally, count};
use super::{ApprovalPolicy, Reviewed, Reviews, Signatures};
use crate::base::actor::Actor;
use crate::base::revision::CommitSha;
use crate::base::rule::RuleId;
use crate::base::secrecy::{recorded_secret, url_secret};
use crate::base::timestamp::Timestamp;
use crate::base::violation::{Violation, quoted};
use crate::policy::{NotYet, Objections, WaitFor};

/// By how many seconds the clocks of two machines may differ.
pub const SKEW_SECONDS: i64 = 300;

/// What is known beside an approval.
#[derive(Debug, Clone, Copy)]
pub struct ApprovalFacts<'a> {
    /// Who triggers the deployment.
    pub triggered_by: &'a Actor,
    /// Other names by which the same person may be known here, such as a login or an e-mail address.
    pub also_known_as: &'a [Actor],
    /// When the commit was made, where anybody looked.
    pub committed_at: Option<Timestamp>,
    /// The time now.
    pub now: Timestamp,
}

/// The rule that is broken where approvals are missing: at plan POL001; POL002 where they are counted again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shortage {
    /// At plan.
    Foreseen,
    /// At the claim.
    Found,
}

impl Shortage {
    const fn rule(self) -> RuleId {
        match self {
            Self::Foreseen => RuleId::POL001,
            Self::Found => RuleId::POL002,
        }
    }
}

/// All that speaks against a deployment of `commit`, by the approvals that it has. What only lacks is not yet there:
/// somebody may still approve.
#[must_use]
pub fn check(
    policy: &ApprovalPolicy,
    commit: Option<CommitSha>,
    named: Named<'_>,
    reviews: &Reviews,
    facts: &ApprovalFacts<'_>,
    shortage: Shortage,
) -> Objections {
    let mut found = Objections::from(secrets(named));
    if !policy.required {
        return found;
    }
    let tally = count(policy, commit, named, &reviews.all, facts);
    found.faults.extend(tally.rejections.iter().map(|it| rejected(it)));
    found.faults.extend(reviews.unreadable.iter().map(|why| unreadable(why)));
    if tally.suffices() {
        return found;
    }
    let rule = shortage.rule();
    let wrong = doubts(policy, commit, &tally, facts, rule);
    let early = |fault| NotYet::new(WaitFor::Approval, None, fault);
    let is_plain = policy.needed() == 1 && policy.signatures == Signatures::Off;
    if !is_plain || tally.doubted.iter().any(|doubted| doubted.at.is_none()) {
        found.not_yet.push(early(words::summary(policy, commit, &tally, facts, rule)));
    } else if wrong.is_empty() {
        found.not_yet.push(early(words::missing(commit)));
    }
    found.faults.extend(wrong);
    found
}

/// Why approvals of the configuration do not count, each where it stands.
fn doubts(
    policy: &ApprovalPolicy,
    commit: Option<CommitSha>,
    tally: &Tally<'_>,
    facts: &ApprovalFacts<'_>,
    rule: RuleId,
) -> Vec<Violation> {
    let named = tally.doubted.iter().filter(|doubted| doubted.at.is_some());
    let told = |doubted: &Doubted<'_>| -> Vec<Violation> {
        let told = |why: &Doubt| words::doubt(why, doubted, policy, commit, facts, rule);
        doubted.why.iter().map(told).collect()
    };
    named.flat_map(told).collect()
}

/// OWN046: what is recorded holds no secret, whether anybody asked for it or not.
fn secrets(named: Named<'_>) -> Vec<Violation> {
    let told = |(at, approval): (_, &super::Approval)| {
        let what = approval.reference.as_deref().and_then(url_secret)?;
        Some(recorded_secret(what).under("reference").under(at))
    };
    named.all().filter_map(told).collect()
}

/// POL002: somebody who may decide said no.
fn rejected(it: &Reviewed) -> Violation {
    let person = quoted(it.review.person.as_str());
    let place = it.review.reference.as_deref().map(|place| format!(", {}", quoted(place)));
    let at = it.at;
    let found = format!(
        "a rejection of commit `{}` by {person} of {at}{}",
        it.review.commit_sha,
        place.unwrap_or_default()
    );
    let next = format!(
        "Settle it with {person}, who alone may change or withdraw it, or deploy another version."
    );
    Violation::new(RuleId::POL002, found, "a commit that nobody rejects", next).under("version")
}

/// POL002: a record that may be a rejection cannot be read.
fn unreadable(why: &str) -> Violation {
    let expected = "reviews that can be read, because one of them may be a rejection";
    let next = "Use a release that reads it, or have whoever wrote it write it anew.";
    Violation::new(RuleId::POL002, why, expected, next).under("version")
}

#[cfg(test)]
mod tests;
