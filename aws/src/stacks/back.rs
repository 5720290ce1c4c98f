//! Puts stacks back, the last one first: to what they were, or away where they were not there.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types::ChangeSetStatus;

use super::follow::{Ended, Newest, Watched, is_certain, newest};
use super::forward::{allowed, call, is_unused, not_made};
use super::names::{Step, token};
use super::{Before, Reason, StackSettings, StacksTarget, StacksTrace, Stop};
use crate::cloudformation::{ParameterValue, Seen, Stacks, Template, Wanted};
use crate::patience::Patience;
use pipeline_core::DeploymentId;
use pipeline_core::deployment::{StackChange, StackRollout};
use pipeline_core::rollout::{Failure, Order, Permit, Restored};
use pipeline_core::stack::rules::LARGEST_TEMPLATE;

/// One stack on its way back.
struct Way<'a> {
    stacks: &'a Stacks<'a>,
    settings: &'a StackSettings,
    deployment: &'a DeploymentId,
    permit: &'a Permit,
    stack_id: String,
    /// The ID of the event with which our own change began.
    began: Option<String>,
}

impl StacksTarget<'_> {
    /// Puts back all that was changed, up to the first stack that cannot be.
    pub(super) async fn bring_back(
        &self,
        order: &Order,
        permit: &Permit,
        trace: &mut StacksTrace,
    ) -> Restored {
        let stacks = match self.open().await {
            Ok(stacks) => stacks,
            Err(fault) => {
                return Restored::Unknown { reason: Failure::of(Reason::Closed { fault }) };
            }
        };
        if let Some(index) = trace.prepared.take()
            && let (Some(settings), Some(to)) =
                (self.stacks.get(index), trace.rollout.stacks.get_mut(index))
            && to.change.is_none()
        {
            let name = token(&order.deployment_id, Step::Forward);
            let is_new = trace.before[index].is_none();
            self.give_up(&stacks, (settings.name.as_str(), &name), is_new).await;
        }
        if !trace.rollout.was_begun() {
            return self.as_found(trace, Restored::Unchanged);
        }
        for index in (0..self.stacks.len()).rev() {
            let to = &mut trace.rollout.stacks[index];
            if !to.was_begun() || to.restored {
                continue;
            }
            let before = trace.before[index].as_ref();
            let settings = &self.stacks[index];
            match self.undo(&stacks, settings, (order, permit), before, to).await {
                Ok(()) => to.restored = true,
                Err(Stop::Failed(reason)) => return failed(reason),
                Err(Stop::LeaseOver) => {
                    return Restored::Failed { reason: Failure::LeaseOver };
                }
                Err(Stop::Replaced(reason)) => {
                    return Restored::Replaced { reason: Failure::of(reason) };
                }
                Err(Stop::Unknown(reason)) => {
                    return Restored::Unknown { reason: Failure::of(reason) };
                }
            }
        }
        self.as_found(trace, Restored::Done)
    }

    async fn undo(
        &self,
        stacks: &Stacks<'_>,
        settings: &StackSettings,
        (order, permit): (&Order, &Permit),
        before: Option<&Before>,
        to: &StackRollout,
    ) -> Result<(), Stop> {
        let mut patience = settings.patience();
        let name = to.stack_id.clone().unwrap_or_else(|| settings.name.to_string());
        let seen = self.look(stacks, settings, &name, &mut patience).await?;
        let creates = to.change == Some(StackChange::Create);
        let Some(seen) = seen.filter(|seen| seen.stack.status.as_str() != "DELETE_COMPLETE") else {
            return if creates { Ok(()) } else { Err(gone(settings)) };
        };
        let own = token(&order.deployment_id, Step::Forward);
        let asked = || stacks.events_after(&seen.stack.id, None);
        let events = self.ask(&mut patience, asked).await;
        let events = events.map_err(|fault| Stop::Unknown(call(settings, fault)))?;
        let began = match newest(&events, &seen.stack.id, &own) {
            Newest::Ours(events) => events.last().map(|it| it.id.clone()),
            Newest::None | Newest::Other(_) => {
                return self.not_ours(stacks, settings, &own, &seen, creates).await;
            }
        };
        let stack_id = seen.stack.id.clone();
        let deployment = &order.deployment_id;
        let way = Way { stacks, settings, deployment, permit, stack_id, began };
        if creates {
            return self.remove(&way).await;
        }
        let status = match seen.stack.status.goes_on() {
            true => self.end(&way, &seen, &own).await?,
            false => seen.stack.status.to_string(),
        };
        match (status.as_str(), before) {
            ("UPDATE_ROLLBACK_COMPLETE", _) => Ok(()),
            ("UPDATE_COMPLETE", Some(before)) => self.give_back(&way, before, &mut patience).await,
            _ => {
                let stack = settings.name.to_string();
                let why = "its update could not be taken back".to_owned();
                Err(Stop::Failed(Reason::Ended { stack, status, why }))
            }
        }
    }

    /// Our change set was never executed, or somebody else came after it.
    async fn not_ours(
        &self,
        stacks: &Stacks<'_>,
        settings: &StackSettings,
        own: &str,
        seen: &Seen,
        creates: bool,
    ) -> Result<(), Stop> {
        let name = (settings.name.as_str(), own);
        let mut patience = settings.patience();
        let set = self.ask(&mut patience, || stacks.change_set(name)).await;
        let set = set.map_err(|fault| Stop::Unknown(call(settings, fault)))?;
        if set.as_ref().is_some_and(is_unused) {
            self.give_up(stacks, name, creates).await;
            return Ok(());
        }
        let (stack, status) = (settings.name.to_string(), Some(seen.stack.status.to_string()));
        Err(Stop::Replaced(Reason::Replaced { stack, status }))
    }

    /// Waits for the end of our update; one that still goes forward is cancelled.
    async fn end(&self, way: &Way<'_>, seen: &Seen, own: &str) -> Result<String, Stop> {
        if seen.stack.status.as_str() == "UPDATE_IN_PROGRESS" {
            allowed(way.permit)?;
            let name = token(way.deployment, Step::Cancel);
            // Where it is too late for that, the end says so.
            drop(way.stacks.cancel_update(way.settings.name.as_str(), &name).await);
        }
        let (settings, stack_id) = (way.settings, way.stack_id.as_str());
        let watched = Watched { settings, stack_id, token: own, before: None };
        Ok(self.follow(way.stacks, &watched).await?.status.to_string())
    }

    /// Deletes a stack that the deployment made.
    async fn remove(&self, way: &Way<'_>) -> Result<(), Stop> {
        allowed(way.permit)?;
        let name = token(way.deployment, Step::Delete);
        if let Err(fault) = way.stacks.delete(&way.stack_id, &name).await
            && is_certain(&fault)
        {
            return Err(Stop::Failed(call(way.settings, fault)));
        }
        let ended = self.follow_back(way, &name).await?;
        if ended.status.as_str() == "DELETE_COMPLETE" { Ok(()) } else { Err(bad_end(way, &ended)) }
    }

    /// Gives a stack the template and the parameters that it had.
    async fn give_back(
        &self,
        way: &Way<'_>,
        before: &Before,
        patience: &mut Patience,
    ) -> Result<(), Stop> {
        allowed(way.permit)?;
        let settings = way.settings;
        let template = Template::Body(small(settings, &before.template)?);
        let wanted = before.wanted(&template, settings);
        let name = token(way.deployment, Step::Back);
        let own = (settings.name.as_str(), name.as_str());
        let set = self.make(way.stacks, settings, own, false, &wanted, patience).await?;
        if set.is_empty() {
            self.give_up(way.stacks, own, false).await;
            return before.whole(settings);
        }
        if set.status == ChangeSetStatus::Failed {
            self.give_up(way.stacks, own, false).await;
            return Err(Stop::Failed(not_made(settings, &set.reason)));
        }
        allowed(way.permit)?;
        let executed = self.execute(way.stacks, own, patience).await;
        executed.map_err(|fault| Stop::Failed(call(settings, fault)))?;
        let ended = self.follow_back(way, &name).await?;
        match ended.status.as_str() {
            "UPDATE_COMPLETE" => before.whole(settings),
            _ => Err(bad_end(way, &ended)),
        }
    }

    async fn follow_back(&self, way: &Way<'_>, token: &str) -> Result<Ended, Stop> {
        let (settings, stack_id) = (way.settings, way.stack_id.as_str());
        let watched = Watched { settings, stack_id, token, before: way.began.as_deref() };
        self.follow(way.stacks, &watched).await
    }
}

