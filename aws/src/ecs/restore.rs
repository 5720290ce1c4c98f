//! Puts back what ran before, unless ECS does so by itself or somebody else took the service over.

use super::EcsTarget;
use super::fault::{Fault, Kind};
use super::follow::{Followed, MISSES, SHORTAGES, Watched};
use super::judge::Standing;
use super::put::{Base, Put};
use super::reason::{self, Obstacle, Reason};
use super::told;
use super::view::{Deployment, Service};
use crate::patience::Patience;
use pipeline_core::deployment::EcsRollout;
use pipeline_core::deployment::ecs::rules::{Candidate, Choice, put_back};
use pipeline_core::rollout::{Failure, Permit, Restored};

/// How often a change by ECS itself, between a look and a call, is taken up again.
const ROUNDS: u32 = 3;

/// What has to be done.
enum Situation {
    /// The service never took the revision.
    NeverTaken,
    /// Our deployment is in front, and ECS leaves it there.
    InFront(Service),
    /// ECS goes back by itself, to this deployment; or somebody put the same revision back.
    GoesBack(Deployment),
    /// Nothing can be done any more.
    Over(Restored),
}

impl EcsTarget {
    /// The whole way back. `rollout` says what is known of the way there; it may say little where that
    /// was interrupted.
    pub(super) async fn bring_back(
        &self,
        last_good: Option<&EcsRollout>,
        permit: &Permit,
        rollout: &mut EcsRollout,
    ) -> Restored {
        let mut patience = self.patience();
        let last_good = last_good.filter(|it| it.is_same_service(rollout));
        for _ in 0..ROUNDS {
            let situation = self.situation(last_good, rollout, &mut patience).await;
            let base = match situation {
                Situation::NeverTaken => return Restored::Unchanged,
                Situation::Over(end) => return end,
                Situation::GoesBack(to) => return self.arrive(&to, rollout, &mut patience).await,
                Situation::InFront(service) => Base::of(&service),
            };
            let revision = match self.choose(last_good, rollout, &mut patience).await {
                Ok(revision) => revision,
                Err(end) => return end,
            };
            match self.put(permit, &revision, &base, &mut patience).await {
                Put::Taken(to) => return self.arrive(&to, rollout, &mut patience).await,
                // By ECS itself perhaps: the next look tells.
                Put::Overtaken(_) => {}
                other => return not_put(other, &revision),
            }
        }
        Restored::Failed { reason: Failure::of(Reason::Outrun) }
    }

    /// What is the case now.
    async fn situation(
        &self,
        last_good: Option<&EcsRollout>,
        rollout: &mut EcsRollout,
        patience: &mut Patience,
    ) -> Situation {
        let Some(revision) = rollout.task_definition.clone() else { return Situation::NeverTaken };
        let (service, own) = match self.find(&revision, rollout, patience).await {
            Ok(found) => found,
            Err(fault) if fault.kind == Kind::Missing => return Situation::Over(deleted()),
            Err(fault) => return Situation::Over(unanswered(fault)),
        };
        if let Some(own) = &own {
            rollout.ecs_deployment_id.get_or_insert_with(|| own.id.clone());
            self.began(own.created_at);
        }
        let Some(watched) = self.watched(rollout) else { return Situation::NeverTaken };
        let standing = watched.judge(&service);
        match self.by_record(standing, &service, &watched, 0).await {
            Standing::Deleted => Situation::Over(deleted()),
            Standing::PutBack { by } => Situation::GoesBack(by),
            Standing::Replaced { by } => self.replaced(by, last_good, rollout).await,
            Standing::Broken { puts_back: true } => {
                self.await_rollback(&watched, service, last_good, rollout, patience).await
            }
            Standing::Missing => match service.primary().cloned() {
                Some(primary) => self.replaced(primary, last_good, rollout).await,
                None => Situation::InFront(service),
            },
            _ => Situation::InFront(service),
        }
    }

    /// The service, and our deployment in it. A call that was interrupted may arrive a little late.
    async fn find(
        &self,
        revision: &str,
        rollout: &EcsRollout,
        patience: &mut Patience,
    ) -> Result<(Service, Option<Deployment>), Fault> {
        let mut misses = 0;
        loop {
            let service = self.look(patience).await?;
            let id = rollout.ecs_deployment_id.as_deref();
            let by_id = id.and_then(|id| service.deployment(id));
            let own =
                by_id.or_else(|| service.deployments.iter().find(|it| it.revision == revision));
            misses += 1;
            if own.is_some() || misses >= MISSES {
                let own = own.cloned();
                return Ok((service, own));
            }
            patience.pause().await;
        }
    }

    /// Another deployment is in front. Whoever put it there, it may be what we would put back.
    async fn replaced(
        &self,
        by: Deployment,
        last_good: Option<&EcsRollout>,
        rollout: &EcsRollout,
    ) -> Situation {
        let before = rollout.previous_task_definition.as_deref();
        let good = last_good.and_then(|good| good.task_definition.as_deref());
        if [before, good].contains(&Some(by.revision.as_str())) {
            return Situation::GoesBack(by);
        }
        let reason = Reason::Theirs(self.stranger(&by).await);
        Situation::Over(Restored::Replaced { reason: Failure::of(reason) })
    }

