//! How long records and files are kept: one table for each kind (RET001, RET002, RET004 to RET006).
//!
//! Who deletes what expired, and what keeps a record longer than its term, is not known here.

use std::fmt;
use std::str::FromStr;

use crate::Timestamp;
use crate::base::machine::Machine;
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, Violations, quoted};

/// Seconds of a day.
const DAY: i64 = 86_400;

/// A kind of what is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept(&'static Row);

/// How long one kind is kept.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    kind: &'static str,
    /// The machine that its statuses are of, where it has one.
    machine: Option<&'static str>,
    terms: Terms,
    rule: RuleId,
}

/// For how many days.
#[derive(Debug, PartialEq, Eq)]
enum Terms {
    /// For ever.
    Always,
    /// So many, whatever its status.
    Days(u32),
    /// By how it ended. One that has not ended has no term yet.
    ByStatus(&'static [(&'static str, u32, RuleId)]),
}

const fn row(kind: &'static str, machine: Option<&'static str>, terms: Terms, rule: RuleId) -> Row {
    Row { kind, machine, terms, rule }
}

/// A run that was cancelled did not succeed, so it is kept as long as one that failed.
const RUNS: Terms = Terms::ByStatus(&[
    ("success", 90, RuleId::RET001),
    ("failed", 365, RuleId::RET002),
    ("cancelled", 365, RuleId::RET002),
]);

const TABLE: &[Row] = &[
    row("run", Some("run"), RUNS, RuleId::RET001),
    row("deployment", Some("deployment"), Terms::Always, RuleId::RET004),
    row("deployment_log", None, Terms::Days(30), RuleId::RET004),
    row("health_check_response", None, Terms::Days(7), RuleId::RET004),
    row("approval", None, Terms::Always, RuleId::RET004),
    row("audit", None, Terms::Always, RuleId::RET004),
    row("infrastructure_resource", Some("infrastructure_resource"), Terms::Always, RuleId::RET005),
    row("artifact", None, Terms::Days(90), RuleId::RET006),
    row("workflow_log", None, Terms::Days(30), RuleId::RET006),
];

/// How long something is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Term {
    /// So many days; for ever, or as long as it has not ended, where absent.
    days: Option<u32>,
    rule: RuleId,
}

impl FromStr for Kept {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        let known = TABLE.iter().find(|row| row.kind == text);
        known.map(Self).ok_or_else(|| {
            Violation::not_listed(RuleId::GLB004, text, TABLE.iter().map(|row| row.kind)).into()
        })
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0.kind)
    }
}

impl Kept {
    /// Until when something of this kind is kept. `at` is when it ended or was made; `None`: for ever, or
    /// as long as it has not ended.
    ///
    /// # Errors
    /// GLB004: the kind has no such status, or one is needed.
    pub fn until(
        self,
        status: Option<&str>,
        at: Timestamp,
    ) -> Result<Option<Timestamp>, Violations> {
        Ok(self.term(status)?.days.map(|days| at.plus_seconds(i64::from(days) * DAY)))
    }