impl Before {
    fn wanted<'a>(&'a self, template: &'a Template, settings: &StackSettings) -> Wanted<'a> {
        let value = |(name, value): (&String, &String)| {
            let is_hidden = self.hidden.contains(name);
            let value = match is_hidden {
                true => ParameterValue::AsBefore,
                false => ParameterValue::Is(value.clone()),
            };
            (name.clone(), value)
        };
        Wanted {
            template,
            parameters: self.seen.parameters.iter().map(value).collect::<BTreeMap<_, _>>(),
            capabilities: &self.seen.capabilities,
            // Where nobody gave tags, they are as they were.
            tags: settings.tags.as_ref().map(|_| self.seen.tags.clone()),
        }
    }

    /// Whether nothing is different from before.
    fn whole(&self, settings: &StackSettings) -> Result<(), Stop> {
        if self.lost.is_empty() {
            return Ok(());
        }
        let (stack, parameters) = (settings.name.to_string(), self.lost.clone());
        Err(Stop::Failed(Reason::KeepsHidden { stack, parameters }))
    }
}

/// A template as it can be given with a call: without the spaces of its JSON, where that makes it small enough.
fn small(settings: &StackSettings, template: &str) -> Result<String, Stop> {
    let fits = |text: &str| u64::try_from(text.len()).is_ok_and(|size| size <= LARGEST_TEMPLATE);
    if fits(template) {
        return Ok(template.to_owned());
    }
    let json: Option<serde_json::Value> = serde_json::from_str(template).ok();
    json.map(|json| json.to_string()).filter(|text| fits(text)).ok_or_else(|| {
        let (stack, size) = (settings.name.to_string(), template.len());
        Stop::Failed(Reason::TooLarge { stack, size, most: LARGEST_TEMPLATE })
    })
}

fn failed(reason: Reason) -> Restored {
    Restored::Failed { reason: Failure::of(reason) }
}

fn gone(settings: &StackSettings) -> Stop {
    Stop::Replaced(Reason::Replaced { stack: settings.name.to_string(), status: None })
}

fn bad_end(way: &Way<'_>, ended: &Ended) -> Stop {
    let first = ended.events.iter().rfind(|event| event.is_failure());
    let reason = first.and_then(|event| event.reason.as_deref()).unwrap_or("no reason is given");
    let (stack, status) = (way.settings.name.to_string(), ended.status.to_string());
    Stop::Failed(Reason::Ended { stack, status, why: way.settings.masked(reason) })
}
