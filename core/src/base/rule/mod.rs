//! The catalogue of rules: ID, what it is about, how bad it is, when it can be known, and what it
//! says. It is data; the checks live with the types and policies that make them.
//!
//! An ID is for ever: it is never reused for another rule. A rule enters the catalogue when
//! something enforces it, together with a case that satisfies it and one that breaks it.

mod catalogue;

use std::fmt;
use std::str::FromStr;

pub use catalogue::{CATALOGUE, RuleId};

use super::suggest::did_you_mean;

/// How bad it is to break a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Severity {
    /// Nothing goes on.
    Error,
    /// It is said, and the work goes on.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// The earliest moment at which breaking a rule can be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// From the value alone: a value that breaks the rule cannot be made.
    Type,
    /// From the repository or the ledger, before anything is touched.
    Plan,
    /// Only while things are being done.
    Apply,
    /// Only when something recorded is read again.
    Read,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Type => "type",
            Self::Plan => "plan",
            Self::Apply => "apply",
            Self::Read => "read",
        })
    }
}

/// One rule of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// Its ID.
    pub id: RuleId,
    /// The documented system it comes from, `000` to `004`, or `derived`.
    pub seed: &'static str,
    /// What it is about.
    pub entity: &'static str,
    /// How bad it is to break it.
    pub severity: Severity,
    /// When breaking it can be known.
    pub stage: Stage,
    /// What is wrong where it is broken, in a few words that go on after a colon.
    pub title: &'static str,
    /// What it says.
    pub statement: &'static str,
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A text that is not the ID of a rule in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownRule {
    /// What was given.
    pub found: String,
    /// The nearest ID, if one is near.
    pub near: Option<RuleId>,
}

impl fmt::Display for UnknownRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not the ID of a rule", self.found)?;
        match self.near {
            Some(near) => write!(f, "; did you mean `{near}`?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for UnknownRule {}

impl FromStr for RuleId {
    type Err = UnknownRule;
    fn from_str(text: &str) -> Result<Self, UnknownRule> {
        find(text).ok_or_else(|| UnknownRule {
            found: text.to_owned(),
            near: did_you_mean(text, CATALOGUE.iter().map(|rule| rule.id.as_str())).and_then(find),
        })
    }
}

fn find(text: &str) -> Option<RuleId> {
    CATALOGUE.iter().map(|rule| rule.id).find(|id| id.as_str() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_have_the_documented_form() {
        let mut seen = std::collections::BTreeSet::new();
        for rule in CATALOGUE {
            let id = rule.id.as_str();
            let (family, number) = id.split_at(3);
            assert!(family.bytes().all(|byte| byte.is_ascii_uppercase()), "{id}");
            assert!(number.len() == 3 && number.parse::<u16>().is_ok(), "{id}");
            assert!(seen.insert(id), "{id} is listed twice");
            assert_eq!(rule.id.rule(), *rule);
            assert_eq!(id.parse(), Ok(rule.id));
        }
    }

    #[test]
    fn every_statement_is_one_complete_sentence() {
        for rule in CATALOGUE {
            assert!(rule.statement.ends_with('.'), "{}", rule.id);
            assert!(rule.statement.len() > 20, "{}", rule.id);
        }
    }

    #[test]
    fn every_title_goes_on_after_a_colon() {
        for rule in CATALOGUE {
            let title = rule.title;
            assert!((10..=64).contains(&title.len()), "{}: {title}", rule.id);
            assert!(
                title.starts_with(|letter: char| letter.is_lowercase()) || title.starts_with("ECS"),
                "{}",
                rule.id
            );
            assert!(!title.ends_with(['.', '!', '?', ';', ':']), "{}", rule.id);
        }
    }

    #[test]
    fn unknown_ids_are_refused_with_the_nearest() {
        let error = "TAG01O".parse::<RuleId>().unwrap_err();
        assert!(error.near.is_some());
        assert!(error.to_string().contains("did you mean"));
    }
}
