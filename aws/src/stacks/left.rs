//! What earlier deployments left of a stack: an operation that still goes on, though whoever began it is gone, or a
//! template that no success ever had.
//!
//! Tokens say whose an operation is, and the order says which deployments are over. What somebody else does is not
//! waited for.

use std::collections::BTreeSet;

use super::follow::Watched;
use super::forward::call;
use super::names::{Step, owner};
use super::{Reason, StackSettings, StacksTarget, StacksTrace, Stop};
use crate::cloudformation::{Seen, Stacks};
use crate::patience::Patience;
use pipeline_core::DeploymentId;
use pipeline_core::rollout::{Failure, Order, Restored};
use pipeline_core::stack::{StackEvent, StackStatus};

/// Whether events, newest first, tell which deployment left the stack as it is.
#[derive(Debug, PartialEq, Eq)]
enum Left {
    /// Older ones are needed.
    Unclear,
    /// None of those that failed.
    Nobody,
    /// This one.
    By(DeploymentId),
}

/// Whether an event is the first of an operation. A deletion of ours may say nothing else of who asked for it.
fn begins(event: &StackEvent, stack_id: &str) -> bool {
    let deletes = || {
        let by = event.token.as_deref().and_then(owner);
        event.status == "DELETE_IN_PROGRESS"
            && event.is_of_stack(stack_id)
            && matches!(by, Some((_, Step::Delete)))
    };
    event.begins_operation(stack_id) || deletes()
}

/// The deployment that began the newest operation of these events, newest first, and the token that says so.
pub(super) fn newest_owner<'a>(
    events: &'a [StackEvent],
    stack_id: &str,
) -> Option<(DeploymentId, &'a str)> {
    let token = events.iter().find(|it| begins(it, stack_id))?.token.as_deref()?;
    Some((owner(token)?.0, token))
}

/// Which of the deployments that failed left the stack as it is: what came after it was taken back.
fn left(events: &[StackEvent], stack_id: &str, failed: &BTreeSet<DeploymentId>) -> Left {
    let (mut status, mut undone) = (None, BTreeSet::new());
    for event in events.iter().filter(|it| it.is_of_stack(stack_id) && !it.is_stage) {
        let end = status.get_or_insert_with(|| StackStatus::new(&event.status)).clone();
        if !begins(event, stack_id) {
            continue;
        }
        status = None;
        let by = event.token.as_deref().and_then(owner);
        let Some((id, step)) = by.filter(|(id, _)| failed.contains(id)) else {
            return Left::Nobody;
        };
        let is_back = matches!(
            end.as_str(),
            "UPDATE_ROLLBACK_COMPLETE" | "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"
        );
        match step {
            Step::Forward if !is_back && !undone.contains(&id) => return Left::By(id),
            Step::Back if !is_back => drop(undone.insert(id)),
            Step::Forward | Step::Back | Step::Cancel | Step::Delete => {}
        }
    }
    Left::Unclear
}

