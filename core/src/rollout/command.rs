//! Commands of the configuration: a target that is brought into service by them, and tasks.
//!
//! Each gets variables that say which deployment it is for. It leaves out how a command runs and ends, which is
//! [`crate::command`]'s.

use super::task::{Task, TaskEnd};
use super::{Failure, Order, Permit, Restored, Rolled, Target, TaskKind};
use crate::command::{Command, Finished};
use crate::deployment::CommandRollout;

/// A command, and what must not be shown of what it says.
#[derive(Clone)]
pub struct CommandTask {
    /// The command. Its variables do not begin with `PIPELINE_`: those are the deployment's.
    pub command: Command,
    /// The values that are replaced in whatever is told of its output.
    pub secrets: Vec<String>,
}

/// A target that is whatever the commands of a configuration change.
#[derive(Debug, Clone)]
pub struct CommandTarget {
    /// Brings the version into service, and ends when it is.
    pub deploy: CommandTask,
    /// Says by its end whether the version is in service.
    pub verify: Option<CommandTask>,
    /// Puts back what ran before.
    pub restore: Option<CommandTask>,
}

/// Why a command did not do what it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Reason {
    #[error("the `{action}` command failed: {said}")]
    Failed { action: &'static str, said: String },
    #[error("there is no `restore` command")]
    NoRestore,
}

impl std::fmt::Debug for CommandTask {
    /// Without its environment and arguments, which may hold secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CommandTask")
            .field("program", &self.command.program)
            .finish_non_exhaustive()
    }
}

impl CommandTask {
    async fn finish(&self, order: &Order, action: &'static str) -> Finished {
        let mut command = self.command.clone();
        command.environment.extend(order.variables(action));
        command.run().await
    }

    /// Runs it to its end; why not, where that is no good one.
    async fn attempt(&self, order: &Order, action: &'static str) -> Result<(), String> {
        let finished = self.finish(order, action).await;
        if finished.succeeded() { Ok(()) } else { Err(self.told(&finished)) }
    }

    fn told(&self, finished: &Finished) -> String {
        let words = finished.last_words(self.secrets.iter().map(String::as_str));
        match words.trim() {
            "" => finished.end.to_string(),
            words => format!("{}; its last words:\n{words}", finished.end),
        }
    }
}

impl Task for CommandTask {
    fn run<'a>(&'a self, order: &'a Order, kind: TaskKind) -> TaskEnd<'a> {
        Box::pin(self.attempt(order, kind.action()))
    }
}

impl CommandTarget {
    fn trace(&self) -> CommandRollout {
        let program = self.deploy.command.program.clone();
        CommandRollout { program, begun: false, restored: false }
    }

    async fn verified(&self, order: &Order) -> Rolled {
        let Some(verify) = &self.verify else { return Rolled::Out };
        match verify.attempt(order, "verify").await {
            Ok(()) => Rolled::Out,
            Err(said) => Rolled::Failed { reason: failed("verify", said) },
        }
    }
}

fn failed(action: &'static str, said: String) -> Failure {
    Failure::of(Reason::Failed { action, said })
}

impl Target for CommandTarget {
    type Trace = CommandRollout;

    fn place(&self) -> Option<CommandRollout> {
        Some(self.trace())
    }

    async fn roll_out(
        &self,
        order: &Order,
        permit: &Permit,
        rollout: &mut Option<CommandRollout>,
    ) -> Rolled {
        if rollout.as_ref().is_some_and(|trace| trace.begun) {
            return self.confirm(order, rollout).await;
        }
        let trace = rollout.insert(self.trace());
        if !permit.holds() {
            return Rolled::Untouched { reason: Failure::LeaseOver };
        }
        trace.begun = true;
        let Some(finished) = permit.bounds(self.deploy.finish(order, "deploy")).await else {
            return Rolled::Failed { reason: Failure::LeaseOver };
        };
        if finished.succeeded() {
            return self.verified(order).await;
        }
        let reason = failed("deploy", self.deploy.told(&finished));
        if finished.never_ran() {
            trace.begun = false;
            return Rolled::Untouched { reason };
        }
        Rolled::Failed { reason }
    }

    async fn confirm(&self, order: &Order, _: &Option<CommandRollout>) -> Rolled {
        self.verified(order).await
    }

    async fn restore(
        &self,
        order: &Order,
        permit: &Permit,
        rollout: &mut Option<CommandRollout>,
    ) -> Restored {
        let Some(trace) = rollout.as_mut().filter(|trace| trace.begun) else {
            return Restored::Unchanged;
        };
        let Some(restore) = &self.restore else {
            return Restored::Nothing { reason: Failure::of(Reason::NoRestore) };
        };
        match permit.bounds(restore.attempt(order, "restore")).await {
            Some(Ok(())) => {
                trace.restored = true;
                Restored::Done
            }
            Some(Err(said)) => Restored::Failed { reason: failed("restore", said) },
            None => Restored::Failed { reason: Failure::LeaseOver },
        }
    }
}
