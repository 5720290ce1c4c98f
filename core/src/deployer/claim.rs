//! Taking an environment: checks, queue and record in one transaction; and keeping it.

use std::sync::Arc;

use super::{Answered, Deployer, Held, Request};
use crate::engine::deploy::{Event, Refusal};
use crate::git::{ObjectId, RefUpdate, Snapshot};
use crate::ledger::{Entry, LedgerError, RefStore};
use crate::model::releases::Releases;
use crate::model::violation::Violation;
use crate::model::{CommitSha, Tag, Version};
use crate::policy::deployment::{self as policy, DeploymentFacts, DeploymentPlan};
use crate::record::{Claim, EnvironmentRecord, QueueRecord};

/// How often a lost race for the queue is run again: each loss means that somebody else got on.
const RACES: u32 = 16;

/// What was read before a claim.
struct View {
    snapshot: Arc<Snapshot>,
    releases: Releases,
    environment: Option<Entry<EnvironmentRecord>>,
    queue: Option<Entry<QueueRecord>>,
}

impl<S: RefStore> Deployer<'_, S> {
    /// Takes the environment, or says why not.
    pub(super) async fn claim(&self, request: &Request) -> Result<Held, Event> {
        for _ in 0..RACES {
            let view = self.look(request).await.map_err(|error| unclaimed(&error))?;
            let faults = self.faults(request, &view);
            if !faults.is_empty() {
                return Err(Event::ClaimRefused(Refusal::Forbidden(faults)));
            }
            let (held, updates) = self.prepare(request, &view).await?;
            match self.write(updates).await {
                Answered::Done => return Ok(held),
                Answered::Lost(_) => {}
                Answered::Refused(reason) => {
                    return Err(Event::ClaimRefused(Refusal::Unclaimed { reason }));
                }
                Answered::Unknown(reason) => return Err(Event::CommitUnknown { reason }),
            }
        }
        let reason = "other deployments were first each time; apply again".to_owned();
        Err(Event::ClaimRefused(Refusal::Unclaimed { reason }))
    }

    async fn look(&self, request: &Request) -> Result<View, LedgerError> {
        self.ledger.store().refresh();
        let snapshot = self.ledger.snapshot().await?;
        let tags = snapshot.tags().map(|(name, found)| (name, found.target().to_commit()));
        let releases = Releases::read(self.grammar, tags);
        let environment = self.ledger.read(&self.ledger.environment(&request.environment)).await?;
        let queue = self.ledger.read(&self.ledger.queue(&request.environment)).await?;
        Ok(View { snapshot, releases, environment, queue })
    }

    /// Time passed since the plan: what it checked is checked again.
    fn faults(&self, request: &Request, view: &View) -> Vec<Violation> {
        let plan = DeploymentPlan {
            version: &request.version,
            commit: request.commit_sha,
            environment: &request.environment,
            region: request.region.as_ref(),
            triggered_by: Some(&request.triggered_by),
            approval: request.approval.as_ref(),
            pipeline_id: None,
            infrastructure_id: None,
            allow_downgrade: true,
        };
        let facts = DeploymentFacts {
            version_tag: view.releases.get(&request.version).map(|release| release.commit),
            environment: view.environment.as_ref().map(|entry| &entry.record.environment),
            ..DeploymentFacts::default()
        };
        let mut faults = policy::check_at_start(&plan, &facts);
        let now = (self.clock)();
        let queue = view.queue.as_ref().map(|entry| &entry.record);
        faults.extend(queue.and_then(|queue| policy::check_free(queue, Some(&request.id), now)));
        faults
    }

    /// The transaction of a claim: the queue, the record, and the end of a holder that died.
    async fn prepare(
        &self,
        request: &Request,
        view: &View,
    ) -> Result<(Held, Vec<RefUpdate>), Event> {
        let by = self.signature();
        let queue = view.queue.as_ref().map_or_else(
            || QueueRecord::new(request.environment.clone()),
            |entry| entry.record.clone(),
        );
        let actor = request.triggered_by.clone();
        let claimed = queue
            .claim(request.id.clone(), actor, by.time, self.lease_seconds())
            .map_err(|busy| Event::ClaimRefused(Refusal::Forbidden(vec![busy])))?;
        let (tag_object, previous) = self.running(request, view);
        let deployment = request.begun(by.time, previous);
        let slot = self.ledger.deployment(&request.environment, &request.id);
        let message = format!("deploy {} to {}", request.version, request.environment);
        let begin = self.ledger.stage(&slot, None, &deployment, &by, &message);
        let begin = begin.map_err(|error| unclaimed(&error))?;
        let expected = view.queue.as_ref().map(|entry| entry.object);
        let lock = self.stage_queue(&claimed.queue, expected, &format!("{} begins", request.id));
        let lock = lock.map_err(|error| unclaimed(&error))?;
        let (record, queue_object) = match (begin.new, lock.new) {
            (Some(record), Some(queue)) => (record, queue),
            _ => return Err(Event::ClaimRefused(Refusal::Stopped)),
        };
        let mut updates = vec![lock, begin];
        if let Some(dead) = claimed.superseded {
            updates.extend(self.bury(request, &dead).await.map_err(|error| unclaimed(&error))?);
        }
        let queue = claimed.queue;
        Ok((Held { deployment, record, queue, queue_object, tag_object }, updates))
    }

    /// Where the environment's tag stands, and which version that is.
    fn running(
        &self,
        request: &Request,
        view: &View,
    ) -> (Option<ObjectId>, Option<(Option<Version>, CommitSha)>) {
        let project = request.version.sub_project_path().clone();
        let tag = Tag::of_environment(project.clone(), request.environment.clone());
        let Some(found) = view.snapshot.tag(tag.name().as_str()) else { return (None, None) };
        let commit = found.target().to_commit();
        let version = view.releases.at(&project, commit).next_back();
        (Some(found.object), Some((version.map(|release| release.version.clone()), commit)))
    }

    /// The record of a holder that died: failed, because nobody can say that it succeeded.
    async fn bury(&self, request: &Request, dead: &Claim) -> Result<Option<RefUpdate>, LedgerError> {
        let slot = self.ledger.deployment(&request.environment, &dead.deployment_id);
        let Some(entry) = self.ledger.read(&slot).await? else { return Ok(None) };
        let by = self.signature();
        let reason = format!(
            "its holder {} gave no sign of life, and its lease ran out at {}; {} took over",
            dead.holder, dead.lease_until, request.id
        );
        let Ok(failed) = entry.record.fail(by.time, &reason) else { return Ok(None) };
        let message = format!("{} failed: its holder died", dead.deployment_id);
        self.ledger.stage(&slot, Some(entry.object), &failed, &by, &message).map(Some)
    }

    /// Renews the lease; an event where the environment is no longer ours.
    ///
    /// A remote that cannot be reached just now is no reason to stop: the lease still runs.
    pub(super) async fn renew(&self, held: &mut Option<Held>) -> Option<Event> {
        let held = held.as_mut()?;
        let (id, now) = (held.deployment.id.clone(), (self.clock)());
        let queue = match held.queue.clone().renew(&id, now, self.lease_seconds()) {
            Ok(queue) => queue,
            Err(lost) => return Some(Event::LeaseLost { holder: lost.found }),
        };
        let renewed = self.stage_queue(&queue, Some(held.queue_object), &format!("{id} goes on"));
        let Ok(update) = renewed else { return None };
        let object = update.new?;
        match self.write(vec![update]).await {
            Answered::Done => {
                held.queue = queue;
                held.queue_object = object;
                None
            }
            Answered::Lost(_) => Some(Event::LeaseLost { holder: "another deployment".to_owned() }),
            Answered::Refused(_) | Answered::Unknown(_) => None,
        }
    }

    pub(super) fn stage_queue(
        &self,
        queue: &QueueRecord,
        expected: Option<ObjectId>,
        message: &str,
    ) -> Result<RefUpdate, LedgerError> {
        let slot = self.ledger.queue(&queue.environment);
        self.ledger.stage(&slot, expected, queue, &self.signature(), message)
    }

    fn lease_seconds(&self) -> i64 {
        i64::try_from(self.lease.as_secs()).unwrap_or(i64::MAX).max(1)
    }
}

fn unclaimed(error: &LedgerError) -> Event {
    Event::ClaimRefused(Refusal::Unclaimed { reason: error.to_string() })
}