impl StacksTarget<'_> {
    /// Waits for the end of what a deployment began whose holder is gone; false where it is not one of those.
    pub(super) async fn outlast(
        &self,
        stacks: &Stacks<'_>,
        settings: &StackSettings,
        order: &Order,
        seen: &Seen,
        patience: &mut Patience,
    ) -> Result<bool, Stop> {
        let stack_id = seen.stack.id.as_str();
        let asked = || stacks.events_after(stack_id, None);
        let events = self.ask(patience, asked).await;
        let events = events.map_err(|fault| Stop::Failed(call(settings, fault)))?;
        let by = newest_owner(&events, stack_id).filter(|(id, _)| order.failed.contains(id));
        let Some((id, token)) = by else { return Ok(false) };
        (self.tell)(&format!(
            "stack {} is {}: waiting for the end of what {id} began",
            settings.name, seen.stack.status
        ));
        let watched = Watched { settings, stack_id, token, before: None };
        self.follow(stacks, &watched).await.map(|_| true)
    }

    /// The deployment that left the stack as it is, where none of the successes did.
    pub(super) async fn left_by(
        &self,
        stacks: &Stacks<'_>,
        settings: &StackSettings,
        order: &Order,
        seen: &Seen,
        patience: &mut Patience,
    ) -> Result<Option<DeploymentId>, Stop> {
        if order.failed.is_empty() {
            return Ok(None);
        }
        let stack_id = seen.stack.id.as_str();
        let is_clear = |events: &[StackEvent]| {
            events.last().is_some_and(|it| begins(it, stack_id))
                && left(events, stack_id, &order.failed) != Left::Unclear
        };
        let events = self.ask(patience, || stacks.events_until(stack_id, is_clear)).await;
        let events = events.map_err(|fault| Stop::Failed(call(settings, fault)))?;
        Ok(match left(&events, stack_id, &order.failed) {
            Left::By(id) => Some(id),
            Left::Nobody | Left::Unclear => None,
        })
    }

    /// What it means that all is as the deployment found it.
    pub(super) fn as_found(&self, trace: &StacksTrace, otherwise: Restored) -> Restored {
        let mut all = self.stacks.iter().zip(&trace.left_by);
        let left = all.find_map(|(settings, by)| Some((settings.name.to_string(), by.clone()?)));
        match left {
            Some((stack, by)) => {
                Restored::AsFound { reason: Failure::of(Reason::Left { stack, by }) }
            }
            None => otherwise,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STACK: &str = "arn:aws:cloudformation:eu-west-1:123456789012:stack/App/1";
    const DEAD: &str = "deploy-20260101-000000-abc123";
    const LATER: &str = "deploy-20260101-000001-abc123";

    /// Events of operations, the newest first, each by its token and how it ended.
    fn events(operations: &[(String, &str)]) -> Vec<StackEvent> {
        let event = |token: &str, status: &str| StackEvent {
            id: format!("{token} {status}"),
            at: "2026-01-01T00:00:00Z".parse().unwrap(),
            logical_id: "App".to_owned(),
            physical_id: STACK.to_owned(),
            resource_type: "AWS::CloudFormation::Stack".to_owned(),
            status: status.to_owned(),
            reason: None,
            is_stage: false,
            token: Some(token.to_owned()),
        };
        let both = |(token, end): &(String, &str)| {
            let begin = if end.starts_with("CREATE") { "CREATE" } else { "UPDATE" };
            [event(token, end), event(token, &format!("{begin}_IN_PROGRESS"))]
        };
        operations.iter().flat_map(both).collect()
    }

    fn told(operations: &[(String, &str)]) -> Left {
        let failed = [DEAD, LATER].map(|id| id.parse().unwrap()).into();
        left(&events(operations), STACK, &failed)
    }

    fn forward(id: &str, end: &'static str) -> (String, &'static str) {
        (format!("pipeline-{id}"), end)
    }

    fn back(id: &str, end: &'static str) -> (String, &'static str) {
        (format!("pipeline-{id}-back"), end)
    }

    #[test]
    fn what_came_to_its_end_without_success_was_left_by_who_began_it() {
        let dead = Left::By(DEAD.parse().unwrap());
        assert_eq!(told(&[forward(DEAD, "UPDATE_COMPLETE")]), dead);
        assert_eq!(told(&[forward(DEAD, "CREATE_COMPLETE")]), dead);
        assert_eq!(told(&[forward(DEAD, "UPDATE_ROLLBACK_FAILED")]), dead);
    }

    #[test]
    fn what_was_taken_back_shows_what_was_there_before() {
        let (good, dead) = (
            forward("deploy-20250101-000000-abc123", "UPDATE_COMPLETE"),
            forward(DEAD, "UPDATE_COMPLETE"),
        );
        assert_eq!(told(&[forward(DEAD, "UPDATE_ROLLBACK_COMPLETE"), good.clone()]), Left::Nobody);
        assert_eq!(told(&[back(DEAD, "UPDATE_COMPLETE"), dead.clone(), good]), Left::Nobody);
        let later =
            [back(LATER, "UPDATE_COMPLETE"), forward(LATER, "UPDATE_COMPLETE"), dead.clone()];
        assert_eq!(
            told(&later),
            Left::By(DEAD.parse().unwrap()),
            "it went back to what the dead one left"
        );
        let in_vain =
            [back(LATER, "UPDATE_ROLLBACK_COMPLETE"), forward(LATER, "UPDATE_COMPLETE"), dead];
        assert_eq!(told(&in_vain), Left::By(LATER.parse().unwrap()));
    }

    #[test]
    fn what_somebody_else_made_is_theirs_and_older_events_may_be_needed() {
        let dead = forward(DEAD, "UPDATE_COMPLETE");
        assert_eq!(told(&[("Console-1".to_owned(), "UPDATE_COMPLETE"), dead]), Left::Nobody);
        assert_eq!(told(&[back(DEAD, "UPDATE_COMPLETE")]), Left::Unclear);
    }
}