    /// RET001, RET002, RET004 to RET006: something of this kind has been kept long enough to go `now`.
    ///
    /// # Errors
    /// It has not; or as [`until`](Self::until).
    pub fn check_expired(
        self,
        status: Option<&str>,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<(), Violations> {
        let Term { days, rule } = self.term(status)?;
        let until = self.until(status, at)?;
        if until.is_some_and(|until| until <= now) {
            return Ok(());
        }
        let state = status.map(|status| format!(", {}", quoted(status))).unwrap_or_default();
        let expected = match (days, until) {
            (Some(days), Some(until)) => format!("that it is kept {days} days, until {until}"),
            _ => "that it is kept for good".to_owned(),
        };
        let found = format!("`{self}` of {at}{state}, deleted at {now}");
        Err(Violation::new(rule, found, expected, "Leave it where it is.").into())
    }

    /// RET001 to RET006: so many days are no fewer than the shortest term of this kind.
    ///
    /// # Errors
    /// They are fewer, or the kind is kept for good.
    pub fn check_days(self, days: u64) -> Result<(), Violation> {
        let (least, rule) = match &self.0.terms {
            Terms::Always => (None, self.0.rule),
            Terms::Days(least) => (Some(*least), self.0.rule),
            Terms::ByStatus(terms) => {
                let shortest = terms.iter().min_by_key(|(_, days, _)| *days);
                let rule = shortest.map_or(self.0.rule, |(.., rule)| *rule);
                (shortest.map(|(_, days, _)| *days), rule)
            }
        };
        if least.is_some_and(|least| days >= u64::from(least)) {
            return Ok(());
        }
        let expected = match least {
            Some(least) => format!("that a `{self}` is kept {least} days or longer"),
            None => format!("that a `{self}` is kept for good"),
        };
        let next = "Keep it longer, or leave it to the rule.";
        Err(Violation::new(rule, format!("{days} days"), expected, next))
    }

    fn term(self, status: Option<&str>) -> Result<Term, Violations> {
        let Row { machine, terms, rule, .. } = self.0;
        let machine = machine.and_then(|name| Machine::by_name(name).ok());
        if let (Some(machine), Some(status)) = (machine, status) {
            machine.status(status)?;
        }
        let (days, rule) = match terms {
            Terms::Always => (None, *rule),
            Terms::Days(days) => (Some(*days), *rule),
            Terms::ByStatus(terms) => {
                let status = status.ok_or_else(|| self.no_status(machine))?;
                let ended = terms.iter().find(|(known, ..)| *known == status);
                ended.map_or((None, *rule), |(_, days, rule)| (Some(*days), *rule))
            }
        };
        Ok(Term { days, rule })
    }

    fn no_status(self, machine: Option<&Machine>) -> Violation {
        let words = machine.map_or_else(String::new, |machine| machine.statuses.join("`, `"));
        let expected = format!("the status of the `{self}`: `{words}`");
        Violation::new(RuleId::GLB004, "no status", expected, "Say how it ended.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(days: i64) -> Timestamp {
        Timestamp::from_unix_seconds(1_760_000_000).unwrap().plus_seconds(days * DAY)
    }

    fn until(kind: &str, status: Option<&str>) -> Option<Timestamp> {
        kind.parse::<Kept>().unwrap().until(status, at(0)).unwrap()
    }

    #[test]
    fn each_kind_has_its_term() {
        for (kind, status, days) in [
            ("run", Some("success"), Some(90)),
            ("run", Some("failed"), Some(365)),
            ("run", Some("cancelled"), Some(365)),
            ("run", Some("running"), None),
            ("deployment", Some("failed"), None),
            ("deployment_log", None, Some(30)),
            ("health_check_response", None, Some(7)),
            ("approval", None, None),
            ("audit", None, None),
            ("infrastructure_resource", Some("destroyed"), None),
            ("artifact", None, Some(90)),
            ("workflow_log", None, Some(30)),
        ] {
            assert_eq!(until(kind, status), days.map(at), "{kind} {status:?}");
        }
    }

    #[test]
    fn every_machine_of_the_table_is_one() {
        let machines = TABLE.iter().filter_map(|row| row.machine);
        machines.for_each(|name| assert!(Machine::by_name(name).is_ok(), "{name}"));
        let Terms::ByStatus(terms) = RUNS else { panic!() };
        let runs = Machine::by_name("run").unwrap();
        terms.iter().for_each(|(status, ..)| assert!(runs.status(status).is_ok(), "{status}"));
    }

    #[test]
    fn unknown_words_are_refused() {
        assert!("runs".parse::<Kept>().unwrap_err().to_string().contains("`run`"));
        let run: Kept = "run".parse().unwrap();
        for status in [None, Some("sucess"), Some("")] {
            assert!(run.until(status, at(0)).unwrap_err().breaks(RuleId::GLB004), "{status:?}");
        }
    }

    #[test]
    fn the_last_second_counts() {
        let run: Kept = "run".parse().unwrap();
        assert!(run.check_expired(Some("success"), at(0), at(90)).is_ok());
        let early = at(90).plus_seconds(-1);
        let told = run.check_expired(Some("success"), at(0), early).unwrap_err();
        assert!(told.breaks(RuleId::RET001), "{told}");
        assert!(run.check_expired(Some("running"), at(0), at(9_999)).is_err());
    }
}
