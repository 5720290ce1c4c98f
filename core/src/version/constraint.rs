//! Constraints on versions, in the notation of Terraform: `>= 1.2, < 2`, `~> 1.4`.
//!
//! Each term becomes comparators of the `semver` crate, which has no `!=` and reads numbers that
//! are left out in another way.

use std::fmt;
use std::str::FromStr;

use semver::{Comparator, Op, VersionReq};

use super::Version;
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
    required: VersionReq,
    excluded: Vec<semver::Version>,
}

#[derive(Clone, Copy)]
enum Operator {
    Compare(Op),
    NotEqual,
    Pessimistic,
}

/// How many terms a constraint may have: what is wrong with each is told.
const MOST_TERMS: usize = 100;

/// Longer operators first, so that `>=` is not read as `>`.
const OPERATORS: [(&str, Operator); 7] = [
    (">=", Operator::Compare(Op::GreaterEq)),
    ("<=", Operator::Compare(Op::LessEq)),
    ("!=", Operator::NotEqual),
    ("~>", Operator::Pessimistic),
    (">", Operator::Compare(Op::Greater)),
    ("<", Operator::Compare(Op::Less)),
    ("=", Operator::Compare(Op::Exact)),
];

impl VersionConstraint {
    /// Whether a version satisfies every term; its sub-project does not matter.
    #[must_use]
    pub fn matches(&self, version: &Version) -> bool {
        self.required.matches(&version.semver) && !self.excluded.contains(&version.semver)
    }

    fn add(&mut self, term: Term) {
        let Term { operator, version, given } = term;
        let comparators = &mut self.required.comparators;
        match (operator, given) {
            (Operator::NotEqual, _) => self.excluded.push(version),
            (Operator::Compare(op), _) => comparators.push(exactly(op, version)),
            (Operator::Pessimistic, 3) => comparators.push(exactly(Op::Tilde, version)),
            (Operator::Pessimistic, given) => {
                let major = version.major;
                comparators.push(exactly(Op::GreaterEq, version));
                if given == 2 {
                    comparators.push(same_major(major));
                }
            }
        }
    }
}

/// A comparison with all three numbers.
fn exactly(op: Op, version: semver::Version) -> Comparator {
    let semver::Version { major, minor, patch, pre, .. } = version;
    Comparator { op, major, minor: Some(minor), patch: Some(patch), pre }
}

fn same_major(major: u64) -> Comparator {
    Comparator { op: Op::Caret, major, minor: None, patch: None, pre: semver::Prerelease::EMPTY }
}

struct Term {
    operator: Operator,
    version: semver::Version,
    /// How many of the three numbers were given.
    given: usize,
}

impl FromStr for VersionConstraint {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        let terms = text.split(',').count();
        if terms > MOST_TERMS {
            return Err(too_many(terms).into());
        }
        let mut findings = Findings::new();
        let required = VersionReq { comparators: Vec::new() };
        let mut constraint = Self { text: text.to_owned(), required, excluded: Vec::new() };
        for part in text.split(',') {
            match read_term(part) {
                Ok(term) => constraint.add(term),
                Err(violations) => findings.extend(violations),
            }
        }
        findings.finish(constraint)
    }
}

fn read_term(part: &str) -> Result<Term, Violations> {
    let trimmed = part.trim();
    let matched = OPERATORS
        .iter()
        .find_map(|(mark, operator)| Some((*operator, trimmed.strip_prefix(mark)?)));
    let (operator, rest) = matched.unwrap_or((Operator::Compare(Op::Exact), trimmed));
    match read_version(rest.trim()) {
        Some((version, given)) => Ok(Term { operator, version, given }),
        None => Err(bad_term(trimmed).into()),
    }
}

/// A version of one to three numbers, of which only all three may have a pre-release.
fn read_version(text: &str) -> Option<(semver::Version, usize)> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let (core, is_prerelease) = match text.split_once('-') {
        Some((core, _)) => (core, true),
        None => (text, false),
    };
    let given = core.split('.').count();
    let zeros = match given {
        1 if !is_prerelease => ".0.0",
        2 if !is_prerelease => ".0",
        _ => "",
    };
    let version = semver::Version::parse(&format!("{text}{zeros}")).ok()?;
    version.build.is_empty().then_some((version, given))
}

/// The range that other tools mean by `^` before this version.
fn caret(text: &str) -> Option<String> {
    let (version, given) = read_version(text)?;
    let after = |number: u64| number.saturating_add(1);
    let below = match (version.major, version.minor, given) {
        (0, 0, 3) => format!("0.0.{}", after(version.patch)),
        (0, minor, 2 | 3) => format!("0.{}", after(minor)),
        (major, ..) => after(major).to_string(),
    };
    Some(format!(">= {text}, < {below}"))
}

fn too_many(terms: usize) -> Violation {
    let (found, expected) = (format!("{terms} terms"), format!("at most {MOST_TERMS} terms"));
    Violation::new(RuleId::OWN001, found, expected, "Write the range that they leave.")
}

fn bad_term(term: &str) -> Violation {
    let next = if let Some(range) = term.strip_prefix('^').and_then(|rest| caret(rest.trim())) {
        format!("Write `{range}`: there is no operator `^`.")
    } else if term.starts_with("==") {
        "Write `=` or nothing for an exact version.".to_owned()
    } else {
        "Write for example `>= 1.2, < 2`, `~> 1.4` or `1.2.3`.".to_owned()
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
