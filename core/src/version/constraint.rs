//! Constraints on versions, in the notation of Terraform: `>= 1.2, < 2`, `~> 1.4`.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use super::{Prerelease, Version, number};
use crate::base::path::SubProjectPath;
use crate::base::rule::RuleId;
use crate::base::violation::{Findings, Violation, Violations, quoted};

/// A comma-separated list of terms that all have to hold.
///
/// Numbers that are left out count as zero, and `~>` lets only the last number that is given
/// grow: `~> 1.4` is at least 1.4 and below 2. A pre-release satisfies a constraint only when a
/// term other than `!=` names a pre-release of the same major, minor and patch.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct VersionConstraint {
    text: String,
    terms: Vec<Term>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Term {
    operator: Operator,
    version: Version,
    /// How many of the three numbers were given.
    given: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    GreaterEqual,
    Less,
    LessEqual,
    Pessimistic,
}

/// Longer operators first, so that `>=` is not read as `>`.
const OPERATORS: [(&str, Operator); 7] = [
    (">=", Operator::GreaterEqual),
    ("<=", Operator::LessEqual),
    ("!=", Operator::NotEqual),
    ("~>", Operator::Pessimistic),
    (">", Operator::Greater),
    ("<", Operator::Less),
    ("=", Operator::Equal),
];

impl VersionConstraint {
    /// Whether a version satisfies every term; its sub-project does not matter.
    #[must_use]
    pub fn matches(&self, version: &Version) -> bool {
        self.admits_prerelease(version) && self.terms.iter().all(|term| term.holds(version))
    }

    fn admits_prerelease(&self, version: &Version) -> bool {
        !version.is_prerelease() || self.terms.iter().any(|term| term.names(version))
    }
}

impl Term {
    fn holds(&self, version: &Version) -> bool {
        let order = version.precedence(&self.version);
        match self.operator {
            Operator::Equal => order == Ordering::Equal,
            Operator::NotEqual => order != Ordering::Equal,
            Operator::Greater => order == Ordering::Greater,
            Operator::GreaterEqual => order != Ordering::Less,
            Operator::Less => order == Ordering::Less,
            Operator::LessEqual => order != Ordering::Greater,
            Operator::Pessimistic => order != Ordering::Less && self.same_left_of_last(version),
        }
    }

    fn same_left_of_last(&self, version: &Version) -> bool {
        let (mine, theirs) = (self.version.numbers(), version.numbers());
        match self.given {
            3 => (mine.0, mine.1) == (theirs.0, theirs.1),
            2 => mine.0 == theirs.0,
            _ => true,
        }
    }

    /// Whether this term speaks of a pre-release of the same release.
    fn names(&self, version: &Version) -> bool {
        self.operator != Operator::NotEqual
            && self.version.is_prerelease()
            && self.version.numbers() == version.numbers()
    }
}

impl FromStr for VersionConstraint {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        let mut findings = Findings::new();
        let mut terms = Vec::new();
        for part in text.split(',') {
            match read_term(part) {
                Ok(term) => terms.push(term),
                Err(violations) => findings.extend(violations),
            }
        }
        findings.finish(Self { text: text.to_owned(), terms })
    }
}

fn read_term(part: &str) -> Result<Term, Violations> {
    let trimmed = part.trim();
    let matched = OPERATORS
        .iter()
        .find_map(|(mark, operator)| Some((*operator, trimmed.strip_prefix(mark)?)));
    let (operator, rest) = matched.unwrap_or((Operator::Equal, trimmed));
    match read_version(rest.trim()) {
        Some((version, given)) => Ok(Term { operator, version, given }),
        None => Err(bad_term(trimmed).into()),
    }
}

fn read_version(text: &str) -> Option<(Version, usize)> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let (core, prerelease) = match text.split_once('-') {
        Some((core, suffix)) => (core, Some(suffix.parse::<Prerelease>().ok()?)),
        None => (text, None),
    };
    let numbers: Vec<u64> = core.split('.').map(|part| number(part).ok()).collect::<Option<_>>()?;
    let (major, minor, patch) = match numbers[..] {
        [major] => (major, 0, 0),
        [major, minor] => (major, minor, 0),
        [major, minor, patch] => (major, minor, patch),
        _ => return None,
    };
    if prerelease.is_some() && numbers.len() < 3 {
        return None;
    }
    let release = Version::release(SubProjectPath::root(), major, minor, patch);
    Some((release.with_prerelease(prerelease), numbers.len()))
}

fn bad_term(term: &str) -> Violation {
    let next = if term.starts_with('^') {
        "Terraform has no `^`: write `~> 1.4` for at least 1.4 and below 2."
    } else if term.starts_with("==") {
        "Write `=` or nothing for an exact version."
    } else {
        "Write for example `>= 1.2, < 2`, `~> 1.4` or `1.2.3`."
    };
    let expected = "a version after one of `=`, `!=`, `>`, `>=`, `<`, `<=`, `~>`, or alone";
    Violation::new(RuleId::OWN001, quoted(term), expected, next)
}

impl fmt::Display for VersionConstraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

text_serde!(VersionConstraint);
