//! The end of a deployment: record, queue and, for a success, the environment tag and the record that
//! it leaves behind, in one transaction.

use super::write::{Answered, beside};
use super::{Deployer, Held, RACES, Run};
use crate::audit::AuditRecord;
use crate::base::violation::Violations;
use crate::deployment::completion::{self, Evidence};
use crate::deployment::engine::{Back, Event, Health, Outcome, Unwritten};
use crate::deployment::{Deployment, HealthCheckResult, Rollout};
use crate::git::{CommitError, Conflict, RefUpdate};
use crate::ledger::{LedgerError, RefStore};
use crate::queue::QueueRecord;
use crate::rollout::Target;
use crate::{Timestamp, Version};

/// An end that is ready to be written.
struct Ending {
    deployment: Deployment,
    queue: QueueRecord,
    update: RefUpdate,
    others: Vec<RefUpdate>,
}

impl<S: RefStore> Deployer<'_, S> {
    /// Records how the deployment ended, and frees the environment.
    pub(super) async fn finish<T: Target>(&self, run: &mut Run<'_, T>, outcome: &Outcome) -> Event {
        let Some(held) = &mut run.held else {
            return Event::CommitUnknown(Unwritten::Unclaimed);
        };
        held.deployment.rollout = run.rollout.clone().map(Into::into);
        let mut races = 0;
        // As long as the lease runs there is no reason to give a deployment up.
        while races < RACES || held.permit.holds() {
            if let Some(event) = Box::pin(self.end(held, outcome)).await {
                return event;
            }
            races += 1;
        }
        Event::CommitRefused(Unwritten::Outrun)
    }

    /// Tries to record the end once; no event where it should be tried again.
    async fn end(&self, held: &mut Held, outcome: &Outcome) -> Option<Event> {
        let neighbours = self.handover.to(&held.queue.scope());
        let writing = neighbours.writing().await;
        held.catch_up(&neighbours);
        let Ending { deployment, queue, update, others } = match self.ending(held, outcome) {
            Ok(ending) => ending,
            Err(why) => return Some(Event::CommitRefused(why)),
        };
        let name = update.name.clone();
        let left = others.last().map(|update| update.name.clone());
        let by = (&*neighbours, writing);
        Some(
            match Box::pin(self.write_queue(by, &queue, (update, others), &mut held.attempts)).await
            {
                Answered::Done => {
                    held.deployment = deployment;
                    Event::Committed
                }
                Answered::Lost(conflicts) if conflicts.iter().any(|lost| lost.name == name) => {
                    match self.current_holder(held).await {
                        Ok(None) => return None,
                        Ok(Some(holder)) => Event::LeaseLost { holder },
                        Err(error) => return self.again_later(held, error).await,
                    }
                }
                // A record that somebody else changed says no less without our word about it.
                Answered::Lost(conflicts)
                    if held.left.is_some()
                        && conflicts.iter().all(|lost| Some(&lost.name) == left.as_ref()) =>
                {
                    held.left = None;
                    return None;
                }
                Answered::Lost(conflicts) => Event::CommitRefused(lost(conflicts).into()),
                Answered::Away(error) => return self.again_later(held, error).await,
                Answered::Refused(error) => Event::CommitRefused(error.into()),
                Answered::Unknown(error) => Event::CommitUnknown(error.into()),
            },
        )
    }

    /// The remote is away. As long as the lease runs there is no reason to give a deployment up.
    async fn again_later(&self, held: &Held, error: LedgerError) -> Option<Event> {
        tokio::time::sleep(self.lease_time() / 10).await;
        (!held.permit.holds()).then(|| Event::CommitRefused(error.into()))
    }

    /// The deployment as it ended, and the transaction that says so.
    fn ending(&self, held: &Held, outcome: &Outcome) -> Result<Ending, Unwritten> {
        let by = self.signature();
        let at = held.queue.begins_at(by.time);
        let ended = ended(held, outcome, at)?;
        let released = held.queue.clone().release(&ended.id, by.time);
        let released = released.map_err(Violations::from)?.after(&ended);
        let message = format!("{} {}", ended.id, ended.status());
        let slot = self.ledger.deployment(&ended.environment, &ended.id);
        let record = self.ledger.stage(&slot, held.record, &ended, &by, &message)?;
        let name = record.name.clone();
        let mut others = vec![record];
        if let Some(to_move) = completion::tag_move(&ended, self.grammar) {
            let text = format!("{} runs {} ({})", ended.environment, ended.version, ended.id);
            let tag = to_move.tag.as_str();
            let object = self.ledger.store().write_tag_object(tag, to_move.to, &by, &text);
            others.push(RefUpdate {
                name: to_move.tag.ref_name(),
                expected: held.tag_object,
                new: Some(object.map_err(LedgerError::from)?),
            });
            if let Some(audit) = &held.audit {
                let audit = AuditRecord { at, ..audit.clone() };
                let slot = self.ledger.new_audit(at);
                let kept = self.ledger.stage(&slot, None, &audit, &by, &audit.action);
                others.push(kept?);
            }
        }
        others.extend(self.leave_behind(held, &ended, at, outcome)?);
        let changed = others.iter().map(|update| &update.name);
        let faults = completion::check_transaction(&ended, self.grammar, &name, changed);
        Violations::check(faults)?;
        Violations::check(completion::check_migrations(&ended).into_iter().collect())?;
        let queue = beside(self.without_closed_lock(released), &others);
        let update = self.stage_queue(&queue, held.queue_object, &message)?;
        Ok(Ending { deployment: ended, queue, update, others })
    }

    /// The version that this one takes back is no longer good.
    fn leave_behind(
        &self,
        held: &Held,
        ended: &Deployment,
        at: Timestamp,
        outcome: &Outcome,
    ) -> Result<Option<RefUpdate>, Unwritten> {
        let succeeded = matches!(outcome, Outcome::Succeeded { .. });
        let Some(left) = held.left.as_ref().filter(|_| succeeded) else { return Ok(None) };
        let by = self.signature();
        let to = Some(ended.version.clone());
        let back = left.record.clone().roll_back(at, to)?;
        let message = format!("{} rolled back by {}", back.id, ended.id);
        Ok(Some(self.ledger.stage(&left.slot, Some(left.object), &back, &by, &message)?))
    }
}

