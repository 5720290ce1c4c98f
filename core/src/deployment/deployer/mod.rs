//! Carries a deployment out: the engine decides; git, the target and HTTP do.
//!
//! An adapter around [`super::engine`]. Each effect becomes a transaction of the ledger, a
//! call of the target or a health check, and its answer an event. An environment that is free costs
//! at most four round trips to the remote: a listing, the records that are missing here, one claim,
//! one end; and one more for each time the lease is renewed. Waiting for another process costs one
//! listing per look, and waiting for one's own nothing.

mod abandoned;
mod aside;
mod backoff;
mod claim;
mod enter;
mod finish;
mod handover;
mod hold;
mod interruption;
mod leave;
mod lock;
mod notice;
mod read;
mod release;
mod request;
mod stages;
mod tasks;
#[cfg(test)]
mod tests;
mod wait;
mod work;
mod write;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

pub use handover::Handover;
use handover::{Member, Neighbours};
pub use hold::LEASES;
use interruption::Interruption;
pub use lock::{Closed, Opened};
pub use notice::Notice;
pub use release::{HeldNow, NotReleased, Release};
pub use request::{OnBusy, Request};
use stages::Stages;

use super::completion;
use super::engine::{Doubt, Effect, Event, Outcome, Resolution, State, Steps, Verdict};
use super::{Attempts, Deployment};
use crate::audit::AuditRecord;
use crate::base::violation::Violation;
use crate::git::ObjectId;
use crate::ledger::{Entry, Ledger, RefStore};
use crate::queue::{QueueRecord, QueueScope};
use crate::rollout::{Grant, Order, Permit, Target};
use crate::telemetry::StepTook;
use crate::{Authority, TagGrammar, Timestamp};

/// How often a lost race is run again: each loss means that somebody else got on.
const RACES: u32 = 64;

/// Deploys by one ledger.
pub struct Deployer<'a, S> {
    /// Where records and tags are kept.
    pub ledger: Ledger<S>,
    /// Which environments have tags.
    pub grammar: &'a TagGrammar,
    /// How long the environment is held without a sign of life; what lies outside of [`LEASES`] is taken for
    /// the nearest of them.
    pub lease: Duration,
    /// What it shares with the other deployers of this ledger in this process.
    pub handover: Handover,
    /// In whose name tags and records are written.
    pub author: &'a str,
    /// The e-mail address that goes with the name; may be empty.
    pub email: &'a str,
    /// By what right environment tags are moved (SCY003), and the settings that all configurations share
    /// changed (OWN043).
    pub authority: &'a Authority,
    /// The clock on the wall.
    pub clock: &'a (dyn Fn() -> Timestamp + Send + Sync),
    /// Told of each step as it begins.
    pub tell: &'a (dyn Fn(Notice) + Send + Sync),
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
    /// Its steps that are over, in order.
    pub steps: Vec<StepTook>,
    /// How long all of it took.
    pub took: Duration,
}

/// A place in the queue while others come first.
struct Place {
    deployment: Deployment,
    record: Option<ObjectId>,
    /// How long deployments took.
    durations: Vec<Duration>,
}

/// The environment while it is ours. Objects are what the next transaction has to find.
struct Held {
    deployment: Deployment,
    record: Option<ObjectId>,
    queue: QueueRecord,
    queue_object: Option<ObjectId>,
    tag_object: Option<ObjectId>,
    /// The deployment that a success leaves behind as rolled back.
    left: Option<Entry<Deployment>>,
    /// What the audit log keeps of a success.
    audit: Option<AuditRecord>,
    /// The most that one push of the deployment took up to now.
    attempts: Attempts,
    /// Whether the target is known to have run the version before.
    is_settled: bool,
    order: Order,
    grant: Grant,
    permit: Permit,
}

/// A deployment under way.
struct Run<'a, T: Target> {
    request: &'a Request,
    target: Option<&'a T>,
    stop: Interruption<'a>,
    neighbours: Arc<Neighbours>,
    /// For as long as those behind it in the same process may rely on it.
    member: Option<Member>,
    /// When to give up waiting, where a time is set.
    gives_up: Option<Instant>,
    /// The most that one push took until the environment was ours.
    attempts: Attempts,
    place: Option<Place>,
    held: Option<Held>,
    rollout: Option<T::Trace>,
}

