//! Taking an environment: checks, queue and record in one transaction.

use std::sync::Arc;

use super::history::History;
use super::write::beside;
use super::{Deployer, Held, Place, Request, Run};
use crate::base::violation::Violation;
use crate::deployment::engine::{Event, Refusal};
use crate::deployment::rules::{self as policy, DeploymentFacts, DeploymentPlan};
use crate::deployment::{Deployment, EcsRollout, Progress};
use crate::environment::EnvironmentRecord;
use crate::git::{ObjectId, RefUpdate, Signature, Snapshot};
use crate::ledger::{Entry, LedgerError, RefStore};
use crate::queue::turn::Sightings;
use crate::queue::{Claim, Claimant, Claimed, Lapses, QueueRecord, Waiting};
use crate::rollout::{Grant, Order};
use crate::tag::releases::Releases;
use crate::{CommitSha, DeploymentId, EnvironmentName, Tag, Version};
use tokio::time::Instant;

use super::OnBusy;
use super::manners::Manners;
use super::notice::Notice;
use super::read::Moves;

/// How often a listing may have been made while one transaction was carried out. More often somebody
/// moved a ref by hand.
const TORN: u32 = 2;

/// What was read before a claim.
pub(super) struct View {
    snapshot: Arc<Snapshot>,
    releases: Releases,
    environment_names: Vec<EnvironmentName>,
    environment: Option<Entry<EnvironmentRecord>>,
    queue: Option<Entry<QueueRecord>>,
    pub(super) history: History,
    /// Whether a deployment to whatever environment has the new one's ID.
    id_is_taken: bool,
    /// When this was asked for, by the clock that only runs forward.
    read_at: Instant,
}

/// A claim that is ready to be written.
pub(super) struct Prepared {
    pub(super) held: Held,
    pub(super) updates: Vec<RefUpdate>,
}

impl View {
    /// The queue, empty where there is none yet.
    pub(super) fn queue(&self, environment: &EnvironmentName) -> QueueRecord {
        let queue = self.queue.as_ref().map(|entry| entry.record.clone());
        queue.unwrap_or_else(|| QueueRecord::new(environment.clone()))
    }

    /// Whether the listing shows the whole of the transaction that last changed the queue with other
    /// refs beside it. To readers, a remote may show them one by one.
    fn is_of_one_piece(&self) -> bool {
        let Some(queue) = &self.queue else { return true };
        queue.record.beside.iter().all(|(name, object)| {
            let found = self.snapshot.get(name.as_str());
            found.is_some_and(|found| found.object.to_string() == *object)
        })
    }

    /// What the next write of the queue has to find.
    pub(super) fn queue_object(&self) -> Option<ObjectId> {
        self.queue.as_ref().map(|entry| entry.object)
    }
}

