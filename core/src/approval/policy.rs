//! What an environment asks of approvals: how many, whose, how old, and whether they are signed.

use std::collections::BTreeSet;
use std::fmt;
use std::num::NonZeroU8;

use serde::{Deserialize, Serialize};

use super::AllowedSigner;
use crate::base::actor::Actor;
use crate::base::rule::RuleId;
use crate::base::violation::{FieldPath, Findings, Violation, Violations};

/// Whether an environment asks for approvals, and for which.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalPolicy {
    /// Whether a deployment needs an approval.
    pub required: bool,
    /// Who may give it; anybody (but not who triggered it) when nobody is named.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub approvers: BTreeSet<Actor>,
    /// Of how many people.
    #[serde(default, skip_serializing_if = "ApprovalCount::is_one")]
    pub count: ApprovalCount,
    /// For how long an approval is good; for ever where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_for: Option<Validity>,
    /// Whether the person who triggers the deployment may be one of them.
    #[serde(default, skip_serializing_if = "is_false")]
    pub allow_trigger: bool,
    /// Whether only signed records of the ledger count.
    #[serde(default, skip_serializing_if = "Signatures::is_off")]
    pub signatures: Signatures,
    /// Whose signature is whose.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed_signers: Vec<AllowedSigner>,
}

const fn is_false(flag: &bool) -> bool {
    !*flag
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
        Self { required: true, ..Self::default() }
    }

    /// How many people have to agree.
    #[must_use]
    pub fn needed(&self) -> usize {
        if self.required { self.count.get() } else { 0 }
    }

    /// Whether it asks for more than one approval by somebody: who knows only that would get it wrong.
    #[must_use]
    pub fn asks_for_more(&self) -> bool {
        let plain =
            Self { required: self.required, approvers: self.approvers.clone(), ..Self::default() };
        *self != plain
    }

    /// Whether this person may approve, as far as the policy names people.
    #[must_use]
    pub fn admits(&self, person: &Actor) -> bool {
        self.approvers.is_empty() || self.approvers.iter().any(|it| it.is_same_person(person))
    }

    /// The keys of a person.
    pub fn keys_of<'a>(&'a self, person: &'a Actor) -> impl Iterator<Item = &'a AllowedSigner> {
        self.allowed_signers.iter().filter(|signer| signer.belongs_to(person))
    }

    /// POL001: what contradicts itself, so that no deployment could keep it.
    #[must_use]
    pub fn faults(&self) -> Vec<Violation> {
        let mut findings = Findings::new();
        findings.require(self.required || !self.asks_for_more(), without_approvals);
        let people = different(self.approvers.iter());
        let reachable = people.is_empty() || people.len() >= self.count.get();
        findings.require(reachable, || too_few(self.count, people.len(), "approvers"));
        if self.signatures == Signatures::Required {
            let owners = self.allowed_signers.iter().flat_map(AllowedSigner::people);
            let owners = different(owners.filter(|owner| self.admits(owner)));
            findings.require(owners.len() >= self.count.get(), || {
                too_few(self.count, owners.len(), "allowed_signers")
            });
        }
        findings.into_vec()
    }
}

/// Each person once.
fn different<'a>(people: impl Iterator<Item = &'a Actor>) -> Vec<&'a Actor> {
    let mut found: Vec<&Actor> = Vec::new();
    for person in people {
        if !found.iter().any(|known| known.is_same_person(person)) {
            found.push(person);
        }
    }
    found
}

fn without_approvals() -> Violation {
    Violation::new(
        RuleId::POL001,
        "a policy for approvals where none is required",
        "`requires_approval = true`, or `approvers` alone in the policy",
        "Set `requires_approval = true`, or take the rest of `approval_policy` out.",
    )
    .under("requires_approval")
}

