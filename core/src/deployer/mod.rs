//! Carries a deployment out: the engine decides, git and HTTP do.
//!
//! An adapter around [`crate::engine::deploy`]. Each effect becomes a transaction of the ledger or a
//! health check, and its answer an event. It costs three round trips to the remote: one listing, one
//! claim, one end; and one more for each time the lease is renewed.

mod claim;
mod finish;
mod request;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

pub use request::Request;

use crate::engine::deploy::{Effect, Event, Health, State, Steps, Verdict};
use crate::git::{CommitError, Conflict, ObjectId, RefUpdate, Signature, Transaction};
use crate::ledger::{Ledger, RefStore};
use crate::model::deployment::Deployment;
use crate::model::{TagGrammar, Timestamp};
use crate::record::QueueRecord;

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
    /// The deployment as it was last recorded; absent where nothing was.
    pub deployment: Option<Deployment>,
}

/// The environment while it is ours: what the next transaction has to find.
struct Held {
    deployment: Deployment,
    record: ObjectId,
    queue: QueueRecord,
    queue_object: ObjectId,
    tag_object: Option<ObjectId>,
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
        let mut stop = Interruption { asked: Some(Box::pin(stop)) };
        let mut held = None;
        let (mut state, mut effects) = State::Requested.step(steps, Event::Start);
        while let Some(effect) = effects.pop() {
            let event = match effect {
                Effect::Claim => {
                    let (answer, stopped) = stop.beside(self.claim(&request)).await;
                    if let Some(reason) = stopped {
                        state = state.step(steps, Event::Stop { reason }).0;
                    }
                    answer.map_or_else(
                        |event| event,
                        |claimed| {
                            held = Some(claimed);
                            Event::Claimed
                        },
                    )
                }
                Effect::CheckHealth => self.check_health(&request, &mut held, &mut stop).await,
                Effect::Commit(outcome) => self.finish(&mut held, &outcome).await,
                // It was dropped when its wait ended.
                Effect::AbandonHealthCheck => continue,
            };
            (state, effects) = state.step(steps, event);
        }
        let verdict = match state {
            State::Done(verdict) => verdict,
            // The engine names an effect until it is done.
            _ => Verdict::Unknown { reason: "the deployment stopped half-way".to_owned() },
        };
        Report { verdict, deployment: held.map(|held: Held| held.deployment) }
    }

    /// Waits for the health check while renewing the lease. Returning drops the check.
    async fn check_health(
        &self,
        request: &Request,
        held: &mut Option<Held>,
        stop: &mut Interruption<'_>,
    ) -> Event {
        let Some(check) = &request.health_check else {
            return Event::HealthChecked(Health::Passed { response_time_ms: 0 });
        };
        let mut checking = std::pin::pin!(check.run());
        let mut due = tokio::time::interval(self.lease / 3);
        due.tick().await;
        loop {
            tokio::select! {
                health = &mut checking => return Event::HealthChecked(health),
                reason = stop.wait() => return Event::Stop { reason },
                _ = due.tick() => {
                    if let Some(lost) = self.renew(held).await {
                        return lost;
                    }
                }
            }
        }
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
        match self.ledger.store().commit(transaction.clone()).await {
            Ok(()) => Answered::Done,
            Err(CommitError::Conflict { conflicts }) => Answered::Lost(conflicts),
            Err(CommitError::Transport { in_doubt: true, .. }) if self.landed(&transaction).await => {
                Answered::Done
            }
            Err(error @ CommitError::Transport { in_doubt: true, .. }) => {
                Answered::Unknown(error.to_string())
            }
            Err(error) => Answered::Refused(error.to_string()),
        }
    }

    /// Whether a transaction whose answer got lost happened: its objects are unlike any other.
    async fn landed(&self, transaction: &Transaction) -> bool {
        self.ledger.store().refresh();
        let Ok(snapshot) = self.ledger.snapshot().await else { return false };
        transaction.updates().iter().all(|update| {
            snapshot.get(update.name.as_str()).map(|found| found.object) == update.new
        })
    }
}

/// The person's wish to stop, which comes once.
struct Interruption<'a> {
    asked: Option<Pin<Box<dyn Future<Output = String> + Send + 'a>>>,
}

impl Interruption<'_> {
    /// Ends when the person interrupts; never again after that.
    async fn wait(&mut self) -> String {
        let Some(asked) = &mut self.asked else { return std::future::pending().await };
        let reason = asked.await;
        self.asked = None;
        reason
    }

    /// The answer of `work`, and whether the person interrupted before it: work once begun is not
    /// taken back.
    async fn beside<T>(&mut self, work: impl Future<Output = T>) -> (T, Option<String>) {
        let mut work = std::pin::pin!(work);
        tokio::select! {
            answer = &mut work => (answer, None),
            reason = self.wait() => (work.await, Some(reason)),
        }
    }
}
