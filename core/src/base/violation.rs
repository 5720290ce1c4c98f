//! What is said when a rule is broken: which rule, where, what was found, what was expected and
//! what to do next.
//!
//! A validator does not know the name of the attribute that holds its value; whoever calls it
//! adds the path with [`Violation::under`]. Nothing here knows Terraform.

use std::borrow::Cow;
use std::fmt;

use super::foreign;
use super::rule::{RuleId, Severity};
pub use super::shown::{one_of, quoted};
use super::suggest::did_you_mean_or;

/// How many letters of a field's name are shown: a file may have any.
const LONGEST_STEP: usize = 120;

/// One step of a [`FieldPath`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// A named field.
    Field(Cow<'static, str>),
    /// A position in a list, from zero.
    Index(usize),
    /// A key of a map.
    Key(String),
}

/// Where in an entity a value stands, such as `regions[1].cloud_mappings`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldPath(Vec<Step>);

impl FieldPath {
    /// The entity or value itself.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// Adds a named field.
    #[must_use]
    pub fn field(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.0.push(Step::Field(name.into()));
        self
    }

    /// Adds a position in a list.
    #[must_use]
    pub fn index(mut self, index: usize) -> Self {
        self.0.push(Step::Index(index));
        self
    }

    /// Adds a key of a map.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.0.push(Step::Key(key.into()));
        self
    }

    /// The steps from the entity down to the value.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Whether this is the entity itself.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&'static str> for FieldPath {
    fn from(name: &'static str) -> Self {
        Self::root().field(name)
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Field(name) => {
                    let dot = if position == 0 { "" } else { "." };
                    write!(f, "{dot}{}", foreign::word(name, LONGEST_STEP))?;
                }
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) => write!(f, "[{key:?}]")?,
            }
        }
        Ok(())
    }
}

/// One broken rule, told completely.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// The rule that is broken.
    pub rule: RuleId,
    /// Where in the entity; the root when the value itself is meant.
    pub at: FieldPath,
    /// What was found.
    pub found: String,
    /// What the rule asks for.
    pub expected: String,
    /// What to do about it, as a sentence.
    pub next: String,
}

impl Violation {
    /// A violation of `rule` by the value itself.
    pub fn new(
        rule: RuleId,
        found: impl Into<String>,
        expected: impl Into<String>,
        next: impl Into<String>,
    ) -> Self {
        let (found, expected, next) = (found.into(), expected.into(), next.into());
        Self { rule, at: FieldPath::root(), found, expected, next }
    }

    /// A word that is not in a closed list; names the list and the nearest word.
    pub fn not_listed<'a>(
        rule: RuleId,
        found: &str,
        allowed: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let allowed: Vec<&str> = allowed.into_iter().collect();
        let otherwise = || match allowed.as_slice() {
            [only] => format!("Write {}.", quoted(only)),
            _ => "Choose one of the listed values.".to_owned(),
        };
        let next = did_you_mean_or(found, allowed.iter().copied(), otherwise);
        Self::new(rule, quoted(found), one_of(&allowed), next)
    }

    /// The same violation, seen from an entity that holds this value at `prefix`.
    #[must_use]
    pub fn under(mut self, prefix: impl Into<FieldPath>) -> Self {
        let mut path = prefix.into();
        path.0.append(&mut self.at.0);
        self.at = path;
        self
    }

    /// The same facts told under another rule, for a type that several rules speak of.
    #[must_use]
    pub fn as_rule(mut self, rule: RuleId) -> Self {
        self.rule = rule;
        self
    }

    /// Whether the rule is an error or a warning.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.rule.rule().severity
    }

    /// Whether this only warns.
    #[must_use]
    pub fn is_warning(&self) -> bool {
        self.severity() == Severity::Warning
    }
}

impl fmt::Display for Violation {
    /// On one line; in the alternate form (`{:#}`) as sentences, with what the rule says.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, at, found, expected, next } = self;
        // A question is an answer to what was written, not a step.
        let mark = if next.ends_with('?') { "" } else { "Next: " };
        if f.alternate() {
            let statement = rule.rule().statement;
            return write!(
                f,
                "Found {found}; expected {expected}. {mark}{next}\n\n{rule}: {statement}"
            );
        }
        write!(f, "{rule}")?;
        if !at.is_root() {
            write!(f, " at `{at}`")?;
        }
        write!(f, ": found {found}; expected {expected}. {mark}{next}")
    }
}

impl std::error::Error for Violation {}

