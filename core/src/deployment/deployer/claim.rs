//! Taking an environment: checks, queue and record in one transaction.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::handover::Neighbours;
use super::notice::Notice;
use super::read::View;
use super::write::beside;
use super::{Deployer, Held, OnBusy, Place, Request, Run};
use crate::base::actor::Author;
use crate::base::violation::Violation;
use crate::deployment::engine::{Doubt, Event, Holder, Refusal, Unwritten};
use crate::deployment::rules::{self as policy, DeploymentFacts, DeploymentPlan, Known, Moment};
use crate::deployment::survey::{self, Pending};
use crate::deployment::{Attempts, Deployment, EcsRollout, Rollout, TagPlace};
use crate::deployment::{by_hand, by_policy};
use crate::git::RefUpdate;
use crate::ledger::{Entry, LedgerError, RefStore};
use crate::policy::Objections;
use crate::queue::local::LockState;
use crate::queue::lock::{lock_lost, many_queues};
use crate::queue::{Claim, Claimant, Claimed, HeldBy, Holding, Lapses, QueueScope};
use crate::rollback;
use crate::rollout::{Grant, Order, Target};
use crate::settings::{self, SettingsPlan};
use crate::{DeploymentId, Status};

/// What a deployment brings along to its claim.
pub(super) struct Before<'a> {
    place: Option<&'a Place>,
    /// Where it will run.
    rollout: Option<Rollout>,
    /// The most that one push of it took.
    attempts: Attempts,
}

impl<'a> Before<'a> {
    pub(super) fn of<T: Target>(run: &'a Run<'_, T>) -> Self {
        let rollout = run.target.and_then(Target::place).map(Into::into);
        Self { place: run.place.as_ref(), rollout, attempts: run.attempts }
    }
}

/// A claim that is ready to be written.
pub(super) struct Prepared {
    pub(super) held: Held,
    /// The queue.
    pub(super) update: RefUpdate,
    /// What is written beside it.
    pub(super) others: Vec<RefUpdate>,
}

