//! Test results of a run from the reports that its tests wrote.

use pipeline_core::base::violation::quoted;
use pipeline_core::run::junit::survey::{self, ReportsError};
use tfplugin::{Computed, Diagnostic, Diagnostics};

use super::model::{Run, TestResultBlock};
use crate::words::Says as _;

impl Run {
    /// With the test results that follow where nobody says them. Reports are there for a while, on one machine:
    /// what was read of them once, when the run was over, is kept by `before`, the same run in the state.
    ///
    /// # Errors
    /// The run is over, and there are no reports, or they cannot be read.
    pub(super) async fn with_reports(self, before: Option<&Self>) -> Result<Self, Diagnostics> {
        if matches!(self.test_result, Computed::Known(Some(_))) {
            return Ok(self);
        }
        let known = before.and_then(|run| run.test_result.get().cloned().flatten());
        let is_same = before.is_some_and(|run| run.junit == self.junit);
        let result = match &self.junit {
            None => None,
            Some(_) if !self.status.is_over() => None,
            Some(_) if is_same && known.is_some() => known,
            Some(pattern) => match survey::read(pattern).await {
                Ok(Some(report)) => Some(TestResultBlock::said(&report.result())),
                Ok(None) if known.is_some() => known,
                Ok(None) => return Err(missing(pattern).into()),
                Err(why) => return Err(unreadable(pattern, &why).into()),
            },
        };
        Ok(Self { test_result: result.into(), ..self })
    }
}

pub(super) fn told_twice() -> Diagnostic {
    let detail = "Found `test_result` beside `junit`; expected one of them. Next: leave `test_result` out, which \
                  is counted from the reports.";
    Diagnostic::error(Run::JUNIT, "The test results are told twice", detail)
}

fn missing(pattern: &str) -> Diagnostic {
    let detail = format!(
        "Found no file {}; expected the reports of a run that is over. Next: run the tests first, and apply where \
         their reports are; a pattern begins at the working directory.",
        quoted(pattern)
    );
    Diagnostic::error(Run::JUNIT, "There are no test reports", detail)
}

fn unreadable(pattern: &str, why: &ReportsError) -> Diagnostic {
    let detail = format!(
        "Found for {} that {why}; expected files in JUnit's XML format. Next: let the pattern match nothing but \
         whole reports.",
        quoted(pattern)
    );
    Diagnostic::error(Run::JUNIT, "The test reports cannot be read", detail)
}
