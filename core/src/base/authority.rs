//! By what right something is done, and the exceptions to rules for which somebody answers.
//!
//! It leaves out which rules can be lifted from what: the rooms say so where they check.

use std::fmt;

use super::actor::Actor;
use super::rule::RuleId;
use super::secrecy::{recorded_secret, url_secret};
use super::timestamp::Timestamp;
use super::violation::{Findings, Violation, Violations, one_of, quoted};

/// By what right somebody changes something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Authority {
    /// Whether a CI job does it ([`is_ci`](super::ci::is_ci)).
    pub in_ci: bool,
    /// Who lifts rules, and why.
    pub admin_override: Option<Override>,
    /// Who changes environment tags by hand, and why. It lifts nothing from a tag that never moves.
    pub protected_push: Option<Override>,
}

impl Authority {
    /// The override, where it has not ended.
    #[must_use]
    pub fn override_at(&self, now: Timestamp) -> Option<&Override> {
        self.admin_override.as_ref().filter(|it| !it.has_ended(now))
    }
}

/// An exception to rules, for which somebody answers. It may be limited to some rules, to some subjects and
/// in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    reason: String,
    approved_by: Actor,
    rules: Vec<RuleId>,
    subjects: Vec<String>,
    until: Option<Timestamp>,
}

/// Families of rules that no override lifts: what they protect is lost for good once they are broken.
const NEVER_LIFTED: [&str; 3] = ["BUS", "QUE", "SEC"];

impl Override {
    /// An override needs both a reason and a person. It lifts whatever can be lifted, from everything, for
    /// ever, until it is limited.
    ///
    /// # Errors
    /// TAG012 for each of the two that is missing, OWN046 for a reason with a secret.
    pub fn new(reason: &str, approved_by: &str) -> Result<Self, Violations> {
        let mut findings = Findings::new();
        let reason = reason.trim();
        findings
            .require(!reason.is_empty(), || missing("reason", "the reason why the rule is lifted"));
        findings.extend(url_secret(reason).map(|what| recorded_secret(what).under("reason")));
        let person = match approved_by.trim() {
            "" => {
                findings.push(missing("approved_by", "the name of the person who allowed it"));
                None
            }
            name => findings.take("approved_by", name.parse()),
        };
        let Some(approved_by) = person else { return Err(findings.fail()) };
        let (reason, rules, subjects) = (reason.to_owned(), Vec::new(), Vec::new());
        findings.finish(Self { reason, approved_by, rules, subjects, until: None })
    }

    /// Lifts these rules only.
    ///
    /// # Errors
    /// POL008 where there are none, and for each rule that no override lifts.
    pub fn only_rules(self, rules: Vec<RuleId>) -> Result<Self, Violations> {
        let mut findings = Findings::new();
        findings.require(!rules.is_empty(), || empty("rules", "one rule, such as `TAG009`"));
        for (index, rule) in rules.iter().enumerate() {
            let family = NEVER_LIFTED.iter().find(|family| rule.as_str().starts_with(**family));
            findings.extend(family.map(|_| never_lifted(*rule, index)));
        }
        findings.finish(Self { rules, ..self })
    }

    /// Checks that whoever acts, under any of these names, is somebody else than who answers for it.
    ///
    /// # Errors
    /// POL008 where they are one person.
    pub fn check_approver<'a>(
        &self,
        people: impl IntoIterator<Item = &'a Actor>,
    ) -> Result<(), Violation> {
        let own = people.into_iter().find(|person| person.is_same_person(&self.approved_by));
        own.map_or(Ok(()), |person| Err(approved_alone(&self.approved_by, person)))
    }

    /// Lifts rules from these subjects only: the IDs by which what is meant is imported, such as the name of a
    /// tag, an environment, or a deployment's `environment/project@region`.
    ///
    /// # Errors
    /// POL008 where there are none.
    pub fn only_subjects(self, subjects: Vec<String>) -> Result<Self, Violations> {
        if subjects.is_empty() {
            return Err(empty(
                "subjects",
                "one import ID, such as the name of a tag or of an environment",
            )
            .into());
        }
        Ok(Self { subjects, ..self })
    }

    /// Lifts nothing from this time on.
    #[must_use]
    pub fn until(self, end: Timestamp) -> Self {
        Self { until: Some(end), ..self }
    }

    /// Why rules are lifted.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Who answers for it.
    #[must_use]
    pub fn approved_by(&self) -> &Actor {
        &self.approved_by
    }

    /// When it ends, where it does.
    #[must_use]
    pub const fn end(&self) -> Option<Timestamp> {
        self.until
    }

    /// Whether it has ended.
    #[must_use]
    pub fn has_ended(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|end| now >= end)
    }

    /// Whether it lifts a rule from a subject.
    #[must_use]
    pub fn lifts(&self, rule: RuleId, subject: &str) -> bool {
        let is_lifted = self.rules.is_empty() || self.rules.contains(&rule);
        let never = NEVER_LIFTED.iter().any(|family| rule.as_str().starts_with(family));
        let is_meant = self.subjects.is_empty() || self.subjects.iter().any(|it| it == subject);
        is_lifted && is_meant && !never
    }

    /// A violation that this override does not lift, which says so.
    #[must_use]
    pub fn not_lifting(&self, violation: Violation) -> Violation {
        let next = format!("{} The override lifts only {self}.", violation.next);
        Violation { next, ..violation }
    }
}

