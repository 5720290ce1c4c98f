//! Taking an environment: checks, queue and record in one transaction.

use std::sync::Arc;

use super::interruption::Interruption;
use super::{Answered, Deployer, Held, RACES, Request};
use crate::engine::deploy::{Event, Refusal};
use crate::git::{ObjectId, RefUpdate, Signature, Snapshot};
use crate::ledger::{Entry, LedgerError, RefStore};
use crate::model::releases::Releases;
use crate::model::violation::Violation;
use crate::model::{CommitSha, EnvironmentName, Tag, Timestamp, Version};
use crate::policy::deployment::{self as policy, DeploymentFacts, DeploymentPlan};
use crate::record::{Claim, Claimed, EnvironmentRecord, QueueRecord};

/// What was read before a claim.
struct View {
    snapshot: Arc<Snapshot>,
    releases: Releases,
    environment_names: Vec<EnvironmentName>,
    environment: Option<Entry<EnvironmentRecord>>,
    queue: Option<Entry<QueueRecord>>,
    /// Whether a deployment to whatever environment has the new one's ID.
    id_is_taken: bool,
}

/// A claim that is ready to be written.
struct Prepared {
    held: Held,
    updates: Vec<RefUpdate>,
}

impl<S: RefStore> Deployer<'_, S> {
    /// Takes the environment, or says why not.
    ///
    /// Up to the moment of writing, an interruption ends it with nothing written. What is written
    /// cannot be taken back.
    pub(super) async fn claim(
        &self,
        request: &Request,
        stop: &mut Interruption<'_>,
    ) -> Result<Held, Event> {
        for _ in 0..RACES {
            let Some(prepared) = stop.unless(self.prepare(request)).await else {
                return Err(Event::ClaimRefused(Refusal::Stopped));
            };
            let Prepared { held, updates } = prepared?;
            match self.write(updates).await {
                Answered::Done => return Ok(held),
                Answered::Lost(_) => {}
                Answered::Refused(reason) => return Err(unclaimed(reason)),
                Answered::Unknown(reason) => {
                    return Err(Event::CommitUnknown { reason: in_doubt(&held, &reason) });
                }
            }
        }
        Err(unclaimed("other deployments were first each time; apply again".to_owned()))
    }

    /// Everything up to the moment of writing.
    async fn prepare(&self, request: &Request) -> Result<Prepared, Event> {
        let failed = |error: LedgerError| unclaimed(error.to_string());
        let view = self.look(request).await.map_err(failed)?;
        let by = self.signature();
        let claimed = self
            .check(request, &view, by.time)
            .map_err(|faults| Event::ClaimRefused(Refusal::Forbidden(faults)))?;
        self.stage_claim(request, &view, claimed, &by).await.map_err(failed)
    }

    async fn look(&self, request: &Request) -> Result<View, LedgerError> {
        self.ledger.store().refresh();
        let snapshot = self.ledger.snapshot().await?;
        let tags = snapshot.tags().map(|(name, found)| (name, found.target().to_commit()));
        let releases = Releases::read(self.grammar, tags);
        let shelf = self.ledger.environments();
        let names = snapshot.under(shelf.prefix()).filter_map(|(name, _)| name.parse().ok());
        let environment_names = names.collect();
        let shelf = self.ledger.all_deployments();
        let id_is_taken = snapshot
            .under(shelf.prefix())
            .any(|(name, _)| name.rsplit('/').next() == Some(request.id.as_str()));
        let environment = self.ledger.read(&self.ledger.environment(&request.environment)).await?;
        let queue = self.ledger.read(&self.ledger.queue(&request.environment)).await?;
        Ok(View { snapshot, releases, environment_names, environment, queue, id_is_taken })
    }

    /// Time passed since the plan: what it checked is checked again. All that is wrong at once.
    fn check(
        &self,
        request: &Request,
        view: &View,
        now: Timestamp,
    ) -> Result<Claimed, Vec<Violation>> {
        let plan = plan_of(request);
        let facts = DeploymentFacts {
            version_tag: view.releases.get(&request.version).map(|release| release.commit),
            environment: view.environment.as_ref().map(|entry| &entry.record.environment),
            environment_names: view.environment_names.iter().collect(),
            ..DeploymentFacts::default()
        };
        let mut faults = policy::check_at_start(&plan, &facts);
        let (_, previous) = self.running(request, view);
        let runs = previous.as_ref().and_then(|(version, _)| version.as_ref());
        faults.extend(policy::downgrade(&plan, runs));
        let namesake = view.id_is_taken.then_some(&request.id);
        faults.extend(policy::check_unique(&request.id, namesake));
        let queue = view.queue.as_ref().map(|entry| entry.record.clone());
        let queue = queue.unwrap_or_else(|| QueueRecord::new(request.environment.clone()));
        let holder = request.triggered_by.clone();
        match queue.claim(request.id.clone(), holder, now, self.lease_seconds()) {
            Ok(claimed) if faults.is_empty() => Ok(claimed),
            Ok(_) => Err(faults),
            Err(busy) => {
                faults.push(busy);
                Err(faults)
            }
        }
    }

    /// The transaction of a claim: the queue, the record, and the end of a holder that died.
    async fn stage_claim(
        &self,
        request: &Request,
        view: &View,
        claimed: Claimed,
        by: &Signature,
    ) -> Result<Prepared, LedgerError> {
        let Claimed { queue, superseded } = claimed;
        let (tag_object, previous) = self.running(request, view);
        let deployment = request.begun(by.time, previous);
        let slot = self.ledger.deployment(&request.environment, &request.id);
        let message = format!("deploy {} to {}", request.version, request.environment);
        let begin = self.ledger.stage(&slot, None, &deployment, by, &message)?;
        let expected = view.queue.as_ref().map(|entry| entry.object);
        let lock = self.stage_queue(&queue, expected, &format!("{} begins", request.id))?;
        let (record, queue_object) = (begin.new, lock.new);
        let mut updates = vec![lock, begin];
        if let Some(dead) = superseded {
            updates.extend(self.bury(request, &dead, by).await?);
        }
        Ok(Prepared { held: Held { deployment, record, queue, queue_object, tag_object }, updates })
    }

    /// Where the environment's tag stands, and which version that is. An environment without tags
    /// has none, whatever other tag has its name.
    fn running(
        &self,
        request: &Request,
        view: &View,
    ) -> (Option<ObjectId>, Option<(Option<Version>, CommitSha)>) {
        let project = request.version.sub_project_path().clone();
        let tag = Tag::of_environment(project.clone(), request.environment.clone());
        let found = view.snapshot.tag(tag.name().as_str());
        let Some(found) = found.filter(|_| self.grammar.has_tags(&request.environment)) else {
            return (None, None);
        };
        let commit = found.target().to_commit();
        let version = view.releases.at(&project, commit).next_back();
        (Some(found.object), Some((version.map(|release| release.version.clone()), commit)))
    }

    /// The record of a holder that died: failed, because nobody can say that it succeeded.
    async fn bury(
        &self,
        request: &Request,
        dead: &Claim,
        by: &Signature,
    ) -> Result<Option<RefUpdate>, LedgerError> {
        let slot = self.ledger.deployment(&request.environment, &dead.deployment_id);
        let Some(entry) = self.ledger.read(&slot).await? else { return Ok(None) };
        let reason = format!(
            "its holder {} gave no sign of life, and its lease ran out at {}; {} took over",
            dead.holder, dead.lease_until, request.id
        );
        let Ok(failed) = entry.record.fail(by.time, &reason) else { return Ok(None) };
        let message = format!("{} failed: its holder died", dead.deployment_id);
        self.ledger.stage(&slot, Some(entry.object), &failed, by, &message).map(Some)
    }
}

/// What of the request the rules look at.
fn plan_of(request: &Request) -> DeploymentPlan<'_> {
    DeploymentPlan {
        version: &request.version,
        commit: request.commit_sha,
        environment: &request.environment,
        region: request.region.as_ref(),
        triggered_by: Some(&request.triggered_by),
        approval: request.approval.as_ref(),
        pipeline_id: None,
        infrastructure_id: None,
        allow_downgrade: request.allow_downgrade,
    }
}

fn unclaimed(reason: String) -> Event {
    Event::ClaimRefused(Refusal::Unclaimed { reason })
}

/// What a person does about a claim that may or may not have happened.
fn in_doubt(held: &Held, reason: &str) -> String {
    let environment = &held.deployment.environment;
    let until = held.queue.current.as_ref().map(|claim| claim.lease_until.to_string());
    format!(
        "{reason}. If it did, `{environment}` is held by `{}` until {}, and the next deployment \
         after that records it as failed",
        held.deployment.id,
        until.unwrap_or_default()
    )
}
