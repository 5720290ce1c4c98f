//! State machines as data: one table of allowed changes for each kind of entity.
//!
//! The check, the error text and the documentation are made from the same table. Which moment
//! brings about a change, and what else must hold then, is not known here.

use std::fmt;

use super::rule::RuleId;
use super::suggest::did_you_mean;
use super::violation::{Violation, one_of, quoted};

/// The statuses of a kind of entity and the changes between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Machine {
    /// The kind of entity, such as `deployment`.
    pub entity: &'static str,
    /// The rule that the table states, where the catalogue has it.
    pub rule: Option<RuleId>,
    /// Every status, in the order of the document.
    pub statuses: &'static [&'static str],
    /// The statuses in which an entity can begin.
    pub initial: &'static [&'static str],
    /// Every allowed change, as (from, to).
    pub transitions: &'static [(&'static str, &'static str)],
}

/// Every state machine. Those with a number in the name are in the words of that document.
pub const MACHINES: &[Machine] = &[
    Machine {
        entity: "deployment",
        rule: Some(RuleId::DEP010),
        statuses: &["queued", "in_progress", "succeeded", "failed", "cancelled", "rolled_back"],
        initial: &["queued", "in_progress"],
        transitions: &[
            ("queued", "in_progress"),
            ("queued", "cancelled"),
            ("in_progress", "succeeded"),
            ("in_progress", "failed"),
            ("in_progress", "cancelled"),
            ("succeeded", "rolled_back"),
        ],
    },
    Machine {
        entity: "deployment_000",
        rule: Some(RuleId::DEP024),
        statuses: &["pending", "deploying", "deployed", "failed", "rolled_back"],
        initial: &["pending"],
        transitions: &[
            ("pending", "deploying"),
            ("deploying", "deployed"),
            ("deploying", "failed"),
            ("deployed", "rolled_back"),
        ],
    },
    Machine {
        entity: "deployment_002",
        rule: Some(RuleId::DEP037),
        statuses: &["in-progress", "success", "failed"],
        initial: &["in-progress"],
        transitions: &[("in-progress", "success"), ("in-progress", "failed")],
    },
    Machine {
        entity: "deployment_003",
        rule: Some(RuleId::DEP051),
        statuses: &["success", "failure", "rolled_back"],
        initial: &["success", "failure"],
        transitions: &[("success", "rolled_back")],
    },
    Machine {
        entity: "run",
        rule: Some(RuleId::RUN007),
        statuses: &["pending", "running", "success", "failed", "cancelled"],
        // Who records a run may do so when it is over.
        initial: &["pending", "running", "success", "failed", "cancelled"],
        transitions: &[
            ("pending", "running"),
            ("running", "success"),
            ("running", "failed"),
            ("pending", "cancelled"),
            ("running", "cancelled"),
        ],
    },
    Machine {
        entity: "workflow",
        rule: None,
        statuses: &["running", "succeeded", "failed"],
        initial: &["running"],
        transitions: &[("running", "succeeded"), ("running", "failed")],
    },
    Machine {
        entity: "infrastructure_resource",
        rule: Some(RuleId::INF005),
        statuses: &["pending", "created", "updated", "destroyed", "failed"],
        initial: &["pending"],
        transitions: &[
            ("pending", "created"),
            ("pending", "failed"),
            ("created", "updated"),
            ("created", "destroyed"),
            ("updated", "updated"),
            ("updated", "destroyed"),
        ],
    },
    // Document 002 lists the words only; the changes are those of a life under Terraform.
    Machine {
        entity: "azure_resource",
        rule: None,
        statuses: &["provisioning", "ready", "failed", "deleting"],
        initial: &["provisioning"],
        transitions: &[
            ("provisioning", "ready"),
            ("provisioning", "failed"),
            ("ready", "provisioning"),
            ("ready", "deleting"),
            ("failed", "provisioning"),
            ("failed", "deleting"),
            ("deleting", "failed"),
        ],
    },
    Machine {
        entity: "maintenance_task",
        rule: Some(RuleId::MNT005),
        statuses: &["pending", "in_progress", "succeeded", "failed"],
        initial: &["pending", "in_progress"],
        transitions: &[
            ("pending", "in_progress"),
            ("in_progress", "succeeded"),
            ("in_progress", "failed"),
        ],
    },
    // The outcome of a test never changes: a second attempt is another execution.
    Machine {
        entity: "test",
        rule: None,
        statuses: &["passed", "failed", "skipped"],
        initial: &["passed", "failed", "skipped"],
        transitions: &[],
    },
];

