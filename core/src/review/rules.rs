//! The record of a review, and what has to hold before it is written: a person decides under their own name,
//! about a version that has a tag, for an environment that lets them.

use serde_json::{Map, Value};

use super::audit;
use crate::approval::{ApprovalPolicy, Decision, Review, ReviewRecord, Signatures};
use crate::audit::AuditRecord;
use crate::base::actor::{Actor, Author};
use crate::base::filing::{LONGEST, escaped, unescaped};
use crate::base::revision::CommitSha;
use crate::base::rule::RuleId;
use crate::base::timestamp::Timestamp;
use crate::base::violation::{Findings, Violation, Violations, one_of, quoted};
use crate::deployment::rules::{unknown_environment, untagged};
use crate::registration::{Registered, Registrable};
use crate::{EnvironmentName, Version};

/// What is the case around a review. A [survey](super::survey()) gathers it.
#[derive(Debug, Clone)]
pub struct ReviewFacts {
    /// The policy of the environment; nothing where no such environment is registered.
    pub(super) policy: Option<ApprovalPolicy>,
    /// The environments that are registered.
    pub(super) environments: Vec<EnvironmentName>,
    /// The commit of the version's tag.
    pub(super) version_tag: Option<CommitSha>,
    /// A version that has a tag, and that may have been meant.
    pub(super) near_version: Option<Version>,
    /// The kind of what the version's tag leads to, where that is no commit.
    pub(super) strange_tag: Option<String>,
    /// Who asks.
    pub(super) by: Actor,
    /// The time.
    pub(super) now: Timestamp,
}

impl Registrable for Review {
    const KIND: &'static str = "approval";
    const SHELF: &'static str = "approvals";
    type Claim = Registered<Self>;
    type Facts = ReviewFacts;

    fn key(&self) -> String {
        self.filed()
    }

    fn shown(key: &str) -> String {
        unescaped(key)
    }

    fn check(&self, before: Option<&ReviewRecord>, facts: &ReviewFacts) -> Vec<Violation> {
        // Nobody decides anything where nothing changes.
        if before.is_some_and(|before| before.what == *self) {
            return Vec::new();
        }
        let mut findings = Findings::new();
        findings.extend(self.untagged(facts));
        findings.extend(foreign_name(&self.person, &facts.by));
        findings.require(escaped(&self.person.comparable()).len() <= LONGEST, || {
            too_long(&self.person)
        });
        findings.extend(self.ending(facts.now));
        match &facts.policy {
            Some(policy) => findings.extend(self.not_admitted(policy)),
            None => {
                let known = Vec::from_iter(&facts.environments);
                findings.push(unknown_environment(&self.environment, &known));
            }
        }
        findings.into_vec()
    }

    fn audit(before: &ReviewRecord, after: Option<&Self>, author: &Author) -> Option<AuditRecord> {
        Some(audit::of(before, after, author))
    }

    fn is_signed(&self, facts: &ReviewFacts) -> bool {
        facts.policy.as_ref().is_some_and(|policy| policy.signatures == Signatures::Required)
    }

    fn check_fields(fields: &Map<String, Value>) -> Result<(), Violations> {
        let is = |name: &str| fields.get(name).filter(|value| !value.is_null());
        let rejects = is("decision").and_then(Value::as_str) == Some(Decision::Reject.as_str());
        let ends = rejects && is("expires_at").is_some();
        Violations::check(ends.then(rejection_with_end).into_iter().collect())
    }
}

impl Review {
    /// What is wrong with the values alone.
    #[must_use]
    pub fn faults(&self) -> Option<Violation> {
        (self.decision == Decision::Reject && self.expires_at.is_some()).then(rejection_with_end)
    }

    fn untagged(&self, facts: &ReviewFacts) -> Option<Violation> {
        if facts.version_tag == Some(self.commit_sha) && facts.strange_tag.is_none() {
            return None;
        }
        let strange = facts.strange_tag.as_deref();
        Some(untagged(RuleId::DEP007, &self.version, facts.near_version.as_ref(), strange))
    }

    fn ending(&self, now: Timestamp) -> Option<Violation> {
        let over = self.expires_at.filter(|end| *end <= now).map(|end| {
            let next = "Write a later time, or leave it out.";
            let expected = format!("a time after {now}, because it would never count");
            Violation::new(RuleId::POL002, format!("`{end}`"), expected, next).under("expires_at")
        });
        self.faults().or(over)
    }

    /// POL001: the decision would not count.
    fn not_admitted(&self, policy: &ApprovalPolicy) -> Option<Violation> {
        let person = quoted(self.person.as_str());
        let told = |found, expected, next| {
            Violation::new(RuleId::POL001, found, expected, next).under("person")
        };
        if !policy.admits(&self.person) {
            let names: Vec<&str> = policy.approvers.iter().map(Actor::as_str).collect();
            let next = "Have one of them decide, or have the environment name this person.";
            return Some(told(person, one_of(&names), next));
        }
        let has_key = policy.keys_of(&self.person).next().is_some();
        (policy.signatures == Signatures::Required && !has_key).then(|| {
            let found = format!("{person}, of whom the environment knows no key");
            let expected =
                "somebody with a line in `allowed_signers`, because approvals are signed";
            let next = "Have the environment name a key of this person.";
            told(found, expected.to_owned(), next)
        })
    }
}

/// POL001: nobody decides in the name of somebody else, or without a name.
pub(super) fn foreign_name(person: &Actor, by: &Actor) -> Option<Violation> {
    let unknown = *by == Actor::unknown();
    if person.is_same_person(by) && !unknown {
        return None;
    }
    let (found, next) = if unknown {
        ("nobody known".to_owned(), "Set `actor` to the name of the person who decides.".to_owned())
    } else {
        let person = quoted(person.as_str());
        let found = format!("{}, in the place of {person}", quoted(by.as_str()));
        (found, format!("Have {person} do it; whoever else decides has a record of their own."))
    };
    let expected = "the person whose decision it is";
    Some(Violation::new(RuleId::POL001, found, expected, next).under("person"))
}

fn too_long(person: &Actor) -> Violation {
    let expected = format!("a name of at most {LONGEST} bytes where it is filed");
    let next = "Set `actor` to a login or an e-mail address.";
    Violation::new(RuleId::POL001, quoted(person.as_str()), expected, next).under("person")
}

fn rejection_with_end() -> Violation {
    Violation::new(
        RuleId::POL002,
        "a rejection that ends by itself",
        "an end of an approval alone, because a rejection stands until that person changes it",
        "Leave `expires_at` out.",
    )
    .under("expires_at")
}
