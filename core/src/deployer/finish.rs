//! The end of a deployment: record, queue and, for a success, the environment tag, in one transaction.

use super::{Answered, Deployer, Held};
use crate::engine::deploy::{Event, Health, Outcome};
use crate::git::{Conflict, RefUpdate};
use crate::ledger::{LedgerError, RefStore};
use crate::model::deployment::{Deployment, HealthCheckResult};
use crate::model::violation::Violations;
use crate::policy::completion;

impl<S: RefStore> Deployer<'_, S> {
    /// Records how the deployment ended, and frees the environment.
    pub(super) async fn finish(&self, held: &mut Option<Held>, outcome: &Outcome) -> Event {
        let Some(held) = held.as_mut() else {
            return Event::CommitUnknown { reason: "nothing was claimed".to_owned() };
        };
        let (ended, updates) = match self.ending(held, outcome) {
            Ok(ending) => ending,
            Err(reason) => return Event::CommitRefused { reason },
        };
        let queue = updates.first().map(|update| update.name.clone());
        match self.write(updates).await {
            Answered::Done => {
                held.deployment = ended;
                Event::Committed
            }
            Answered::Lost(conflicts) => match conflicts.iter().find(|c| Some(&c.name) == queue.as_ref())
            {
                Some(lost) => Event::LeaseLost { holder: lost.to_string() },
                None => Event::CommitRefused { reason: told(&conflicts) },
            },
            Answered::Refused(reason) => Event::CommitRefused { reason },
            Answered::Unknown(reason) => Event::CommitUnknown { reason },
        }
    }

    /// The deployment as it ended and the transaction that says so; the queue stands first in it.
    fn ending(
        &self,
        held: &Held,
        outcome: &Outcome,
    ) -> Result<(Deployment, Vec<RefUpdate>), String> {
        let by = self.signature();
        let ended = ended(&held.deployment, outcome, by.time).map_err(|faults| faults.to_string())?;
        let released = held.queue.clone().release(&ended.id).map_err(|lost| lost.to_string())?;
        let message = format!("{} {}", ended.id, ended.status());
        let in_words = |error: LedgerError| error.to_string();
        let free = self.stage_queue(&released, Some(held.queue_object), &message).map_err(in_words)?;
        let slot = self.ledger.deployment(&ended.environment, &ended.id);
        let record = self.ledger.stage(&slot, Some(held.record), &ended, &by, &message);
        let mut updates = vec![free, record.map_err(in_words)?];
        if let Some(to_move) = completion::tag_move(&ended, self.grammar) {
            let text = format!("{} runs {} ({})", ended.environment, ended.version, ended.id);
            let name = to_move.tag.as_str();
            let object = self.ledger.store().write_tag_object(name, to_move.to, &by, &text);
            updates.push(RefUpdate {
                name: to_move.tag.ref_name(),
                expected: held.tag_object,
                new: Some(object.map_err(|error| error.to_string())?),
            });
        }
        Ok((ended, updates))
    }
}

fn ended(
    deployment: &Deployment,
    outcome: &Outcome,
    at: crate::model::Timestamp,
) -> Result<Deployment, Violations> {
    let checked = |health: Option<&Health>| Deployment {
        health_check: health.map(result),
        ..deployment.clone()
    };
    match outcome {
        Outcome::Succeeded { health } => checked(health.as_ref()).succeed(at),
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