impl<S: RefStore> Deployer<'_, S> {
    /// The queue after our claim, or nothing where others come first. Time passed since the plan:
    /// what it checked is checked again, all that is wrong at once. `seen` says who has lapsed by
    /// what was seen while waiting. What is only too early is told apart, for who may wait for it.
    pub(super) fn turn(
        &self,
        request: &Request,
        view: &View,
        neighbours: &Neighbours,
        seen: Lapses,
    ) -> Result<Option<Claimed>, Objections> {
        let now = (self.clock)();
        let mut objections = self.objections(request, view);
        let Objections { faults, not_yet } = &mut objections;
        faults.extend(self.shared(view).check().err().unwrap_or_default());
        faults.extend(view.survey.queue().fault.clone());
        faults.extend(self.lock_fault(request, view));
        let queue = view.queue().clone();
        let waits = queue.position(&request.id).is_some();
        let namesake = (view.id_is_taken && !waits).then_some(&request.id);
        faults.extend(policy::check_unique(&request.id, namesake));
        let lock = neighbours.locking(&queue, &request.id);
        let answer = queue.claim_under(lock, self.claimant(request), now, seen);
        match (answer, request.on_busy) {
            (Ok(claimed), _) if faults.is_empty() && not_yet.is_empty() => {
                let dead = claimed.superseded.as_ref().map(|dead| &dead.deployment_id);
                match self.judged(request, view, |it, facts| policy::half_migrated(it, facts, dead))
                {
                    None => return Ok(Some(claimed)),
                    Some(fault) => faults.push(fault),
                }
            }
            (Err(_), OnBusy::Wait { .. }) if faults.is_empty() && not_yet.is_empty() => {
                return Ok(None);
            }
            (Err(busy), OnBusy::Fail) => faults.push(busy),
            _ => {}
        }
        Err(objections)
    }

    /// What speaks against the lock under which it goes: it was lost (BUS003), or has no queue to take its turn in
    /// (BUS004).
    fn lock_fault(&self, request: &Request, view: &View) -> Option<Violation> {
        let neighbours = self.handover.to(&QueueScope::whole(request.environment.clone()));
        let (id, state) = neighbours.open_one()?;
        let scope = view.queue().scope();
        if scope.sub_project_path.is_some() {
            return Some(many_queues(&scope.environment));
        }
        let newest = neighbours.newest();
        let queue = newest.as_ref().map(|(_, queue)| queue);
        (state == LockState::Lost).then(|| lock_lost(queue, &id))
    }

    /// What speaks against the deployment, by the very function that the plan asked.
    fn objections(&self, request: &Request, view: &View) -> Objections {
        self.judged(request, view, |plan, facts| policy::check(plan, facts, Moment::Claim))
    }

    /// What `judge` makes of the deployment as it is asked for, and of what is the case.
    fn judged<T>(
        &self,
        request: &Request,
        view: &View,
        judge: impl FnOnce(&DeploymentPlan<'_>, &DeploymentFacts<'_>) -> T,
    ) -> T {
        let names = survey::names(&self.ledger, &request.also_known_as);
        let plan = DeploymentPlan {
            version: &request.version,
            commit: Some(request.commit_sha),
            environment: &request.environment,
            region: request.region.as_ref(),
            triggered_by: &request.triggered_by,
            also_known_as: &names,
            approval: Known::Is(view.agreed.approval.as_ref()),
            approvals: Known::Is(&view.agreed.approvals),
            allow_downgrade: Known::Is(request.allow_downgrade),
            redeploy_after: Known::Is(request.redeploy_after.as_ref()),
            moves_tag: request.will_move_env_tag,
            runs_tests: Known::Is(!request.tests.is_empty()),
            references: request.references(),
            reason: request.reason.as_deref(),
            authority: self.authority,
        };
        let (pending, now) = (Pending::default(), (self.clock)());
        let mut facts =
            view.survey.facts(&request.version, &view.history, &pending, view.committed_at, now);
        facts.strange_tag.clone_from(&view.strange_tag);
        facts.on_record = view.on_record;
        facts.order = view.order.facts();
        facts.reviews = &view.reviews;
        judge(&plan, &facts)
    }

    /// What this configuration makes of the settings that all share.
    fn shared(&self, view: &View) -> SettingsPlan<'_> {
        settings::plan(view.settings.clone(), self.authority.override_at((self.clock)()))
    }

    /// Registers the settings that all share, where nobody did yet. What speaks against them has been told
    /// with everything else.
    pub(super) fn stage_settings(
        &self,
        request: &Request,
        view: &View,
    ) -> Result<Vec<RefUpdate>, LedgerError> {
        let Ok(plan) = self.shared(view).check() else { return Ok(Vec::new()) };
        let (actor, email) = (request.triggered_by.clone(), self.email.to_owned());
        let author = Author { actor, email, at: (self.clock)() };
        Ok(plan.stage(&self.ledger, &author)?.into_updates())
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
        Before { place, rollout, attempts }: Before<'_>,
        view: &View,
        claimed: Claimed,
    ) -> Result<Prepared, LedgerError> {
        let by = self.signature();
        let Claimed { mut queue, superseded, unlocked, passed_over } = claimed;
        let dead = superseded.as_ref().map(|dead| dead.deployment_id.clone());
        let begins = queue.begins_at(by.time);
        let running = view.survey.running();
        let mut approvals = self.judged(request, view, policy::approvals_to_keep).into_iter();
        let approval = approvals.next();
        let begun = request.begun(begins, running);
        let migrations = request.migrations_begun();
        let approvals = approvals.collect();
        let mut deployment =
            Deployment { migrations, rollout, approval, approvals, attempts, ..begun };
        if view.survey.tag() != TagPlace::None {
            deployment.previous_commit = view.survey.tag().commit();
        }
        deployment.requested_at = by.time;
        if let Some(place) = place {
            deployment.requested_at = place.deployment.requested_at;
        }
        let message = format!("deploy {} to {}", request.version, request.environment);
        let before = place.and_then(|place| place.record);
        let begin = self.stage_begin(before, &deployment, &by, &message)?;
        let record = begin.new;
        let mut updates = vec![begin];
        if let Some(dead) = superseded {
            updates.extend(Box::pin(self.supersede_dead(request, &queue, &dead, &by)).await?);
            queue.ended_at = Some(begins);
        }
        for missed in passed_over {
            updates.extend(Box::pin(self.pass_over(request, &missed, &by)).await?);
        }
        if let Some(audit) = self.judged(request, view, by_policy::audit) {
            let slot = self.ledger.new_audit(audit.at);
            updates.push(self.ledger.stage(&slot, None, &audit, &by, &audit.action)?);
        }
        let (queue, lost) = self.drop_lost(view, queue, &request.id, &by)?;
        updates.extend(lost);
        let queue = beside(queue, &updates);
        updates.extend(self.stage_split(view.survey.queue())?);
        updates.extend(self.stage_settings(request, view)?);
        let line = match unlocked {
            Some(lock) => {
                format!("{} begins, as {} of {} lapsed", request.id, lock.lock_id, lock.holder)
            }
            None => format!("{} begins", request.id),
        };
        let lock = self.stage_queue(&queue, view.queue_object(), &line)?;
        let queue_object = lock.new;
        let left = self.left_behind(view, &deployment)?;
        let audit = self.judged(request, view, by_hand::audit);
        let last_good = view.survey.last_good();
        let order = Order {
            deployment_id: request.id.clone(),
            version: request.version.clone(),
            commit_sha: request.commit_sha,
            environment: request.environment.clone(),
            region: request.region.clone(),
            reason: request.reason.clone(),
            previous_version: deployment.previous_version.clone(),
            previous_commit: deployment.previous_commit,
            last_good: last_good.and_then(|it| it.rollout.clone()),
            last_good_version: last_good.map(|it| it.version.clone()),
            failed: Arc::new(failed(view, dead.as_ref())),
        };
        let is_settled = is_settled(view, &deployment, dead.as_ref());
        let (grant, permit) = Grant::new(view.read_at, self.lease_time());
        let held = Held {
            deployment,
            record,
            queue,
            queue_object,
            tag_object: view.survey.tag_object(),
            left,
            audit,
            attempts,
            is_settled,
            order,
            grant,
            permit,
        };
        Ok(Prepared { held, update: lock, others: updates })
    }

    /// The environment is ours from now on.
    pub(super) fn granted<T: Target>(&self, run: &mut Run<'_, T>, mut held: Held) {
        (self.tell)(Notice::Claimed {
            environment: held.deployment.environment.clone(),
            deployment_id: held.deployment.id.clone(),
        });
        run.place = None;
        held.attempts = run.attempts;
        run.held = Some(held);
    }

    /// The deployment that a success of the new one takes back, as its ref holds it.
    fn left_behind(
        &self,
        view: &View,
        new: &Deployment,
    ) -> Result<Option<Entry<Deployment>>, LedgerError> {
        let there = view.survey.last_of_its_kind();
        let there = there.filter(|_| rollback::returns(view.history.records(), new));
        let Some(left) = rollback::left_behind(there, new) else { return Ok(None) };
        let slot = self.ledger.deployment(&left.environment, &left.id);
        let target = view.survey.snapshot().get(slot.ref_name()?.as_str());
        Ok(target.map(|target| Entry {
            slot,
            object: target.object,
            written_by: None,
            message: String::new(),
            record: left.clone(),
        }))
    }
}