    /// ECS gave our deployment up and will go back: it is given time to begin.
    async fn await_rollback(
        &self,
        watched: &Watched,
        mut service: Service,
        last_good: Option<&EcsRollout>,
        rollout: &EcsRollout,
        patience: &mut Patience,
    ) -> Situation {
        for _ in 0..SHORTAGES {
            patience.pause().await;
            service = match self.look(patience).await {
                Ok(service) => service,
                Err(fault) if fault.kind == Kind::Missing => return Situation::Over(deleted()),
                Err(fault) => return Situation::Over(unanswered(fault)),
            };
            match watched.judge(&service) {
                Standing::PutBack { by } => return Situation::GoesBack(by),
                Standing::Replaced { by } => return self.replaced(by, last_good, rollout).await,
                Standing::Deleted => return Situation::Over(deleted()),
                Standing::Broken { puts_back: false } => break,
                _ => {}
            }
        }
        Situation::InFront(service)
    }

    /// The revision to put back.
    async fn choose(
        &self,
        last_good: Option<&EcsRollout>,
        rollout: &EcsRollout,
        patience: &mut Patience,
    ) -> Result<String, Restored> {
        let before = rollout.previous_task_definition.as_deref();
        let good = last_good.and_then(|good| good.task_definition.as_deref());
        let mut candidates = Vec::new();
        for revision in [before, good] {
            candidates.push(match revision {
                Some(revision) => {
                    let known = self.candidate(revision, patience).await;
                    Some(known.map_err(unanswered)?)
                }
                None => None,
            });
        }
        let good = candidates.pop().flatten();
        let before = candidates.pop().flatten();
        match put_back(before.as_ref(), good.as_ref()) {
            Choice::Revision(revision) => Ok(revision.to_owned()),
            Choice::Inactive(revisions) => {
                let short = |revision: &str| told::short(revision).to_owned();
                let revisions = revisions.into_iter().map(short).collect();
                Err(Restored::Failed { reason: Failure::of(Reason::Inactive { revisions }) })
            }
            Choice::Nothing => {
                Err(Restored::Nothing { reason: Failure::of(Reason::NothingBefore) })
            }
        }
    }

    /// What can be said of a revision that might be put back.
    pub(super) async fn candidate(
        &self,
        revision: &str,
        patience: &mut Patience,
    ) -> Result<Candidate, Fault> {
        let asked = || async { self.api().await.revision(revision).await };
        let revision = revision.to_owned();
        match self.ask(patience, asked).await {
            Ok(known) => {
                let image = known.image(&self.settings.container).map(str::to_owned);
                Ok(Candidate { revision, image, is_active: known.is_active() })
            }
            // ECS forgets what is INACTIVE and unused.
            Err(fault) if fault.kind == Kind::Missing => {
                Ok(Candidate { revision, image: None, is_active: false })
            }
            Err(fault) => Err(fault),
        }
    }

    /// Follows the deployment that brings a revision back.
    async fn arrive(
        &self,
        to: &Deployment,
        rollout: &mut EcsRollout,
        patience: &mut Patience,
    ) -> Restored {
        rollout.restored_task_definition = Some(to.revision.clone());
        let watched = Watched::of(to, None);
        let followed = self.follow(&watched, patience).await;
        let what = reason::Followed::back(to);
        let (standing, service) = match followed {
            Followed::Stands(standing, service) => (standing, service),
            Followed::Unanswered(fault) => return unanswered(fault),
            Followed::TimedOut(service) => (Standing::Coming, service),
        };
        match standing {
            // Whoever scaled it to zero wants no tasks; the revision is back all the same.
            Standing::Runs | Standing::ScaledToZero => Restored::Done,
            Standing::Deleted => deleted(),
            Standing::Replaced { by } => {
                let other = Box::new(self.stranger(&by).await);
                Restored::Replaced { reason: Failure::of(Reason::Replaced { what, other }) }
            }
            Standing::PutBack { by } => {
                rollout.restored_task_definition = Some(by.revision.clone());
                let to = told::short(&by.revision).to_owned();
                Restored::Failed { reason: Failure::of(Reason::WentOn { what, to }) }
            }
            Standing::Missing => {
                let reason = Reason::Vanished { what, other: None };
                Restored::Failed { reason: Failure::of(reason) }
            }
            Standing::Coming | Standing::Short | Standing::Broken { .. } => {
                let evidence = self.evidence(&service, &watched).await;
                Restored::Failed { reason: Failure::of(Reason::NotUp { what, evidence }) }
            }
        }
    }
}

fn deleted() -> Restored {
    Restored::Replaced { reason: Failure::of(Reason::Deleted { what: None }) }
}

fn unanswered(fault: Fault) -> Restored {
    silent(Obstacle::Call(fault))
}

fn silent(obstacle: Obstacle) -> Restored {
    Restored::Unknown { reason: Failure::of(Reason::Silent(obstacle)) }
}

fn not_put(put: Put, revision: &str) -> Restored {
    let (revision, back) = (told::short(revision).to_owned(), true);
    match put {
        Put::Forbidden => Restored::Failed { reason: Failure::LeaseOver },
        Put::Unasked(obstacle) => silent(obstacle),
        Put::Unknown(source) => {
            let reason = Reason::PerhapsTaken { revision, back, source };
            Restored::Unknown { reason: Failure::of(reason) }
        }
        Put::Refused(source) | Put::Lost(source) => {
            Restored::Failed { reason: Failure::of(Reason::NotTaken { revision, back, source }) }
        }
        // They are what the caller goes on with.
        Put::Taken(_) | Put::Overtaken(_) => {
            Restored::Unknown { reason: Failure::of(Reason::NotFollowed) }
        }
    }
}
