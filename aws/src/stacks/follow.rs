//! Follows one operation on a stack, by its token, to its end.

use super::{Reason, StackSettings, StacksTarget, Stop};
use crate::cloudformation::Stacks;
use crate::fault::{Fault, FaultKind};
use crate::patience::Patience;
use pipeline_core::stack::{StackEvent, StackStatus};

/// How an operation ended, with its events, newest first.
pub(super) struct Ended {
    pub(super) status: StackStatus,
    pub(super) events: Vec<StackEvent>,
}

/// The newest operation on a stack, as far as its events tell.
pub(super) enum Newest {
    /// There is none.
    None,
    /// Ours, with its events, newest first.
    Ours(Vec<StackEvent>),
    /// Another one, by the ID of the event with which it began.
    Other(String),
}

/// The newest operation of these events, newest first.
pub(super) fn newest(events: &[StackEvent], stack_id: &str, token: &str) -> Newest {
    // A deletion of ours may say nothing else of who asked for it.
    let deletes = |it: &StackEvent| {
        it.status == "DELETE_IN_PROGRESS"
            && it.is_of_stack(stack_id)
            && it.token.as_deref() == Some(token)
    };
    let begins = |it: &StackEvent| it.begins_operation(stack_id) || deletes(it);
    let Some(begin) = events.iter().position(begins) else { return Newest::None };
    let first = &events[begin];
    match first.token.as_deref() == Some(token) {
        true => Newest::Ours(events[..=begin].to_vec()),
        false => Newest::Other(first.id.clone()),
    }
}

/// The status of the stack by its own newest event.
fn status(events: &[StackEvent], stack_id: &str) -> Option<StackStatus> {
    let own = events.iter().find(|it| it.is_of_stack(stack_id) && !it.is_stage)?;
    Some(StackStatus::new(&own.status))
}

/// Whether the same look may do better a little later.
pub(super) const fn may_pass(fault: &Fault) -> bool {
    matches!(fault.kind, FaultKind::Busy | FaultKind::Unreachable | FaultKind::Skewed)
}

/// Whether a call was certainly not carried out.
pub(super) const fn is_certain(fault: &Fault) -> bool {
    !matches!(fault.kind, FaultKind::Busy | FaultKind::Unreachable)
}

/// An operation that is followed.
pub(super) struct Watched<'a> {
    pub(super) settings: &'a StackSettings,
    pub(super) stack_id: &'a str,
    pub(super) token: &'a str,
    /// The ID of the event with which the operation before began.
    pub(super) before: Option<&'a str>,
}

impl StacksTarget<'_> {
    /// Follows an operation to its end, and tells what happens.
    pub(super) async fn follow(
        &self,
        stacks: &Stacks<'_>,
        watched: &Watched<'_>,
    ) -> Result<Ended, Stop> {
        let mut patience = watched.settings.patience();
        let mut all: Vec<StackEvent> = Vec::new();
        loop {
            let known = all.first().map(|it| it.id.clone());
            match stacks.events_after(watched.stack_id, known.as_deref()).await {
                Ok(new) => {
                    self.tell_all(watched, &new);
                    all.splice(0..0, new);
                }
                Err(fault) if may_pass(&fault) && !patience.is_over() => {
                    patience.back_off().await;
                    continue;
                }
                Err(fault) => return Err(Stop::Unknown(watched.call(fault))),
            }
            if let Some(end) = self.judge(watched, &all)? {
                return Ok(end);
            }
            if patience.is_over() {
                return Err(Stop::Failed(watched.late()));
            }
            patience.rest().await;
        }
    }

    fn judge(&self, watched: &Watched<'_>, all: &[StackEvent]) -> Result<Option<Ended>, Stop> {
        match newest(all, watched.stack_id, watched.token) {
            Newest::Ours(events) => {
                let status = status(&events, watched.stack_id).filter(|status| !status.goes_on());
                Ok(status.map(|status| Ended { status, events }))
            }
            Newest::Other(id) if watched.before != Some(id.as_str()) => {
                let status = status(all, watched.stack_id).map(|it| it.to_string());
                let stack = watched.settings.name.to_string();
                Err(Stop::Replaced(Reason::Replaced { stack, status }))
            }
            // It is not seen yet.
            Newest::Other(_) | Newest::None => Ok(None),
        }
    }

    /// Tells the events of the operation, oldest first.
    fn tell_all(&self, watched: &Watched<'_>, new: &[StackEvent]) {
        let own = new.iter().filter(|it| it.token.as_deref() == Some(watched.token));
        for event in own.collect::<Vec<_>>().into_iter().rev() {
            (self.tell)(&format!(
                "stack {}: {} ({}) is {}",
                watched.settings.name, event.logical_id, event.resource_type, event.status
            ));
        }
    }

    /// Looks until there is an answer that another look would not change.
    pub(super) async fn ask<T, F>(
        &self,
        patience: &mut Patience,
        call: impl Fn() -> F,
    ) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, Fault>>,
    {
        patience.ask(call, may_pass).await
    }
}

impl Watched<'_> {
    fn call(&self, fault: Fault) -> Reason {
        Reason::Call { stack: self.settings.name.to_string(), fault }
    }

    fn late(&self) -> Reason {
        let (stack, after) = (self.settings.name.to_string(), self.settings.timeout);
        Reason::TimedOut { stack, after }
    }
}