fn too_few(count: ApprovalCount, people: usize, field: &'static str) -> Violation {
    let people = people_of(people);
    let (found, next) = match field {
        "approvers" => (
            format!("{count} required approvals, and {people} who may approve"),
            "Lower `required`, name more people, or leave `approvers` out.",
        ),
        _ => (
            format!("{count} required signatures, and keys of {people} who may approve"),
            "Lower `required`, or add a line for each person who approves.",
        ),
    };
    let expected = "at least as many different people as approvals";
    let at = FieldPath::from("approval_policy").field(field);
    Violation::new(RuleId::POL001, found, expected, next).under(at)
}

fn people_of(count: usize) -> String {
    match count {
        0 => "nobody".to_owned(),
        1 => "one person".to_owned(),
        more => format!("{more} people"),
    }
}

/// How many people have to agree: at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct ApprovalCount(NonZeroU8);

impl ApprovalCount {
    /// One person.
    pub const ONE: Self = Self(NonZeroU8::MIN);
    /// More than that nobody gathers.
    const MOST: u8 = 100;

    /// The number.
    #[must_use]
    pub fn get(self) -> usize {
        self.0.get().into()
    }

    fn is_one(&self) -> bool {
        *self == Self::ONE
    }
}

impl Default for ApprovalCount {
    fn default() -> Self {
        Self::ONE
    }
}

impl TryFrom<u64> for ApprovalCount {
    type Error = Violations;
    fn try_from(count: u64) -> Result<Self, Violations> {
        let fits = u8::try_from(count).ok().filter(|count| *count <= Self::MOST);
        fits.and_then(NonZeroU8::new).map(Self).ok_or_else(|| {
            let expected = format!("a number of people from 1 to {}", Self::MOST);
            let next = "Write how many people have to approve; `requires_approval` says whether anybody has to.";
            Violation::new(RuleId::POL001, format!("`{count}`"), expected, next).into()
        })
    }
}

impl From<ApprovalCount> for u64 {
    fn from(count: ApprovalCount) -> Self {
        count.0.get().into()
    }
}

impl fmt::Display for ApprovalCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// For how long an approval is good, in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct Validity(u64);

impl Validity {
    /// A hundred years: who means longer means for ever.
    const MOST: u64 = 36_500 * 86_400;

    /// The seconds.
    #[must_use]
    pub fn seconds(self) -> i64 {
        i64::try_from(self.0).unwrap_or(i64::MAX)
    }
}

impl TryFrom<u64> for Validity {
    type Error = Violations;
    fn try_from(seconds: u64) -> Result<Self, Violations> {
        if (1..=Self::MOST).contains(&seconds) {
            return Ok(Self(seconds));
        }
        let next = "Write a length of time such as `72h` or `3d`, or leave it out.";
        let expected = "whole seconds, from `1s` to a hundred years";
        Err(Violation::new(RuleId::POL001, format!("`{seconds}s`"), expected, next).into())
    }
}

impl From<Validity> for u64 {
    fn from(validity: Validity) -> Self {
        validity.0
    }
}

/// In the largest unit that leaves no rest, such as `72h`.
impl fmt::Display for Validity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [("d", 86_400), ("h", 3_600), ("m", 60)];
        let whole = units.into_iter().find(|(_, length)| self.0.is_multiple_of(*length));
        let (unit, length) = whole.unwrap_or(("s", 1));
        write!(f, "{}{unit}", self.0 / length)
    }
}

closed_list! {
    /// Whether approvals have to be signed.
    pub enum Signatures breaks POL001 {
        /// Nobody looks at signatures.
        Off = "off",
        /// Only records of the ledger count that a key of the approver signed.
        Required = "required",
    }
}

impl Signatures {
    fn is_off(&self) -> bool {
        *self == Self::Off
    }
}

// Derived, it would have to stand inside the macro.
#[allow(clippy::derivable_impls, reason = "the macro declares the enum")]
impl Default for Signatures {
    fn default() -> Self {
        Self::Off
    }
}