fn ended(held: &Held, outcome: &Outcome, at: Timestamp) -> Result<Deployment, Violations> {
    let mut deployment = Deployment { attempts: held.attempts, ..held.deployment.clone() };
    // Whoever runs them says how that ended: without a word they did not begin.
    deployment.migrations = deployment.migrations.filter(|it| !it.is_unknown());
    let message = outcome.error_message();
    let checked = |health: Option<&Health>| Deployment {
        health_check: health.map(result),
        ..deployment.clone()
    };
    match outcome {
        Outcome::Succeeded { health } => {
            let deployment = checked(health.as_ref());
            let health_check = deployment.health_check;
            let evidence = Evidence {
                tests_passed: deployment.tests.map(|tests| tests.failed == 0),
                migrations: deployment.migrations.as_ref().and_then(|it| it.status),
                health_check,
            };
            Violations::check(completion::obstacles(&evidence))?;
            deployment.succeed(at)
        }
        Outcome::Failed { health, back, .. } => {
            let message = message.unwrap_or_default();
            checked(health.as_ref()).fail(at, &message, back_to(held, back))
        }
        Outcome::Cancelled { back, .. } => {
            deployment.clone().cancel(at, message.as_deref(), back_to(held, back))
        }
    }
}

/// What the environment runs after a deployment that was no success, where that is certain.
fn back_to(held: &Held, back: &Back) -> Option<Version> {
    match back {
        Back::Unchanged => held.before(),
        Back::Restored => held.restored(),
        Back::Not(_) => None,
    }
}

impl Held {
    /// What the environment ran by its tag, unless its service may run what a deployment before left there.
    fn before(&self) -> Option<Version> {
        self.deployment.previous_version.clone().filter(|_| self.is_settled)
    }

    /// The version that was put back: that of the last known good deployment, where its very
    /// revision was put back; what the environment ran by its tag, where the service is back at
    /// what it ran before. Of another revision nobody can tell.
    fn restored(&self) -> Option<Version> {
        let Some(rollout) = &self.deployment.rollout else {
            return self.deployment.previous_version.clone();
        };
        let rollout = match rollout {
            Rollout::Ecs(rollout) => rollout,
            Rollout::Command(rollout) if rollout.restored => {
                return self.deployment.previous_version.clone();
            }
            Rollout::Stacks(rollout) if rollout.was_put_back() => {
                return self.deployment.previous_version.clone();
            }
            Rollout::Stacks(_) | Rollout::Command(_) => return None,
        };
        let good = self.order.last_good.as_ref().and_then(Rollout::ecs);
        let good = good.and_then(|good| good.task_definition.as_ref());
        let back = rollout.restored_task_definition.as_ref()?;
        if Some(back) == good {
            return self.order.last_good_version.clone();
        }
        let before = rollout.previous_task_definition.as_ref();
        (Some(back) == before).then(|| self.before()).flatten()
    }
}

const fn result(health: &Health) -> HealthCheckResult {
    match health {
        Health::Passed { response_time_ms } => {
            HealthCheckResult::Passed { response_time_ms: Some(*response_time_ms) }
        }
        Health::Failed(why) if why.is_late() => HealthCheckResult::Timeout,
        Health::Failed(_) => HealthCheckResult::Failed,
    }
}

fn lost(conflicts: Vec<Conflict>) -> LedgerError {
    CommitError::Conflict { conflicts }.into()
}