impl<T: Target> Run<'_, T> {
    /// Goes through another queue, as nothing has been written yet.
    fn go_to(&mut self, neighbours: Arc<Neighbours>) {
        self.member = Some(neighbours.join(self.request.id.clone()));
        self.neighbours = neighbours;
    }
}

impl<S: RefStore> Deployer<'_, S> {
    /// Deploys, or says why not. Without a `target` nothing but git is changed. `stop` ends when the
    /// person interrupts, with who or what asked.
    pub async fn deploy<T: Target>(
        &self,
        request: Request,
        target: Option<&T>,
        stop: impl Future<Output = String> + Send,
    ) -> Report {
        let steps = Steps {
            migrations: !request.migrations.is_empty(),
            target: target.is_some(),
            health_check: request.health_check.is_some(),
            tests: !request.tests.is_empty(),
        };
        let stop = Interruption::new(stop);
        let neighbours = self.handover.to(&QueueScope::whole(request.environment.clone()));
        let mut run = Run {
            request: &request,
            target,
            stop,
            member: Some(neighbours.join(request.id.clone())),
            neighbours,
            gives_up: request.on_busy.gives_up(Instant::now()),
            attempts: Attempts::FIRST,
            place: None,
            held: None,
            rollout: None,
        };
        let (mut state, mut effect) = State::Requested.step(steps, Event::Start);
        let mut stages = Stages::new();
        while let Some(wanted) = effect {
            let begun = stages.begin(&wanted);
            let event = Box::pin(self.carry_out(wanted, &mut run)).await;
            stages.end(begun, &event);
            (state, effect) = state.step(steps, event);
        }
        let verdict = match state {
            State::Done(verdict) => verdict,
            // The engine names an effect until it is done.
            _ => Verdict::Unknown { reason: Doubt::HalfWay, resolution: None },
        };
        let (verdict, deployment, warnings) = Box::pin(self.report(verdict, run)).await;
        let (steps, took) = stages.over();
        Report { verdict, deployment, warnings, steps, took }
    }

    /// Does what the engine asks for, and says what happened.
    // Each step is on the heap: all of them together do not fit the stack of a thread.
    async fn carry_out<T: Target>(&self, effect: Effect, run: &mut Run<'_, T>) -> Event {
        match effect {
            Effect::Enter => Box::pin(self.enter(run)).await,
            Effect::AwaitTurn => Box::pin(self.await_turn(run)).await,
            Effect::Leave(reason) => Box::pin(self.leave(run, &reason)).await,
            Effect::Migrate => Box::pin(self.migrate(run)).await,
            Effect::RollOut => Box::pin(self.roll_out(run)).await,
            Effect::CheckHealth => Box::pin(self.check_health(run)).await,
            Effect::Test => Box::pin(self.test(run)).await,
            Effect::Confirm => Box::pin(self.confirm(run)).await,
            Effect::Restore => Box::pin(self.restore(run)).await,
            Effect::Revert => Box::pin(self.revert(run)).await,
            Effect::Commit(outcome) => Box::pin(self.finish(run, &outcome)).await,
        }
    }

    async fn report<T: Target>(
        &self,
        verdict: Verdict,
        run: Run<'_, T>,
    ) -> (Verdict, Option<Deployment>, Vec<Violation>) {
        let waited = run.place.map(|place| place.deployment);
        let Some(held) = run.held else {
            return (verdict, waited, Vec::new());
        };
        match verdict {
            Verdict::Unknown { reason, .. } => {
                let verdict = Verdict::Unknown { reason, resolution: Some(self.resolution(&held)) };
                let deployment = Some(self.recorded(held).await);
                (verdict, deployment, Vec::new())
            }
            verdict => {
                let mut warnings = completion::check_end(&held.deployment);
                // What could not be put back is told with the failure itself.
                if !matches!(verdict, Verdict::Recorded(Outcome::Succeeded { .. })) {
                    warnings.retain(|fault| fault.rule != crate::RuleId::BUS002);
                }
                (verdict, Some(held.deployment), warnings)
            }
        }
    }

    /// How a person finds out what became of a deployment whose end is not known.
    fn resolution(&self, held: &Held) -> Resolution {
        let Deployment { id, environment, .. } = &held.deployment;
        Resolution {
            record: format!("{:?}", self.ledger.deployment(environment, id)),
            environment: environment.clone(),
            until: held.queue.current.as_ref().map(|claim| claim.lease_until),
        }
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
}
