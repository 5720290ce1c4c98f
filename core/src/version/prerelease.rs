//! The pre-release part of a version, such as `rc.1`.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use crate::base::rule::RuleId;
use crate::base::violation::{Findings, Violation, Violations, quoted};

/// A pre-release by SemVer 2.0: identifiers of letters, digits and hyphens, separated by dots.
///
/// The order is SemVer's: identifiers are compared one by one, numbers by value and below words,
/// and what has fewer identifiers comes first.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Prerelease(String);

impl Prerelease {
    /// The text, without the hyphen before it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The identifiers between the dots.
    pub fn identifiers(&self) -> impl Iterator<Item = &str> {
        self.0.split('.')
    }

    /// What stands before the last identifier when that is a number: `rc` of `rc.1`.
    #[must_use]
    pub fn label(&self) -> &str {
        match self.0.rsplit_once('.') {
            Some((label, last)) if is_number(last) => label,
            _ if is_number(&self.0) => "",
            _ => &self.0,
        }
    }

    /// The last identifier, where it is a number that fits 64 bits.
    #[must_use]
    pub fn counter(&self) -> Option<u64> {
        self.identifiers().last().filter(|last| is_number(last))?.parse().ok()
    }
}

impl FromStr for Prerelease {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        let mut findings = Findings::new();
        let refused = |c: &char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-'));
        if let Some(character) = text.chars().find(refused) {
            findings.push(stray(text, character));
        }
        for identifier in text.split('.') {
            findings.extend(identifier_fault(text, identifier));
        }
        findings.finish(Self(text.to_owned()))
    }
}

fn stray(text: &str, character: char) -> Violation {
    Violation::new(
        RuleId::VER001,
        format!("{} with the character {character:?}", quoted(text)),
        "only letters, digits, dots and hyphens in a pre-release",
        "Remove the character, or write a dot or a hyphen for it.",
    )
}

fn identifier_fault(text: &str, identifier: &str) -> Option<Violation> {
    if identifier.is_empty() {
        return Some(Violation::new(
            RuleId::VER004,
            format!("{} with an empty identifier", quoted(text)),
            "identifiers separated by single dots, such as `rc.1`",
            "Remove the extra dot, or the hyphen before it.",
        ));
    }
    if identifier.len() > 1 && identifier.starts_with('0') && is_number(identifier) {
        return Some(Violation::new(
            RuleId::VER004,
            format!("the numeric identifier {}", quoted(identifier)),
            "a number without leading zeros",
            format!("Write `{}`.", without_zeros(identifier)),
        ));
    }
    None
}

fn without_zeros(digits: &str) -> &str {
    match digits.trim_start_matches('0') {
        "" => "0",
        rest => rest,
    }
}

fn is_number(identifier: &str) -> bool {
    !identifier.is_empty() && identifier.bytes().all(|byte| byte.is_ascii_digit())
}

/// Numbers of any length: without leading zeros the longer one is greater.
fn compare(left: &str, right: &str) -> Ordering {
    match (is_number(left), is_number(right)) {
        (true, true) => left.len().cmp(&right.len()).then_with(|| left.cmp(right)),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => left.cmp(right),
    }
}

impl PartialOrd for Prerelease {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Prerelease {
    fn cmp(&self, other: &Self) -> Ordering {
        let (mut left, mut right) = (self.identifiers(), other.identifiers());
        loop {
            match (left.next(), right.next()) {
                (None, None) => return Ordering::Equal,
                (None, Some(_)) => return Ordering::Less,
                (Some(_), None) => return Ordering::Greater,
                (Some(a), Some(b)) => match compare(a, b) {
                    Ordering::Equal => {}
                    unequal => return unequal,
                },
            }
        }
    }
}

impl fmt::Display for Prerelease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

text_serde!(Prerelease);
