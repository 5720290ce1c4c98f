//! What speaks against a deployment: what is wrong with it, and what only has to wait.
//!
//! It leaves out who waits, and how: that is the queue's.

use crate::base::timestamp::Timestamp;
use crate::base::violation::Violation;

closed_list! {
    /// What a deployment with which nothing is wrong may have to wait for.
    pub enum WaitFor breaks GLB004 {
        /// The end of a freeze.
        Freeze = "freeze",
        /// That the version has run in the environments before for long enough.
        Soak = "soak",
        /// That enough people agree.
        Approval = "approval",
    }
}

/// A rule that a deployment breaks now and keeps later, without any change of what is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotYet {
    /// What it waits for.
    pub reason: WaitFor,
    /// From when it may go on, as far as that depends on time alone; `None`: when somebody does something.
    pub until: Option<Timestamp>,
    /// The rule, told as if nobody waited.
    pub fault: Violation,
}

impl NotYet {
    /// A rule that is not kept yet.
    #[must_use]
    pub const fn new(reason: WaitFor, until: Option<Timestamp>, fault: Violation) -> Self {
        Self { reason, until, fault }
    }
}

/// All that speaks against a deployment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Objections {
    /// What stays wrong however long one waits.
    pub faults: Vec<Violation>,
    /// What is only too early.
    pub not_yet: Vec<NotYet>,
}

impl Objections {
    /// Whether nothing speaks against it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.faults.is_empty() && self.not_yet.is_empty()
    }

    /// Whether it is too early and nothing else, and each reason for that is one of those that may be waited for.
    #[must_use]
    pub fn can_wait(&self, allowed: &[WaitFor]) -> bool {
        let is_allowed = |it: &NotYet| allowed.contains(&it.reason);
        self.faults.is_empty() && !self.not_yet.is_empty() && self.not_yet.iter().all(is_allowed)
    }

    /// From when nothing is too early any more. `None` where that does not depend on time alone, or nothing is.
    #[must_use]
    pub fn until(&self) -> Option<Timestamp> {
        let all: Option<Vec<Timestamp>> = self.not_yet.iter().map(|it| it.until).collect();
        all?.into_iter().max()
    }

    /// With what speaks against it besides.
    pub fn extend(&mut self, others: Self) {
        self.faults.extend(others.faults);
        self.not_yet.extend(others.not_yet);
    }

    /// Everything, for who does not wait.
    #[must_use]
    pub fn into_violations(self) -> Vec<Violation> {
        let early = self.not_yet.into_iter().map(|it| it.fault);
        self.faults.into_iter().chain(early).collect()
    }
}

impl From<Vec<Violation>> for Objections {
    fn from(faults: Vec<Violation>) -> Self {
        Self { faults, not_yet: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RuleId;

    fn early(reason: WaitFor, until: Option<i64>) -> NotYet {
        let until = until.and_then(Timestamp::from_unix_seconds);
        NotYet::new(reason, until, Violation::new(RuleId::DEP012, "a", "b", "C."))
    }

    fn objections(not_yet: Vec<NotYet>) -> Objections {
        Objections { faults: Vec::new(), not_yet }
    }

    #[test]
    fn only_what_is_too_early_can_be_waited_for() {
        let both = objections(vec![early(WaitFor::Freeze, Some(9)), early(WaitFor::Soak, Some(7))]);
        assert!(both.can_wait(&[WaitFor::Soak, WaitFor::Freeze]));
        assert!(!both.can_wait(&[WaitFor::Soak]));
        assert!(!Objections::default().can_wait(WaitFor::ALL), "nothing speaks against it");
        let faults = vec![Violation::new(RuleId::DEP007, "a", "b", "C.")];
        let wrong = Objections { faults, ..both };
        assert!(!wrong.can_wait(WaitFor::ALL) && !wrong.is_empty());
        assert_eq!(wrong.into_violations().len(), 3);
    }

    #[test]
    fn the_last_time_decides_and_people_are_not_foreseen() {
        let both = objections(vec![early(WaitFor::Freeze, Some(9)), early(WaitFor::Soak, Some(7))]);
        assert_eq!(both.until(), Timestamp::from_unix_seconds(9));
        let people =
            objections(vec![early(WaitFor::Freeze, Some(9)), early(WaitFor::Approval, None)]);
        assert_eq!(people.until(), None);
        assert_eq!(Objections::default().until(), None);
    }
}
