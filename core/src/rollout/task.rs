//! What a deployment runs beside its target: migrations before it, tests after it.
//!
//! Who runs a task, a command or a container, is an adapter's. It leaves out the order of steps, which is
//! [`crate::deployment::engine`]'s.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::{Order, Permit, TaskFailure, TaskKind};

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
