//! The ends of others, in the transaction of who comes in their place: holders that died, those who missed
//! their turns, and older versions that a newer one supersedes.

use super::claim::holder_of;
use super::read::View;
use super::{Deployer, Request};
use crate::base::cause::in_full;
use crate::deployment::engine::{Cancellation, Failure};
use crate::deployment::{Deployment, Progress};
use crate::git::{RefUpdate, Signature};
use crate::ledger::{LedgerError, RefStore};
use crate::queue::supersede::superseded;
use crate::queue::{Claim, QueueRecord, Waiting};
use crate::{DeploymentId, rollback};

impl<S: RefStore> Deployer<'_, S> {
    /// The record of a holder that died: failed, because nobody can say that it succeeded.
    pub(super) async fn supersede_dead(
        &self,
        request: &Request,
        queue: &QueueRecord,
        dead: &Claim,
        by: &Signature,
    ) -> Result<Option<RefUpdate>, LedgerError> {
        let slot = self.ledger.deployment(&request.environment, &dead.deployment_id);
        let Some(entry) = self.ledger.read(&slot).await? else { return Ok(None) };
        let reason = Failure::Died {
            holder: holder_of(dead),
            lease_until: dead.lease_until,
            by: request.id.clone(),
        };
        // Whether a service was changed, and how it stands now, nobody can tell.
        let back = entry.record.previous_version.clone().filter(|_| entry.record.rollout.is_none());
        let at = queue.begins_at(by.time);
        let Ok(failed) = entry.record.fail(at, &in_full(&reason), back) else { return Ok(None) };
        let message = format!("{} failed: its holder died", dead.deployment_id);
        self.ledger.stage(&slot, Some(entry.object), &failed, by, &message).map(Some)
    }

    /// The record of one who did not begin when it was its turn: cancelled.
    pub(super) async fn pass_over(
        &self,
        request: &Request,
        missed: &Waiting,
        by: &Signature,
    ) -> Result<Option<RefUpdate>, LedgerError> {
        let slot = self.ledger.deployment(&request.environment, &missed.deployment_id);
        let Some(entry) = self.ledger.read(&slot).await? else { return Ok(None) };
        let reason = Cancellation::PassedOver {
            holder: missed.holder.clone(),
            seconds: missed.lease_seconds,
            by: request.id.clone(),
        };
        let queued = matches!(entry.record.progress, Progress::Queued { .. });
        let Ok(cancelled) = entry.record.cancel(by.time, Some(&in_full(&reason)), None) else {
            return Ok(None);
        };
        let message = format!("{} was passed over", missed.deployment_id);
        let update = self.ledger.stage(&slot, Some(entry.object), &cancelled, by, &message)?;
        Ok(queued.then_some(update))
    }

    /// The queue without the older versions of the same sub-project and region that `new` supersedes as it
    /// enters, where the registered policy says so, and their records: cancelled.
    pub(super) fn supersede_older(
        &self,
        view: &View,
        new: &Deployment,
        by: &Signature,
    ) -> Result<(QueueRecord, Vec<RefUpdate>), LedgerError> {
        let (mut queue, mut ended) = (view.queue().clone(), Vec::new());
        if !view.survey.registered().is_some_and(|it| it.supersede_queued) {
            return Ok((queue, ended));
        }
        let record_of = |id: &_| view.history.records().find(|record| record.id == *id);
        let returns = |record: &Deployment| rollback::returns(view.history.records(), record);
        for (older, fault) in superseded(view.queue(), new, record_of, returns) {
            let why = Cancellation::Superseded { fault };
            let line = format!("{} was superseded", older.id);
            if let Some(update) = self.end_waiting(view, older, &why, by, &line)? {
                ended.push(update);
                queue = queue.without(&older.id, by.time);
            }
        }
        Ok((queue, ended))
    }

    /// The queue without those who were held back and cannot be alive any more, and their records: cancelled.
    pub(super) fn drop_lost(
        &self,
        view: &View,
        queue: QueueRecord,
        new: &DeploymentId,
        by: &Signature,
    ) -> Result<(QueueRecord, Vec<RefUpdate>), LedgerError> {
        let lost: Vec<Waiting> = queue.lost(by.time).cloned().collect();
        let (mut queue, mut ended) = (queue, Vec::new());
        for Waiting { deployment_id, holder, held_back, .. } in lost {
            let record = view.history.records().find(|record| record.id == deployment_id);
            let Some((record, held)) = record.zip(held_back) else { continue };
            let (gives_up_at, by_whom) = (held.gives_up_at, new.clone());
            let why = Cancellation::Lost { holder, gives_up_at, by: by_whom };
            let line = format!("{deployment_id} was lost");
            if let Some(update) = self.end_waiting(view, record, &why, by, &line)? {
                ended.push(update);
                queue = queue.without(&deployment_id, by.time);
            }
        }
        Ok((queue, ended))
    }

    /// The record of one who waits and has to go; nothing where it does not wait by its record.
    fn end_waiting(
        &self,
        view: &View,
        waiting: &Deployment,
        why: &Cancellation,
        by: &Signature,
        line: &str,
    ) -> Result<Option<RefUpdate>, LedgerError> {
        let slot = self.ledger.deployment(&waiting.environment, &waiting.id);
        let found = view.survey.snapshot().get(slot.ref_name()?.as_str());
        let queued = matches!(waiting.progress, Progress::Queued { .. });
        let cancelled = waiting.clone().cancel(by.time, Some(&in_full(why)), None);
        let (Some(target), true, Ok(cancelled)) = (found, queued, cancelled) else {
            return Ok(None);
        };
        self.ledger.stage(&slot, Some(target.object), &cancelled, by, line).map(Some)
    }
}
