//! Whether an approval can be what it says it is: by somebody else, given after the commit was made and
//! before now. Which commit it was used for is read from the records ([`crate::deployment`]).
//!
//! Whether one is needed, and of whom, is the environment's policy ([`crate::approval`]). Who
//! really wrote an approval is not known here: it is as trustworthy as the review of the configuration.

use super::Approval;
use crate::base::actor::Actor;
use crate::base::revision::CommitSha;
use crate::base::rule::RuleId;
use crate::base::timestamp::Timestamp;
use crate::base::violation::{Findings, Violation, quoted};

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

/// What DEP012 finds wrong with an approval that an environment asks for, beyond what its policy does.
#[must_use]
pub fn check(approval: &Approval, facts: &ApprovalFacts<'_>) -> Vec<Violation> {
    let mut findings = Findings::new();
    let by = &approval.approved_by;
    findings.require(*facts.triggered_by != Actor::unknown(), nobody);
    let other_name = facts.also_known_as.iter().find(|name| by.is_same_person(name));
    let told = other_name.filter(|_| !by.is_same_person(facts.triggered_by));
    findings.extend(told.map(|_| own(by, facts.triggered_by)));
    if let Some(at) = approval.approved_at {
        let early = facts.committed_at.filter(|made| made.seconds_since(at) > SKEW_SECONDS);
        findings.extend(early.map(|made| before_the_commit(at, approval.commit_sha, made)));
        let ahead = at.seconds_since(facts.now) > SKEW_SECONDS;
        findings.require(!ahead, || in_the_future(at, facts.now));
    }
    findings.into_vec().into_iter().map(|fault| fault.under("approval")).collect()
}

fn nobody() -> Violation {
    let next = "Set `actor` to the name of the person who deploys.";
    let expected = "a name, because nobody approves their own deployment";
    Violation::new(RuleId::DEP012, "a deployment triggered by nobody known", expected, next)
        .under("approved_by")
}

fn own(by: &Actor, triggered_by: &Actor) -> Violation {
    let by = quoted(by.as_str());
    let found = format!("{by}, another name of {triggered_by}, who triggered the deployment");
    Violation::new(RuleId::DEP012, found, "somebody else", "Have another person approve it.")
        .under("approved_by")
}

fn before_the_commit(at: Timestamp, commit: CommitSha, made: Timestamp) -> Violation {
    let expected = format!("a time after {made}, when commit `{commit}` was made");
    let next = "Have the commit that is to be deployed approved, and write when that was.";
    Violation::new(RuleId::DEP012, format!("`{at}`"), expected, next).under("approved_at")
}

fn in_the_future(at: Timestamp, now: Timestamp) -> Violation {
    let expected = format!("a time that is not in the future, by a clock that shows {now}");
    let next = "Write when it was approved, in UTC.";
    Violation::new(RuleId::DEP012, format!("`{at}`"), expected, next).under("approved_at")
}

#[cfg(test)]
mod tests;