/// What it is limited to, in words.
impl fmt::Display for Override {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules: Vec<&str> = self.rules.iter().map(|rule| rule.as_str()).collect();
        let subjects: Vec<&str> = self.subjects.iter().map(String::as_str).collect();
        match rules.as_slice() {
            [] => f.write_str("what can be lifted")?,
            some => f.write_str(&one_of(some))?,
        }
        if !subjects.is_empty() {
            write!(f, ", of {}", one_of(&subjects))?;
        }
        self.until.map_or(Ok(()), |end| write!(f, ", until {end}"))
    }
}

fn missing(field: &'static str, what: &str) -> Violation {
    let next = format!("Set `{field}` of the override, or remove the override.");
    Violation::new(RuleId::TAG012, "nothing", what, next).under(field)
}

fn empty(field: &'static str, what: &str) -> Violation {
    let next = format!("Name what the override lifts, or leave `{field}` out.");
    Violation::new(RuleId::POL008, "an empty list", format!("at least {what}"), next).under(field)
}

fn never_lifted(rule: RuleId, index: usize) -> Violation {
    let next = format!("Keep {rule}, and leave it out of the override.");
    let expected = "a rule that may be lifted, which those of queues, of secrets and of one deployment at a \
                    time may not";
    let violation = Violation::new(RuleId::POL008, quoted(rule.as_str()), expected, next);
    violation.under(super::violation::FieldPath::root().field("rules").index(index))
}

fn approved_alone(person: &Actor, acting: &Actor) -> Violation {
    let found = if person == acting {
        format!("`{person}`, who acts here")
    } else {
        format!("`{person}`, who acts here as `{acting}`")
    };
    let next = "Let somebody else answer for the override. What you change by hand in an emergency, with \
                `ALLOW_PROTECTED_TAG_PUSH` set, needs nobody else, and is an environment tag alone.";
    Violation::new(RuleId::POL008, found, "somebody else than who acts", next).under("approved_by")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hotfix() -> Override {
        Override::new("hotfix", "ada").unwrap()
    }

    #[test]
    fn an_override_needs_reason_and_person() {
        let both = Override::new("", "  ").unwrap_err();
        assert_eq!(both.iter().count(), 2);
        let made = hotfix();
        assert_eq!((made.reason(), made.approved_by().as_str()), ("hotfix", "ada"));
    }

    #[test]
    fn without_limits_it_lifts_whatever_can_be_lifted() {
        assert!(hotfix().lifts(RuleId::TAG009, "v1.0.0"));
        assert!(hotfix().lifts(RuleId::SCY003, "api/production"));
        for never in [RuleId::BUS001, RuleId::QUE007] {
            assert!(!hotfix().lifts(never, "production"));
        }
    }

    #[test]
    fn limits_are_kept() {
        let limited = hotfix().only_rules(vec![RuleId::TAG009]).unwrap();
        assert!(
            limited.lifts(RuleId::TAG009, "v1.0.0") && !limited.lifts(RuleId::SCY003, "v1.0.0")
        );
        let limited = limited.only_subjects(vec!["v1.0.0".to_owned()]).unwrap();
        assert!(
            limited.lifts(RuleId::TAG009, "v1.0.0") && !limited.lifts(RuleId::TAG009, "v1.0.1")
        );
        assert_eq!(limited.to_string(), "`TAG009`, of `v1.0.0`");
    }

    #[test]
    fn nobody_approves_their_own() {
        let people =
            |names: &[&str]| names.iter().map(|it| it.parse().unwrap()).collect::<Vec<Actor>>();
        assert!(hotfix().check_approver(&people(&["bob", "bob@example.com"])).is_ok());
        for own in [["ada", "bob"], ["bob", "@Ada"]] {
            let told = hotfix().check_approver(&people(&own)).unwrap_err();
            assert_eq!((told.rule, told.at.to_string().as_str()), (RuleId::POL008, "approved_by"));
            assert!(told.found.contains("`ada`"), "{told}");
        }
    }

    #[test]
    fn limits_that_mean_nothing_are_refused() {
        assert!(hotfix().only_rules(Vec::new()).unwrap_err().breaks(RuleId::POL008));
        assert!(hotfix().only_subjects(Vec::new()).unwrap_err().breaks(RuleId::POL008));
        let bad = hotfix().only_rules(vec![RuleId::BUS001, RuleId::TAG009, RuleId::QUE007]);
        let paths: Vec<_> =
            bad.unwrap_err().iter().map(|violation| violation.at.to_string()).collect();
        assert_eq!(paths, ["rules[0]", "rules[2]"]);
    }

    #[test]
    fn it_ends() {
        let at = |seconds| Timestamp::from_unix_seconds(seconds).unwrap();
        let authority =
            Authority { admin_override: Some(hotfix().until(at(100))), ..Authority::default() };
        assert!(authority.override_at(at(99)).is_some());
        assert!(authority.override_at(at(100)).is_none());
    }
}
