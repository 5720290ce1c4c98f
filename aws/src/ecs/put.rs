//! Asks the service to run a revision, once and no more, whatever becomes of the replies.

use std::collections::BTreeSet;

use super::fault::Fault;
use super::follow::MISSES;
use super::reason::Obstacle;
use super::told;
use super::view::{Deployment, Service};
use super::{ATTEMPTS, EcsTarget};
use crate::patience::Patience;
use pipeline_core::rollout::Permit;

/// The service as it was when the decision was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Base {
    primary: Option<String>,
    known: BTreeSet<String>,
}

/// What became of asking.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Put {
    /// The service is on its way to the revision, by this deployment.
    Taken(Deployment),
    /// The service was not changed.
    Refused(Obstacle),
    /// The service was not changed, because ECS does not say what is there.
    Unasked(Obstacle),
    /// Somebody else changed the service in between; it was left alone.
    Overtaken(Deployment),
    /// The lease ran out before the service was asked.
    Forbidden,
    /// The service may have been asked; it does not show.
    Lost(Obstacle),
    /// Whether the service was asked is not known, and ECS does not answer; or the service names the
    /// revision, and no deployment of it shows.
    Unknown(Obstacle),
}

impl Base {
    /// Remembers what is there.
    pub(super) fn of(service: &Service) -> Self {
        Self {
            primary: service.primary().map(|primary| primary.id.clone()),
            known: service.deployments.iter().map(|it| it.id.clone()).collect(),
        }
    }

    /// The deployment that brings `revision` since then.
    fn arrival<'a>(&self, service: &'a Service, revision: &str) -> Option<&'a Deployment> {
        let new = |it: &Deployment| it.is_primary() || !self.known.contains(&it.id);
        service.deployments.iter().find(|it| it.revision == revision && new(it))
    }

    /// The deployment that somebody else put in front since then.
    fn intruder<'a>(&self, service: &'a Service) -> Option<&'a Deployment> {
        service.primary().filter(|primary| Some(&primary.id) != self.primary.as_ref())
    }
}

impl EcsTarget {
    /// Asks for `revision`. Before each try the service is looked at: a try whose reply got lost may
    /// have been taken, and what somebody else did since `base` is not undone.
    pub(super) async fn put(
        &self,
        permit: &Permit,
        revision: &str,
        base: &Base,
        patience: &mut Patience,
    ) -> Put {
        let mut doubt: Option<Fault> = None;
        let mut last = Obstacle::NotAsked;
        for _ in 0..ATTEMPTS {
            match self.look(patience).await {
                Ok(service) => {
                    if let Some(end) = before(&service, revision, base) {
                        return end;
                    }
                }
                Err(fault) => return unanswered(doubt, fault),
            }
            if !permit.holds() {
                return doubt.map_or(Put::Forbidden, |fault| Put::Lost(Obstacle::Call(fault)));
            }
            match self.api().await.update(revision).await {
                Ok(service) => return self.arrived(&service, revision, base, patience).await,
                Err(fault) if fault.is_certain() && fault.may_pass() => {
                    patience.back_off().await;
                    if patience.is_over() {
                        return unanswered(doubt, fault);
                    }
                    last = Obstacle::Call(fault);
                }
                Err(fault) if fault.is_certain() && doubt.is_none() => {
                    return Put::Refused(Obstacle::Call(fault));
                }
                Err(fault) if fault.is_certain() => break,
                Err(fault) => {
                    doubt = Some(fault);
                    patience.back_off().await;
                }
            }
        }
        match doubt {
            Some(fault) => self.late(Obstacle::Call(fault), revision, base, patience).await,
            None => Put::Refused(last),
        }
    }

    /// The deployment that an accepted call made: in the reply, or a little later.
    async fn arrived(
        &self,
        reply: &Service,
        revision: &str,
        base: &Base,
        patience: &mut Patience,
    ) -> Put {
        match base.arrival(reply, revision) {
            Some(deployment) => Put::Taken(deployment.clone()),
            None => self.late(Obstacle::Accepted, revision, base, patience).await,
        }
    }

    /// Looks several times for a deployment that may come of a call without an answer.
    async fn late(
        &self,
        reason: Obstacle,
        revision: &str,
        base: &Base,
        patience: &mut Patience,
    ) -> Put {
        let mut named = false;
        for _ in 0..MISSES {
            patience.pause().await;
            match self.look(patience).await {
                Ok(service) => {
                    if let Some(end) = before(&service, revision, base) {
                        return end;
                    }
                    named = service.revision.as_deref() == Some(revision);
                }
                Err(then) => {
                    return Put::Unknown(Obstacle::Twice { first: Box::new(reason), then });
                }
            }
        }
        if named {
            let revision = told::short(revision).to_owned();
            return Put::Unknown(Obstacle::Unseen { first: Box::new(reason), revision });
        }
        Put::Lost(reason)
    }
}

/// What a look says that makes asking needless or wrong.
fn before(service: &Service, revision: &str, base: &Base) -> Option<Put> {
    if let Some(deployment) = base.arrival(service, revision) {
        return Some(Put::Taken(deployment.clone()));
    }
    if !service.is_active() {
        return Some(Put::Refused(Obstacle::NotActive { status: service.status.clone() }));
    }
    base.intruder(service).map(|other| Put::Overtaken(other.clone()))
}

fn unanswered(doubt: Option<Fault>, fault: Fault) -> Put {
    match doubt {
        Some(doubt) => {
            let first = Box::new(Obstacle::Call(doubt));
            Put::Unknown(Obstacle::Twice { first, then: fault })
        }
        None => Put::Unasked(Obstacle::Call(fault)),
    }
}
