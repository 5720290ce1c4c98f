//! The status of a deployment and its changes.

use crate::base::machine::{Machine, Refused};
use crate::base::rule::RuleId;
use crate::base::violation::Violation;

closed_list! {
    /// How far a deployment has come, in the words of document 001 and, for one that was taken
    /// back after it had succeeded, of document 000.
    pub enum Status breaks GLB004 {
        /// It waits for its turn.
        Queued = "queued",
        /// It is being done.
        InProgress = "in_progress",
        /// It is done.
        Succeeded = "succeeded",
        /// It could not be done.
        Failed = "failed",
        /// Somebody stopped it.
        Cancelled = "cancelled",
        /// It was done and then taken back.
        RolledBack = "rolled_back",
    }
}

impl Status {
    /// Whether a deployment with this status came to its end.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        !matches!(self, Self::Queued | Self::InProgress)
    }

    /// Whether a deployment can begin with this status.
    #[must_use]
    pub const fn can_begin(self) -> bool {
        matches!(self, Self::Queued | Self::InProgress)
    }

    /// Whether this status may become the other.
    #[must_use]
    pub fn can_become(self, to: Self) -> bool {
        self.check_change(to).is_ok()
    }

    /// Checks one change of status.
    ///
    /// # Errors
    /// DEP010, with what is possible instead.
    pub fn check_change(self, to: Self) -> Result<(), Violation> {
        let check = match Machine::by_name("deployment") {
            Ok(machine) => machine.check(self.as_str(), to.as_str()),
            Err(_) => Err(Refused {
                rule: None,
                from: self.to_string(),
                to: to.to_string(),
                possible: Vec::new(),
            }),
        };
        check.map_err(|refused| refused.under_rule(RuleId::DEP010).under("status"))
    }
}