impl Machine {
    /// The state machine of a kind of entity.
    ///
    /// # Errors
    /// When there is none of that name; the error names those there are.
    pub fn by_name(entity: &str) -> Result<&'static Self, UnknownEntity> {
        MACHINES
            .iter()
            .find(|machine| machine.entity == entity)
            .ok_or_else(|| UnknownEntity { found: entity.to_owned() })
    }

    /// The status of that name.
    ///
    /// # Errors
    /// GLB004 with the closed list, when the machine has no such status.
    pub fn status(&self, word: &str) -> Result<&'static str, Violation> {
        let known = self.statuses.iter().find(|status| **status == word);
        known.copied().ok_or_else(|| {
            Violation::not_listed(RuleId::GLB004, word, self.statuses.iter().copied())
        })
    }

    /// Whether an entity may go from one status to the other.
    #[must_use]
    pub fn can_transition(&self, from: &str, to: &str) -> bool {
        self.transitions.contains(&(from, to))
    }

    /// The statuses that may follow this one.
    pub fn following<'a>(&'a self, from: &'a str) -> impl Iterator<Item = &'static str> + 'a {
        self.transitions.iter().filter(move |(start, _)| *start == from).map(|(_, end)| *end)
    }

    /// Whether an entity can begin in this status.
    #[must_use]
    pub fn can_begin(&self, status: &str) -> bool {
        self.initial.contains(&status)
    }

    /// Whether nothing follows this status.
    #[must_use]
    pub fn is_final(&self, status: &str) -> bool {
        self.following(status).next().is_none()
    }

    /// Checks one change of status.
    ///
    /// # Errors
    /// What is possible instead, when the change is not.
    pub fn check(&self, from: &str, to: &str) -> Result<(), Refused> {
        if self.can_transition(from, to) {
            return Ok(());
        }
        let possible = self.following(from).collect();
        Err(Refused { rule: self.rule, from: from.to_owned(), to: to.to_owned(), possible })
    }
}

/// A change of status that the state machine does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refused {
    /// The rule that the machine states, where the catalogue has it.
    pub rule: Option<RuleId>,
    /// The status now.
    pub from: String,
    /// The status that was wanted.
    pub to: String,
    /// What is possible instead.
    pub possible: Vec<&'static str>,
}

impl Refused {
    /// What is possible from the status now, as a clause.
    #[must_use]
    pub fn possibilities(&self) -> String {
        match self.possible.as_slice() {
            [] => format!("{} is final", self.from),
            [only] => format!("from {} only {only} is possible", self.from),
            [most @ .., last] => {
                format!("from {} only {} or {last} is possible", self.from, most.join(", "))
            }
        }
    }

    /// The same as a violation of `rule`.
    #[must_use]
    pub fn under_rule(&self, rule: RuleId) -> Violation {
        let found = format!("a change from {} to {}", quoted(&self.from), quoted(&self.to));
        let (expected, next) = match self.possible.as_slice() {
            [] => (
                format!("no change any more, because {} is final", quoted(&self.from)),
                "Keep it as it is; another attempt has an ID of its own.".to_owned(),
            ),
            words => (
                format!("a change that exists: {}", self.possibilities()),
                format!("Choose {}.", one_of(words)),
            ),
        };
        Violation::new(rule, found, expected, next)
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(rule) = self.rule {
            write!(f, "{rule}: ")?;
        }
        write!(f, "{} cannot become {}; {}", self.from, self.to, self.possibilities())
    }
}

impl std::error::Error for Refused {}

/// A name for which there is no state machine.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownEntity {
    /// What was given.
    pub found: String,
}

impl fmt::Display for UnknownEntity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = MACHINES.iter().map(|machine| machine.entity).collect();
        write!(f, "found {}; expected {}.", quoted(&self.found), one_of(&names))?;
        match did_you_mean(&self.found, names) {
            Some(near) => write!(f, " Did you mean {}?", quoted(near)),
            None => Ok(()),
        }
    }
}

impl std::error::Error for UnknownEntity {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_speak_of_their_own_statuses_only() {
        for machine in MACHINES {
            let known = |status: &str| machine.statuses.contains(&status);
            assert!(machine.initial.iter().all(|status| known(status)), "{}", machine.entity);
            assert!(
                machine.transitions.iter().all(|(from, to)| known(from) && known(to)),
                "{}",
                machine.entity
            );
            assert_eq!(Machine::by_name(machine.entity), Ok(machine));
        }
    }

    #[test]
    fn every_status_can_be_reached() {
        for machine in MACHINES {
            let mut reached: Vec<&str> = machine.initial.to_vec();
            let mut next = 0;
            while let Some(from) = reached.get(next).copied() {
                let new: Vec<_> =
                    machine.following(from).filter(|to| !reached.contains(to)).collect();
                reached.extend(new);
                next += 1;
            }
            for status in machine.statuses {
                assert!(reached.contains(status), "{} {status}", machine.entity);
            }
        }
    }

    #[test]
    fn refusals_say_what_is_possible() {
        let deployment = Machine::by_name("deployment").unwrap();
        let told = |from, to| deployment.check(from, to).unwrap_err().to_string();
        assert_eq!(
            told("succeeded", "queued"),
            "DEP010: succeeded cannot become queued; from succeeded only rolled_back is possible"
        );
        assert!(told("queued", "failed").ends_with("only in_progress or cancelled is possible"));
        assert!(told("failed", "queued").ends_with("failed is final"));
        let run = Machine::by_name("run").unwrap().check("success", "running").unwrap_err();
        assert_eq!(run.to_string(), "RUN007: success cannot become running; success is final");
    }

    #[test]
    fn unknown_names_and_words_are_answered_with_the_list() {
        let told = Machine::by_name("deploymnt").unwrap_err().to_string();
        assert!(told.contains("Did you mean `deployment`?") && told.contains("`run`"), "{told}");
        let run = Machine::by_name("run").unwrap();
        let told = run.status("sucess").unwrap_err();
        assert_eq!(told.rule, RuleId::GLB004);
        assert_eq!(told.next, "Did you mean `success`?");
    }
}
