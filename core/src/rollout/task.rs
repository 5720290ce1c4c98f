//! What a deployment runs beside its target: migrations before it, tests after it.
//!
//! Who runs a task, a command or a container, is an adapter's. It leaves out the order of steps, which is
//! [`crate::deployment::engine`]'s.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::{Order, Permit, TaskFailure, TaskKind};
use crate::run::junit::{Reported, Reports, ReportsError};
use crate::secret_scan::masked;

/// How a task ends: well, or why not, without secrets.
pub type TaskEnd<'a> = Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>>;

/// When what a given-up run left behind is over.
pub type TaskGivenUp<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Something that runs once and says by itself whether it did what it should.
pub trait Task: fmt::Debug + Send + Sync {
    /// Runs it to its end, for this deployment. When the future is dropped, all that it started ends.
    fn run<'a>(&'a self, order: &'a Order, kind: TaskKind) -> TaskEnd<'a>;

    /// Called after a run was dropped: ends what goes on elsewhere all the same. There is nothing of that, unless
    /// the task says so.
    fn give_up<'a>(&'a self, _: &'a Order) -> TaskGivenUp<'a> {
        Box::pin(async {})
    }
}

/// A change that the version needs before it runs, such as one of a database.
#[derive(Debug, Clone)]
pub struct Migration {
    /// Its name, unlike that of any other of the deployment.
    pub name: String,
    /// What makes the change.
    pub task: Arc<dyn Task>,
    /// What takes it back; without it the change stays.
    pub rollback: Option<Arc<dyn Task>>,
}

/// What tries the version in service.
#[derive(Debug, Clone)]
pub struct Test {
    /// Its name.
    pub name: String,
    /// What tries.
    pub task: Arc<dyn Task>,
}

/// Where tests leave their reports.
#[derive(Clone)]
pub struct TestReports {
    /// The reports.
    pub reports: Reports,
    /// The values that are replaced in whatever is told of them.
    pub secrets: Vec<String>,
}

impl fmt::Debug for TestReports {
    /// Without its secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestReports").field("reports", &self.reports).finish_non_exhaustive()
    }
}

impl TestReports {
    /// What speaks against the tests by their reports; nothing where all passed.
    pub(crate) fn fault(&self, found: &Result<Reported, ReportsError>) -> Option<TaskFailure> {
        let pattern = self.reports.pattern();
        let (name, why) = match found {
            Err(error) => (pattern.to_owned(), format!("the reports cannot be read: {error}")),
            Ok(Reported { report: None, stale: 0 }) => {
                (pattern.to_owned(), "the tests wrote no such report".to_owned())
            }
            Ok(Reported { report: None, stale }) => {
                let why = format!(
                    "the tests wrote no such report; {stale} that lay there before do not count"
                );
                (pattern.to_owned(), why)
            }
            Ok(Reported { report: Some(report), .. }) => {
                let first = report.failures.first()?;
                let named = [first.suite.as_str(), first.name.as_str()];
                let named: Vec<&str> = named.into_iter().filter(|it| !it.is_empty()).collect();
                let name = if named.is_empty() { pattern.to_owned() } else { named.join(" ") };
                let (failed, all) = (report.failed, report.tests());
                (name, format!("{}; {failed} of {all} tests failed", first.message))
            }
        };
        let shown = |text: &str| masked(text, self.secrets.iter().map(String::as_str)).join(" ");
        Some(TaskFailure { kind: TaskKind::Test, name: shown(&name), why: shown(&why) })
    }
}

/// Runs a task as long as the environment is ours, and names it where it fails.
pub(crate) async fn run(
    task: &dyn Task,
    (order, permit): (&Order, &Permit),
    kind: TaskKind,
    name: &str,
) -> Result<(), TaskFailure> {
    let end = match permit.bounds(task.run(order, kind)).await {
        Some(end) => end,
        None => {
            task.give_up(order).await;
            Err("the lease on the environment ran out".to_owned())
        }
    };
    end.map_err(|why| TaskFailure { kind, name: name.to_owned(), why })
}