/// Everything that is wrong with a value, all at once; where it is an error it is not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// The violations as an error, or `Ok` where there are none.
    ///
    /// # Errors
    /// All that is in the list, when it is not empty.
    pub fn check(found: Vec<Violation>) -> Result<(), Self> {
        if found.is_empty() { Ok(()) } else { Err(Self(found)) }
    }

    /// All violations, in the order in which they were found.
    pub fn iter(&self) -> std::slice::Iter<'_, Violation> {
        self.0.iter()
    }

    /// Whether one of them breaks `rule`.
    #[must_use]
    pub fn breaks(&self, rule: RuleId) -> bool {
        self.iter().any(|violation| violation.rule == rule)
    }

    /// All of them, seen from an entity that holds this value at `prefix`.
    #[must_use]
    pub fn under(self, prefix: impl Into<FieldPath>) -> Self {
        let prefix = prefix.into();
        Self(self.into_iter().map(|violation| violation.under(prefix.clone())).collect())
    }

    /// All of them told under another rule.
    #[must_use]
    pub fn as_rule(self, rule: RuleId) -> Self {
        Self(self.into_iter().map(|violation| violation.as_rule(rule)).collect())
    }
}

impl From<Violation> for Violations {
    fn from(violation: Violation) -> Self {
        Self(vec![violation])
    }
}

impl IntoIterator for Violations {
    type Item = Violation;
    type IntoIter = std::vec::IntoIter<Violation>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Violations {
    type Item = &'a Violation;
    type IntoIter = std::slice::Iter<'a, Violation>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, violation) in self.iter().enumerate() {
            if position > 0 {
                f.write_str(if f.alternate() { "\n\n" } else { "\n" })?;
            }
            violation.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Violations {}

/// Gathers violations while an entity is built, so that all problems are told at once.
#[derive(Debug, Default)]
pub struct Findings(Vec<Violation>);

impl Findings {
    /// Nothing found yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one violation.
    pub fn push(&mut self, violation: Violation) {
        self.0.push(violation);
    }

    /// Adds `violation` unless `holds`.
    pub fn require(&mut self, holds: bool, violation: impl FnOnce() -> Violation) {
        if !holds {
            self.0.push(violation());
        }
    }

    /// Keeps the value, or notes at `field` why there is none.
    pub fn take<T>(
        &mut self,
        field: impl Into<FieldPath>,
        result: Result<T, Violations>,
    ) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(violations) => {
                self.0.extend(violations.under(field));
                None
            }
        }
    }

    /// As [`Findings::take`] for a value that may be absent.
    pub fn take_option<T>(
        &mut self,
        field: impl Into<FieldPath>,
        result: Option<Result<T, Violations>>,
    ) -> Option<T> {
        self.take(field, result?)
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What was found, perhaps nothing.
    #[must_use]
    pub fn into_vec(self) -> Vec<Violation> {
        self.0
    }

    /// The value when nothing was found.
    ///
    /// # Errors
    /// All that was found.
    pub fn finish<T>(self, value: T) -> Result<T, Violations> {
        Violations::check(self.0).map(|()| value)
    }

    /// What was found, as the error, where a part could not be had.
    #[must_use]
    pub fn fail(self) -> Violations {
        debug_assert!(!self.0.is_empty(), "a part is missing without a reason");
        Violations(self.0)
    }
}

impl Extend<Violation> for Findings {
    fn extend<I: IntoIterator<Item = Violation>>(&mut self, violations: I) {
        self.0.extend(violations);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(rule: RuleId) -> Violation {
        Violation::new(rule, "`x`", "`y`", "Write `y`.")
    }

    #[test]
    fn prints_rule_place_facts_and_advice() {
        let told = broken(RuleId::REG003)
            .under(FieldPath::from("regions").index(1).field("cloud_mappings"))
            .to_string();
        assert_eq!(
            told,
            "REG003 at `regions[1].cloud_mappings`: found `x`; expected `y`. Next: Write `y`."
        );
    }

    #[test]
    fn the_alternate_form_says_what_the_rule_says() {
        let told = format!("{:#}", Violations::from(broken(RuleId::REG003)));
        let statement = RuleId::REG003.rule().statement;
        assert_eq!(
            told,
            format!("Found `x`; expected `y`. Next: Write `y`.\n\nREG003: {statement}")
        );
    }

    #[test]
    fn prefixes_are_added_in_front() {
        let at = broken(RuleId::VER001).under("semver").under("version").at;
        assert_eq!(at.to_string(), "version.semver");
        assert_eq!(FieldPath::from("tags").key("a b").to_string(), "tags[\"a b\"]");
    }

    #[test]
    fn findings_collect_everything() {
        let mut findings = Findings::new();
        assert_eq!(findings.take("a", Err::<(), _>(broken(RuleId::VER001).into())), None);
        assert_eq!(findings.take("b", Ok(7)), Some(7));
        findings.require(false, || broken(RuleId::VER002));
        findings.require(true, || broken(RuleId::VER003));
        let violations = findings.finish(()).unwrap_err();
        assert_eq!(violations.iter().count(), 2);
        assert!(violations.breaks(RuleId::VER001) && violations.breaks(RuleId::VER002));
        assert_eq!(violations.to_string().lines().count(), 2);
    }

    #[test]
    fn closed_lists_name_the_list_and_the_nearest_word() {
        let told = Violation::not_listed(RuleId::GLB004, "stabel", ["stable", "unstable"]);
        assert_eq!(told.expected, "one of `stable`, `unstable`");
        assert_eq!(told.next, "Did you mean `stable`?");
    }
}