/// The deployments that are over without success, since the last one that succeeded; `dead` is about to be put
/// aside.
fn failed(view: &View, dead: Option<&DeploymentId>) -> BTreeSet<DeploymentId> {
    let good = view.survey.last_good().and_then(|it| it.progress.completed_at());
    let is_over = |it: &&Deployment| match it.status() {
        Status::Failed | Status::Cancelled => it.progress.completed_at() >= good,
        _ => Some(&it.id) == dead,
    };
    view.history.records().filter(is_over).map(|it| it.id.clone()).collect()
}

/// Whether the last deployment to the service of a new one says what it left there: it succeeded, or what ran before
/// runs again. One that died says nothing; `dead` is about to be put aside.
fn is_settled(view: &View, new: &Deployment, dead: Option<&DeploymentId>) -> bool {
    let Some(own) = service(new) else { return true };
    let is_dead = |it: &Deployment| Some(&it.id) == dead;
    let over = view.history.records().filter(|it| {
        it.region == new.region
            && service(it).is_some_and(|there| there.is_same_service(own))
            && (is_dead(it) || it.progress.completed_at().is_some())
    });
    let last = over.max_by_key(|it| (is_dead(it), it.progress.completed_at()));
    last.is_none_or(|it| it.status() == Status::Succeeded || it.progress.rolled_back_to().is_some())
}

fn service(deployment: &Deployment) -> Option<&EcsRollout> {
    deployment.rollout.as_ref().and_then(Rollout::ecs)
}

pub(super) fn unclaimed(why: impl Into<Unwritten>) -> Event {
    Event::Refused(Refusal::Unclaimed(why.into()))
}

/// A claim that may or may not have happened.
pub(super) fn in_doubt(held: &Held, source: Unwritten) -> Event {
    Event::EntryUnknown(Doubt::Claimed {
        environment: held.deployment.environment.clone(),
        id: held.deployment.id.clone(),
        until: held.queue.current.as_ref().map(|claim| claim.lease_until),
        source,
    })
}

/// Who a claim belongs to.
pub(super) fn holder_of(claim: &Claim) -> Holder {
    Holder { id: HeldBy::Deployment(claim.deployment_id.clone()), actor: claim.holder.clone() }
}

/// Who holds an environment.
pub(super) fn who_holds(holding: Holding<'_>) -> Holder {
    Holder { id: holding.by, actor: holding.holder.clone() }
}
