//! Brings stacks out, one after the other: a change set, a look at it, its execution, its end.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudformation::types::{ChangeSetStatus, ExecutionStatus};

use super::follow::{Ended, Newest, Watched, is_certain, newest};
use super::names::{Step, token};
use super::{Before, Reason, StackSettings, StacksTarget, StacksTrace, Stop};
use crate::cloudformation::{ChangeSet, ParameterValue, Seen, Stacks, Wanted};
use crate::fault::Fault;
use crate::patience::Patience;
use pipeline_core::deployment::{StackChange, StackRollout};
use pipeline_core::rollout::{Failure, Order, Permit, Rolled};
use pipeline_core::stack::{Readiness, StackName, StackOutcome, check_protected};

/// How often a change set is looked at whose execution is in doubt.
const LOOKS: u32 = 6;

impl StacksTarget<'_> {
    /// Deploys to all stacks, up to the first that fails.
    pub(super) async fn bring_out(
        &self,
        order: &Order,
        permit: &Permit,
        trace: &mut StacksTrace,
    ) -> Result<(), Stop> {
        let stacks = self.open().await.map_err(|fault| Stop::Failed(Reason::Closed { fault }))?;
        for (index, settings) in self.stacks.iter().enumerate() {
            self.change(&stacks, (index, settings), order, permit, trace).await?;
        }
        Ok(())
    }

    async fn change(
        &self,
        stacks: &Stacks<'_>,
        (index, settings): (usize, &StackSettings),
        order: &Order,
        permit: &Permit,
        trace: &mut StacksTrace,
    ) -> Result<(), Stop> {
        let mut patience = settings.patience();
        let name = token(&order.deployment_id, Step::Forward);
        let seen = self.ready(stacks, settings, order, &mut patience).await?;
        let is_new = seen.is_none();
        if let Some(seen) = seen {
            trace.left_by[index] =
                self.left_by(stacks, settings, order, &seen, &mut patience).await?;
            trace.before[index] = Some(self.before(stacks, settings, seen, &mut patience).await?);
        }
        allowed(permit)?;
        trace.prepared = Some(index);
        let own = (settings.name.as_str(), name.as_str());
        let set = match self.prepare(stacks, settings, own, is_new, &mut patience).await {
            Ok(set) => set,
            Err(stop) => {
                self.give_up(stacks, own, is_new).await;
                trace.prepared = None;
                return Err(stop);
            }
        };
        let Some(set) = set else {
            self.give_up(stacks, own, is_new).await;
            trace.prepared = None;
            return self.note_nothing(stacks, settings, &mut trace.rollout.stacks[index]).await;
        };
        let faults = check_protected(&settings.protect, &set.changes);
        if !faults.is_empty() {
            self.give_up(stacks, own, is_new).await;
            trace.prepared = None;
            return Err(Stop::Failed(Reason::protected(settings.name.as_str(), &faults)));
        }
        if let Some(before) = &mut trace.before[index] {
            let changed = before.hidden.iter().filter(|name| set.causes.contains(*name));
            before.lost = changed.cloned().collect();
        }
        if let Err(stop) = allowed(permit) {
            self.give_up(stacks, own, is_new).await;
            trace.prepared = None;
            return Err(stop);
        }
        let to = &mut trace.rollout.stacks[index];
        to.change = Some(if is_new { StackChange::Create } else { StackChange::Update });
        let ended = self.carry_out(stacks, settings, own, to, &mut patience).await;
        trace.prepared = None;
        let ended = ended?;
        let why = self.note_end(stacks, settings, &ended, to).await;
        match ended.status.outcome() {
            StackOutcome::Succeeded => Ok(()),
            _ => {
                // CloudFormation has put it back by itself.
                to.restored = ended.status.as_str() == "UPDATE_ROLLBACK_COMPLETE";
                let (stack, status) = (settings.name.to_string(), ended.status.to_string());
                Err(Stop::Failed(Reason::Ended { stack, status, why }))
            }
        }
    }

    /// The stack, where it takes a change; `None` where there is none yet. What a deployment began whose holder is
    /// gone comes to its end first.
    async fn ready(
        &self,
        stacks: &Stacks<'_>,
        settings: &StackSettings,
        order: &Order,
        patience: &mut Patience,
    ) -> Result<Option<Seen>, Stop> {
        let mut waited = false;
        loop {
            let seen = self.look(stacks, settings, settings.name.as_str(), patience).await?;
            let Some(seen) = seen else { return Ok(None) };
            let (stack, status) = (settings.name.to_string(), seen.stack.status.to_string());
            match seen.stack.status.readiness() {
                Readiness::Create => return Ok(None),
                Readiness::Update => return Ok(Some(seen)),
                Readiness::Busy if patience.is_over() => {
                    return Err(Stop::Failed(Reason::Busy { stack, status }));
                }
                Readiness::Busy => {
                    if !self.outlast(stacks, settings, order, &seen, patience).await? {
                        return Err(Stop::Failed(Reason::Busy { stack, status }));
                    }
                    if !waited {
                        (waited, *patience) = (true, settings.patience());
                    }
                    // The stack may say a little later than its events that it is over.
                    patience.rest().await;
                }
                Readiness::Stuck(next) => {
                    return Err(Stop::Failed(Reason::Stuck { stack, status, next }));
                }
            }
        }
    }

    /// A stack by its name or ARN.
    pub(super) async fn look(
        &self,
        stacks: &Stacks<'_>,
        settings: &StackSettings,
        name: &str,
        patience: &mut Patience,
    ) -> Result<Option<Seen>, Stop> {
        let found = self.ask(patience, || stacks.find(name)).await;
        found.map_err(|fault| Stop::Failed(call(settings, fault)))
    }

    /// What has to be known to put a stack back.
    async fn before(
        &self,
        stacks: &Stacks<'_>,
        settings: &StackSettings,
        seen: Seen,
        patience: &mut Patience,
    ) -> Result<Before, Stop> {
        let failed = |fault| Stop::Failed(call(settings, fault));
        let name: StackName = match seen.stack.id.parse() {
            Ok(name) => name,
            // Something else than an ARN is no name either.
            Err(_) => return Err(Stop::Failed(not_told(settings))),
        };
        let template = self.ask(patience, || stacks.given_template(&name)).await.map_err(failed)?;
        let mut hidden: BTreeSet<String> = BTreeSet::new();
        if !seen.parameters.is_empty() {
            let told = self.ask(patience, || stacks.hidden_parameters(&seen.stack)).await;
            // Where CloudFormation does not tell, what looks masked is taken for it.
            let masked = |value: &str| !value.is_empty() && value.bytes().all(|it| it == b'*');
            let seems = || seen.parameters.iter().filter(|(_, value)| masked(value));
            hidden = told.unwrap_or_else(|_| seems().map(|(name, _)| name.clone()).collect());
            hidden.retain(|name| seen.parameters.contains_key(name));
        }
        Ok(Before { seen, template, hidden, lost: Vec::new() })
    }

    /// A change set that can be executed; `None` where there is nothing to change.
    pub(super) async fn prepare(
        &self,
        stacks: &Stacks<'_>,
        settings: &StackSettings,
        own: (&str, &str),
        is_new: bool,
        patience: &mut Patience,
    ) -> Result<Option<ChangeSet>, Stop> {
        let set = self.make(stacks, settings, own, is_new, &settings.wanted(), patience).await?;
        if set.is_empty() {
            return Ok(None);
        }
        if set.status == ChangeSetStatus::Failed {
            return Err(Stop::Failed(not_made(settings, &set.reason)));
        }
        Ok(Some(set))
    }

    /// Makes a change set and waits until it is made, or failed.
    pub(super) async fn make(
        &self,
        stacks: &Stacks<'_>,
        settings: &StackSettings,
        own: (&str, &str),
        is_new: bool,
        wanted: &Wanted<'_>,
        patience: &mut Patience,
    ) -> Result<ChangeSet, Stop> {
        let failed = |fault| Stop::Failed(call(settings, fault));
        let asked = || stacks.create_change_set(own, is_new, wanted);
        self.ask(patience, asked).await.map_err(failed)?;
        loop {
            let set = self.ask(patience, || stacks.change_set(own)).await.map_err(failed)?;
            match set {
                Some(set) if is_made(&set.status) => return Ok(set),
                Some(_) | None if !patience.is_over() => patience.rest().await,
                Some(set) => return Err(Stop::Failed(not_made(settings, &set.reason))),
                None => return Err(Stop::Failed(not_told(settings))),
            }
        }
    }

    /// Executes a change set and follows what comes of it.
    async fn carry_out(
        &self,
        stacks: &Stacks<'_>,
        settings: &StackSettings,
        own: (&str, &str),
        to: &mut StackRollout,
        patience: &mut Patience,
    ) -> Result<Ended, Stop> {
        let untouched = |to: &mut StackRollout, stop| {
            to.change = None;
            Err(stop)
        };
        let seen = match self.look(stacks, settings, own.0, patience).await {
            Ok(seen) => seen,
            Err(stop) => return untouched(to, stop),
        };
        let Some(seen) = seen else { return untouched(to, Stop::Failed(not_told(settings))) };
        to.stack_id = Some(seen.stack.id.clone());
        let before = self.ask(patience, || stacks.events_after(&seen.stack.id, None)).await;
        let before = match before {
            Ok(events) => match newest(&events, &seen.stack.id, own.1) {
                Newest::Other(id) => Some(id),
                Newest::None | Newest::Ours(_) => None,
            },
            Err(fault) => return untouched(to, Stop::Failed(call(settings, fault))),
        };
        if let Err(fault) = self.execute(stacks, own, patience).await {
            self.give_up(stacks, own, to.change == Some(StackChange::Create)).await;
            return untouched(to, Stop::Failed(call(settings, fault)));
        }
        let (stack_id, token) = (seen.stack.id.as_str(), own.1);
        let watched = Watched { settings, stack_id, token, before: before.as_deref() };
        self.follow(stacks, &watched).await
    }

    /// Executes a change set. Where the answer does not say whether it is carried out, the change set does: it is never
    /// executed twice.
    pub(super) async fn execute(
        &self,
        stacks: &Stacks<'_>,
        own: (&str, &str),
        patience: &mut Patience,
    ) -> Result<(), Fault> {
        let Err(fault) = stacks.execute(own).await else { return Ok(()) };
        // The SDK repeats a call whose answer is lost, and the second one is refused.
        if is_certain(&fault) && !fault.said.starts_with("InvalidChangeSetStatus") {
            return Err(fault);
        }
        for _ in 0..LOOKS {
            let seen = stacks.change_set(own).await;
            if seen.is_ok_and(|set| !set.as_ref().is_some_and(is_unused)) {
                return Ok(());
            }
            patience.pause().await;
        }
        Err(fault)
    }

    /// Deletes a change set that is not executed, and the stack that came to be only for it: one with change sets of
    /// others stays. Nothing depends on that: what stays behind changes nothing.
    pub(super) async fn give_up(&self, stacks: &Stacks<'_>, own: (&str, &str), is_new: bool) {
        drop(stacks.delete_change_set(own).await);
        if !is_new {
            return;
        }
        if let Ok(Some(seen)) = stacks.find(own.0).await
            && seen.stack.status.as_str() == "REVIEW_IN_PROGRESS"
            && stacks.has_change_sets(&seen.stack.id).await == Ok(false)
        {
            drop(stacks.delete(&seen.stack.id, own.1).await);
        }
    }

    /// Whether all stacks are still what the deployment made of them.
    pub(super) async fn look_again(&self, order: &Order, trace: &StacksTrace) -> Rolled {
        match self.still_runs(order, trace).await {
            Ok(()) => Rolled::Out,
            Err(Stop::Replaced(reason)) => Rolled::Replaced { reason: Failure::of(reason) },
            Err(Stop::Failed(reason) | Stop::Unknown(reason)) => {
                Rolled::Unknown { reason: Failure::of(reason) }
            }
            Err(Stop::LeaseOver) => Rolled::Failed { reason: Failure::LeaseOver },
        }
    }

    async fn still_runs(&self, order: &Order, trace: &StacksTrace) -> Result<(), Stop> {
        let stacks = self.open().await.map_err(|fault| Stop::Failed(Reason::Closed { fault }))?;
        let own = token(&order.deployment_id, Step::Forward);
        for (settings, to) in self.stacks.iter().zip(&trace.rollout.stacks) {
            let Some(id) = to.stack_id.as_deref().filter(|_| to.was_begun()) else { continue };
            let mut patience = settings.patience();
            let asked = || stacks.events_after(id, None);
            let events = self.ask(&mut patience, asked).await;
            let events = events.map_err(|fault| Stop::Failed(call(settings, fault)))?;
            if !matches!(newest(&events, id, &own), Newest::Ours(_)) {
                let status = self.look(&stacks, settings, id, &mut patience).await?;
                let status = status.map(|seen| seen.stack.status.to_string());
                let stack = settings.name.to_string();
                return Err(Stop::Replaced(Reason::Replaced { stack, status }));
            }
        }
        Ok(())
    }
}

