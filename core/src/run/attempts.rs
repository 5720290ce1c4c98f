//! The executions of tests of one run, in the order in which they ended: how many, and after what.

use super::test_execution::{TestExecution, TestStatus, TestType};
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, Violations};

/// How often a suite may run within one run.
const MOST: usize = 2;

/// The executions of one run, at most two of each suite.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attempts(Vec<TestExecution>);

impl Attempts {
    /// Takes the next execution in.
    ///
    /// # Errors
    /// TST007 for a third of the same suite; TST002 for an attempt that does not follow what was before.
    pub fn add(&mut self, execution: TestExecution) -> Result<(), Violations> {
        let parts = execution.parts();
        let before: Vec<&TestExecution> =
            self.0.iter().filter(|it| it.parts().test_type == parts.test_type).collect();
        let violation = match (before.as_slice(), parts.attempt_number) {
            (earlier, _) if earlier.len() >= MOST => Some(too_many(parts.test_type)),
            ([], 1) => None,
            ([first], 2) if first.parts().status == TestStatus::Failed => None,
            ([], _) => Some(out_of_order(&execution, "no first one")),
            ([first], _) => {
                let told = format!("a first one that was `{}`", first.parts().status);
                Some(out_of_order(&execution, &told))
            }
            _ => None,
        };
        Violations::check(violation.into_iter().collect())?;
        self.0.push(execution);
        Ok(())
    }

    /// All that were taken in.
    #[must_use]
    pub fn as_slice(&self) -> &[TestExecution] {
        &self.0
    }
}

fn too_many(test_type: TestType) -> Violation {
    let found = format!("a third execution of `{test_type}`");
    let next = "Begin another run, with an ID of its own.";
    Violation::new(RuleId::TST007, found, "at most two of a suite in one run", next)
}

fn out_of_order(execution: &TestExecution, before: &str) -> Violation {
    let parts = execution.parts();
    let found = format!("attempt {} of `{}` after {before}", parts.attempt_number, parts.test_type);
    let expected = "attempt 1, and attempt 2 only after a failed attempt 1";
    let next = "Number the attempts from 1, log each, and repeat only what failed.";
    Violation::new(RuleId::TST002, found, expected, next).under("attempt_number")
}