impl<S: RefStore> Deployer<'_, S> {
    /// Reads all that a claim depends on: one listing, and what is missing here in one fetch.
    ///
    /// What was overtaken before it could be read is looked at anew.
    pub(super) async fn look(
        &self,
        request: &Request,
        manners: Manners,
    ) -> Result<View, LedgerError> {
        let (mut looks, mut moves, mut torn) = (0, Moves::default(), 0);
        let mut last = None;
        loop {
            let began = Instant::now();
            match self.look_once(request).await {
                Err(error) if moves.excuse(&error) => {}
                Ok(view) if !view.is_of_one_piece() => {
                    let queue = view.queue_object();
                    torn = if last == queue { torn + 1 } else { 1 };
                    if torn > TORN {
                        return Ok(view);
                    }
                    last = queue;
                }
                other => return other,
            }
            looks += 1;
            if manners == Manners::GiveWay {
                self.give_way(&request.id, looks, began.elapsed()).await;
            }
        }
    }

    async fn look_once(&self, request: &Request) -> Result<View, LedgerError> {
        self.ledger.store().refresh();
        let read_at = Instant::now();
        let snapshot = self.ledger.snapshot().await?;
        let tags = snapshot.tags().map(|(name, found)| (name, found.target().to_commit()));
        let releases = Releases::read(self.grammar, tags);
        let shelf = self.ledger.environments();
        let names = snapshot.under(shelf.prefix()).filter_map(|(name, _)| name.parse().ok());
        let environment_names = names.collect();
        let id_is_taken = self.is_taken(&snapshot, &request.id);
        let environment = self.ledger.environment(&request.environment);
        let queue = self.ledger.queue(&request.environment);
        self.bring_history(request, &[environment.ref_name()?, queue.ref_name()?]).await?;
        let environment = self.ledger.read(&environment).await?;
        let queue = self.ledger.read(&queue).await?;
        let history = self.history(request, queue.as_ref().map(|entry| &entry.record)).await?;
        Ok(View {
            snapshot,
            releases,
            environment_names,
            environment,
            queue,
            history,
            id_is_taken,
            read_at,
        })
    }

    fn is_taken(&self, snapshot: &Snapshot, id: &DeploymentId) -> bool {
        let shelf = self.ledger.all_deployments();
        snapshot.under(shelf.prefix()).any(|(name, _)| name.rsplit('/').next() == Some(id.as_str()))
    }

    /// Who has lapsed by what was seen since `began` and by this view.
    pub(super) fn lapses(
        &self,
        request: &Request,
        view: &View,
        sightings: &mut Sightings,
        began: Instant,
    ) -> Lapses {
        let asked = view.read_at.saturating_duration_since(began);
        let queue = view.queue(&request.environment);
        sightings.see(&queue, asked, began.elapsed(), (self.clock)())
    }

    /// The queue after our claim, or nothing where others come first. Time passed since the plan:
    /// what it checked is checked again, all that is wrong at once. `seen` says who has lapsed by
    /// what was seen while waiting.
    pub(super) fn turn(
        &self,
        request: &Request,
        view: &View,
        seen: Lapses,
    ) -> Result<Option<Claimed>, Vec<Violation>> {
        let now = (self.clock)();
        let mut faults = self.faults(request, view);
        let queue = view.queue(&request.environment);
        let waits = queue.position(&request.id).is_some();
        let namesake = (view.id_is_taken && !waits).then_some(&request.id);
        faults.extend(policy::check_unique(&request.id, namesake));
        let lapses = Lapses { holder: seen.holder || queue.is_over(now), ..seen };
        let answer = queue.claim(self.claimant(request), now, lapses);
        match (answer, request.on_busy) {
            (Ok(claimed), _) if faults.is_empty() => return Ok(Some(claimed)),
            (Err(_), OnBusy::Wait { .. }) if faults.is_empty() => return Ok(None),
            (Err(busy), OnBusy::Fail) => faults.push(busy),
            _ => {}
        }
        Err(faults)
    }

    fn faults(&self, request: &Request, view: &View) -> Vec<Violation> {
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
        faults.extend(view.history.held(request));
        faults
    }

    pub(super) fn claimant(&self, request: &Request) -> Claimant {
        Claimant {
            deployment_id: request.id.clone(),
            holder: request.triggered_by.clone(),
            lease_seconds: self.lease_seconds(),
        }
    }

    /// The transaction of a claim: the queue, the record, and the end of those who died.
    pub(super) async fn stage_claim(
        &self,
        request: &Request,
        place: Option<&Place>,
        rollout: Option<EcsRollout>,
        view: &View,
        claimed: Claimed,
    ) -> Result<Prepared, LedgerError> {
        let by = self.signature();
        let Claimed { queue, superseded, passed_over } = claimed;
        let (tag_object, previous) = self.running(request, view);
        let begins = queue.begins_at(by.time);
        let mut deployment = Deployment { rollout, ..request.begun(begins, previous) };
        deployment.requested_at = by.time;
        if let Some(place) = place {
            deployment.requested_at = place.deployment.requested_at;
        }
        let slot = self.ledger.deployment(&request.environment, &request.id);
        let message = format!("deploy {} to {}", request.version, request.environment);
        let before = place.and_then(|place| place.record);
        let begin = self.ledger.stage(&slot, before, &deployment, &by, &message)?;
        let record = begin.new;
        let mut updates = vec![begin];
        if let Some(dead) = superseded {
            updates.extend(self.bury(request, &queue, &dead, &by).await?);
        }
        for missed in passed_over {
            updates.extend(self.pass_over(request, &missed, &by).await?);
        }
        let queue = beside(queue, &updates);
        let line = format!("{} begins", request.id);
        let lock = self.stage_queue(&queue, view.queue_object(), &line)?;
        let queue_object = lock.new;
        updates.push(lock);
        let left = view.history.left_behind(&deployment).cloned();
        let last_good = view.history.last_good(request);
        let order = Order {
            deployment_id: request.id.clone(),
            version: request.version.clone(),
            environment: request.environment.clone(),
            last_good: last_good.and_then(|entry| entry.record.rollout.clone()),
            last_good_version: last_good.map(|entry| entry.record.version.clone()),
        };
        let (grant, permit) = Grant::new(view.read_at, self.lease_time());
        let held = Held {
            deployment,
            record,
            queue,
            queue_object,
            tag_object,
            left,
            order,
            grant,
            permit,
        };
        Ok(Prepared { held, updates })
    }

    /// The environment is ours from now on.
    pub(super) fn granted<T>(&self, run: &mut Run<'_, T>, held: Held) {
        (self.tell)(Notice::Claimed {
            environment: held.deployment.environment.clone(),
            deployment_id: held.deployment.id.clone(),
        });
        run.place = None;
        run.held = Some(held);
    }

    /// Where the environment's tag stands, and which version that is. An environment without tags
    /// has none, whatever other tag has its name: there the last good deployment tells.
    fn running(
        &self,
        request: &Request,
        view: &View,
    ) -> (Option<ObjectId>, Option<(Option<Version>, CommitSha)>) {
        if !self.grammar.has_tags(&request.environment) {
            return (None, view.history.last_good(request).map(runs));
        }
        let project = request.version.sub_project_path().clone();
        let tag = Tag::of_environment(project.clone(), request.environment.clone());
        let Some(found) = view.snapshot.tag(tag.name().as_str()) else { return (None, None) };
        let commit = found.target().to_commit();
        let version = view.releases.at(&project, commit).next_back();
        (Some(found.object), Some((version.map(|release| release.version.clone()), commit)))
    }

    /// The record of a holder that died: failed, because nobody can say that it succeeded.
    async fn bury(
        &self,
        request: &Request,
        queue: &QueueRecord,
        dead: &Claim,
        by: &Signature,
    ) -> Result<Option<RefUpdate>, LedgerError> {
        let slot = self.ledger.deployment(&request.environment, &dead.deployment_id);
        let Some(entry) = self.ledger.read(&slot).await? else { return Ok(None) };
        let reason = format!(
            "its holder {} gave no sign of life, and its lease ran out at {}; {} took over",
            dead.holder, dead.lease_until, request.id
        );
        // Whether a service was changed, and how it stands now, nobody can tell.
        let back = entry.record.previous_version.clone().filter(|_| entry.record.rollout.is_none());
        let at = queue.begins_at(by.time);
        let Ok(failed) = entry.record.fail(at, &reason, back) else { return Ok(None) };
        let message = format!("{} failed: its holder died", dead.deployment_id);
        self.ledger.stage(&slot, Some(entry.object), &failed, by, &message).map(Some)
    }

    /// The record of one who did not begin when it was its turn: cancelled.
    async fn pass_over(
        &self,
        request: &Request,
        missed: &Waiting,
        by: &Signature,
    ) -> Result<Option<RefUpdate>, LedgerError> {
        let slot = self.ledger.deployment(&request.environment, &missed.deployment_id);
        let Some(entry) = self.ledger.read(&slot).await? else { return Ok(None) };
        let reason = format!(
            "{} gave no sign of life for {} s when it was its turn; {} passed it over",
            missed.holder, missed.lease_seconds, request.id
        );
        let queued = matches!(entry.record.progress, Progress::Queued { .. });
        let Ok(cancelled) = entry.record.cancel(by.time, Some(&reason), None) else {
            return Ok(None);
        };
        let message = format!("{} was passed over", missed.deployment_id);
        let update = self.ledger.stage(&slot, Some(entry.object), &cancelled, by, &message)?;
        Ok(queued.then_some(update))
    }
}

/// What the last good deployment put there, where no tag tells what runs.
fn runs(entry: &Entry<Deployment>) -> (Option<Version>, CommitSha) {
    (Some(entry.record.version.clone()), entry.record.commit_sha)
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

pub(super) fn unclaimed(reason: String) -> Event {
    Event::Refused(Refusal::Unclaimed { reason })
}

/// What a person does about a claim that may or may not have happened.
pub(super) fn in_doubt(held: &Held, reason: &str) -> String {
    let environment = &held.deployment.environment;
    let until = held.queue.current.as_ref().map(|claim| claim.lease_until.to_string());
    format!(
        "{reason}. If it did, `{environment}` is held by `{}` until {}, and the next deployment \
         after that records it as failed",
        held.deployment.id,
        until.unwrap_or_default()
    )
}
