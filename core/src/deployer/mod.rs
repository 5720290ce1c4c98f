//! Carries a deployment out: the engine decides, git and HTTP do.
//!
//! An adapter around [`crate::engine::deploy`]. Each effect becomes a transaction of the ledger or a
//! health check, and its answer an event. It costs three round trips to the remote: one listing, one
//! claim, one end; and one more for each time the lease is renewed.

mod check;
mod claim;
mod finish;
mod interruption;
mod lease;
mod request;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::future::Future;
use std::time::Duration;

use interruption::Interruption;
pub use request::Request;

use crate::engine::deploy::{Effect, Event, State, Steps, Verdict};
use crate::git::{CommitError, Conflict, ObjectId, RefUpdate, Signature, Transaction};
use crate::ledger::{Ledger, RefStore};
use crate::model::deployment::Deployment;
use crate::model::violation::Violation;
use crate::model::{TagGrammar, Timestamp};
use crate::policy::completion;
use crate::record::QueueRecord;

/// How often a lost race is run again: each loss means that somebody else got on.
const RACES: u32 = 16;

/// Deploys by one ledger.
pub struct Deployer<'a, S> {
    /// Where records and tags are kept.
    pub ledger: Ledger<S>,
    /// Which environments have tags.
    pub grammar: &'a TagGrammar,
    /// How long the environment is held without a sign of life.
    pub lease: Duration,
    /// In whose name tags and records are written.
    pub author: &'a str,
    /// The e-mail address that goes with the name; may be empty.
    pub email: &'a str,
    /// The clock.
    pub clock: &'a (dyn Fn() -> Timestamp + Send + Sync),
}

/// How a deployment went.
#[derive(Debug, Clone)]
pub struct Report {
    /// What can be said of it.
    pub verdict: Verdict,
    /// The deployment as it was last recorded, as far as that is known; absent where nothing was.
    pub deployment: Option<Deployment>,
    /// What should be said of an end that was recorded, such as that it took too long (DEP040).
    pub warnings: Vec<Violation>,
}

/// The environment while it is ours. Objects are what the next transaction has to find.
struct Held {
    deployment: Deployment,
    record: Option<ObjectId>,
    queue: QueueRecord,
    queue_object: Option<ObjectId>,
    tag_object: Option<ObjectId>,
}

/// A deployment under way.
struct Run<'a> {
    request: &'a Request,
    stop: Interruption<'a>,
    held: Option<Held>,
}

/// What became of a transaction, as far as the order of steps is concerned.
enum Answered {
    Done,
    Lost(Vec<Conflict>),
    Refused(String),
    Unknown(String),
}

impl<S: RefStore> Deployer<'_, S> {
    /// Deploys, or says why not. `stop` ends when the person interrupts, with who or what asked.
    pub async fn deploy(
        &self,
        request: Request,
        stop: impl Future<Output = String> + Send,
    ) -> Report {
        let steps = Steps { health_check: request.health_check.is_some() };
        let mut run = Run { request: &request, stop: Interruption::new(stop), held: None };
        let (mut state, effects) = State::Requested.step(steps, Event::Start);
        let mut effects = VecDeque::from(effects);
        while let Some(effect) = effects.pop_front() {
            for event in self.carry_out(effect, &mut run).await {
                let (next, more) = state.step(steps, event);
                state = next;
                effects.extend(more);
            }
        }
        let verdict = match state {
            State::Done(verdict) => verdict,
            // The engine names an effect until it is done.
            _ => Verdict::Unknown { reason: "the deployment stopped half-way".to_owned() },
        };
        self.report(verdict, run.held).await
    }

    /// Does what the engine asks for; what happened, in the order in which it did.
    async fn carry_out(&self, effect: Effect, run: &mut Run<'_>) -> Vec<Event> {
        match effect {
            Effect::Claim => {
                let answer = match self.claim(run.request, &mut run.stop).await {
                    Ok(held) => {
                        run.held = Some(held);
                        Event::Claimed
                    }
                    Err(event) => event,
                };
                let stopped = run.stop.by_now().await.map(|reason| Event::Stop { reason });
                stopped.into_iter().chain([answer]).collect()
            }
            Effect::CheckHealth => vec![self.check_health(run).await],
            // It was dropped when its wait ended.
            Effect::AbandonHealthCheck => Vec::new(),
            Effect::Commit(outcome) => vec![self.finish(&mut run.held, &outcome).await],
        }
    }

    async fn report(&self, verdict: Verdict, held: Option<Held>) -> Report {
        let Some(held) = held else {
            return Report { verdict, deployment: None, warnings: Vec::new() };
        };
        match verdict {
            Verdict::Unknown { reason } => {
                let reason = format!("{reason}. {}", self.resolution(&held));
                let deployment = Some(self.recorded(held).await);
                Report { verdict: Verdict::Unknown { reason }, deployment, warnings: Vec::new() }
            }
            verdict => {
                let warnings = completion::check_end(&held.deployment);
                Report { verdict, deployment: Some(held.deployment), warnings }
            }
        }
    }

    /// How a person finds out what became of a deployment whose end is not known.
    fn resolution(&self, held: &Held) -> String {
        let Deployment { id, environment, .. } = &held.deployment;
        let slot = self.ledger.deployment(environment, id);
        let until = held
            .queue
            .current
            .as_ref()
            .map_or_else(|| "no time".to_owned(), |claim| claim.lease_until.to_string());
        format!(
            "The record {slot:?} says how it ended; as long as that is `in_progress`, \
             `{environment}` is held until {until}, and the next deployment after that records \
             this one as failed"
        )
    }

    /// The deployment as the ledger has it, or as we have it where the ledger is out of reach.
    ///
    /// What made the verdict unknown was looked at just now; a remote that was away is not waited
    /// for again.
    async fn recorded(&self, held: Held) -> Deployment {
        let slot = self.ledger.deployment(&held.deployment.environment, &held.deployment.id);
        let read = self.ledger.read(&slot).await;
        read.ok().flatten().map_or(held.deployment, |entry| entry.record)
    }

    /// In whose name something is written now.
    fn signature(&self) -> Signature {
        let time = (self.clock)();
        Signature { name: self.author.to_owned(), email: self.email.to_owned(), time }
    }

    async fn write(&self, updates: Vec<RefUpdate>) -> Answered {
        let transaction = match Transaction::new(updates) {
            Ok(transaction) => transaction,
            Err(error) => return Answered::Refused(error.to_string()),
        };
        let error = match self.ledger.store().commit(transaction.clone()).await {
            Ok(()) => return Answered::Done,
            Err(CommitError::Conflict { conflicts }) => return Answered::Lost(conflicts),
            Err(error) => error,
        };
        let in_doubt = matches!(error, CommitError::Transport { in_doubt: true, .. });
        if (in_doubt || matches!(error, CommitError::Git(_))) && self.landed(&transaction).await {
            return Answered::Done;
        }
        if in_doubt {
            Answered::Unknown(error.to_string())
        } else {
            Answered::Refused(error.to_string())
        }
    }

    /// Whether a transaction whose answer got lost happened. Its objects are unlike any other, so
    /// one that is there proves it; those that are not may have been replaced since, but none may
    /// be as it was before.
    async fn landed(&self, transaction: &Transaction) -> bool {
        self.ledger.store().refresh();
        let Ok(snapshot) = self.ledger.snapshot().await else { return false };
        let now = |update: &RefUpdate| snapshot.get(update.name.as_str()).map(|found| found.object);
        let updates = transaction.updates();
        updates.iter().any(|update| now(update) == update.new)
            && updates.iter().all(|update| now(update) != update.expected)
    }
}