impl StackSettings {
    fn wanted(&self) -> Wanted<'_> {
        let all = self.parameters.iter().chain(&self.secret_parameters);
        let is =
            |(name, value): (&String, &String)| (name.clone(), ParameterValue::Is(value.clone()));
        Wanted {
            template: &self.template,
            parameters: all.map(is).collect::<BTreeMap<_, _>>(),
            capabilities: &self.capabilities,
            tags: self.tags.clone(),
        }
    }
}

fn is_made(status: &ChangeSetStatus) -> bool {
    matches!(status, ChangeSetStatus::CreateComplete | ChangeSetStatus::Failed)
}

/// Whether a change set was never executed.
pub(super) fn is_unused(set: &ChangeSet) -> bool {
    matches!(set.execution, None | Some(ExecutionStatus::Available | ExecutionStatus::Unavailable))
}

/// Whether something may be changed now.
pub(super) fn allowed(permit: &Permit) -> Result<(), Stop> {
    if permit.holds() { Ok(()) } else { Err(Stop::LeaseOver) }
}

pub(super) fn call(settings: &StackSettings, fault: Fault) -> Reason {
    Reason::Call { stack: settings.name.to_string(), fault }
}

pub(super) fn not_made(settings: &StackSettings, said: &str) -> Reason {
    let said = settings.masked(said);
    Reason::NotMade { stack: settings.name.to_string(), said }
}

fn not_told(settings: &StackSettings) -> Reason {
    not_made(settings, "it does not show what it was asked for")
}
