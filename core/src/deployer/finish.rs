//! The end of a deployment: record, queue and, for a success, the environment tag, in one transaction.

use super::{Answered, Deployer, Held, RACES};
use crate::engine::deploy::{Event, Health, Outcome};
use crate::git::{Conflict, RefUpdate};
use crate::ledger::{LedgerError, RefStore};
use crate::model::Timestamp;
use crate::model::deployment::{Deployment, HealthCheckResult};
use crate::model::violation::Violations;
use crate::policy::completion::{self, Evidence};

/// An end that is ready to be written.
struct Ending {
    deployment: Deployment,
    queue: RefUpdate,
    others: Vec<RefUpdate>,
}

impl<S: RefStore> Deployer<'_, S> {
    /// Records how the deployment ended, and frees the environment.
    pub(super) async fn finish(&self, held: &mut Option<Held>, outcome: &Outcome) -> Event {
        let Some(held) = held else {
            return Event::CommitUnknown { reason: "nothing was claimed".to_owned() };
        };
        for _ in 0..RACES {
            if let Some(event) = self.end(held, outcome).await {
                return event;
            }
        }
        let reason = "the queue was changed by others each time".to_owned();
        Event::CommitRefused { reason }
    }

    /// Tries to record the end once; no event where the queue is ours but not as we left it.
    async fn end(&self, held: &mut Held, outcome: &Outcome) -> Option<Event> {
        let ending = match self.ending(held, outcome) {
            Ok(ending) => ending,
            Err(reason) => return Some(Event::CommitRefused { reason }),
        };
        let queue = ending.queue.name.clone();
        let updates = std::iter::once(ending.queue).chain(ending.others).collect();
        Some(match self.write(updates).await {
            Answered::Done => {
                held.deployment = ending.deployment;
                Event::Committed
            }
            Answered::Lost(conflicts) if conflicts.iter().any(|lost| lost.name == queue) => {
                match self.usurper(held).await {
                    Ok(None) => return None,
                    Ok(Some(holder)) => Event::LeaseLost { holder },
                    Err(error) => Event::CommitRefused { reason: error.to_string() },
                }
            }
            Answered::Lost(conflicts) => Event::CommitRefused { reason: told(&conflicts) },
            Answered::Refused(reason) => Event::CommitRefused { reason },
            Answered::Unknown(reason) => Event::CommitUnknown { reason },
        })
    }

    /// The deployment as it ended, and the transaction that says so.
    fn ending(&self, held: &Held, outcome: &Outcome) -> Result<Ending, String> {
        let by = self.signature();
        let ended =
            ended(&held.deployment, outcome, by.time).map_err(|faults| faults.to_string())?;
        let released = held.queue.clone().release(&ended.id).map_err(|lost| lost.to_string())?;
        let message = format!("{} {}", ended.id, ended.status());
        let in_words = |error: LedgerError| error.to_string();
        let queue = self.stage_queue(&released, held.queue_object, &message).map_err(in_words)?;
        let slot = self.ledger.deployment(&ended.environment, &ended.id);
        let record = self.ledger.stage(&slot, held.record, &ended, &by, &message);
        let mut others = vec![record.map_err(in_words)?];
        let to_move = completion::tag_move(&ended, self.grammar);
        Violations::check(completion::check_transaction(&ended, self.grammar, to_move.as_ref()))
            .map_err(|faults| faults.to_string())?;
        if let Some(to_move) = to_move {
            let text = format!("{} runs {} ({})", ended.environment, ended.version, ended.id);
            let name = to_move.tag.as_str();
            let object = self.ledger.store().write_tag_object(name, to_move.to, &by, &text);
            others.push(RefUpdate {
                name: to_move.tag.ref_name(),
                expected: held.tag_object,
                new: Some(object.map_err(|error| error.to_string())?),
            });
        }
        Ok(Ending { deployment: ended, queue, others })
    }
}

fn ended(
    deployment: &Deployment,
    outcome: &Outcome,
    at: Timestamp,
) -> Result<Deployment, Violations> {
    let checked = |health: Option<&Health>| Deployment {
        health_check: health.map(result),
        ..deployment.clone()
    };
    match outcome {
        Outcome::Succeeded { health } => {
            let deployment = checked(health.as_ref());
            let health_check = deployment.health_check;
            let evidence = Evidence { health_check, ..Evidence::default() };
            Violations::check(completion::obstacles(&evidence))?;
            deployment.succeed(at)
        }
        Outcome::Failed { reason, health } => checked(health.as_ref()).fail(at, reason),
        Outcome::Cancelled { reason } => deployment.clone().cancel(at, Some(reason)),
    }
}

const fn result(health: &Health) -> HealthCheckResult {
    match health {
        Health::Passed { response_time_ms } => {
            HealthCheckResult::Passed { response_time_ms: Some(*response_time_ms) }
        }
        Health::Failed { .. } => HealthCheckResult::Failed,
        Health::TimedOut { .. } => HealthCheckResult::Timeout,
    }
}

fn told(conflicts: &[Conflict]) -> String {
    conflicts.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
