//! Brings a new image into service, and says how that ended.

use super::fault::{Fault, Kind};
use super::follow::{Followed, Watched};
use super::judge::Standing;
use super::put::{Base, Put};
use super::reason::{self, Reason};
use super::revision::{Difference, Revision};
use super::told;
use super::view::Service;
use super::{EcsSettings, EcsTarget};
use crate::patience::Patience;
use pipeline_core::deployment::EcsRollout;
use pipeline_core::rollout::{Failure, Permit, Rolled};

/// The service and the revision that it runs, before anything is changed.
struct Start {
    service: Service,
    revision: Revision,
}

impl EcsTarget {
    /// The whole rollout. `rollout` is filled in before each call that depends on it.
    pub(super) async fn bring_out(
        &self,
        permit: &Permit,
        rollout: &mut Option<EcsRollout>,
    ) -> Rolled {
        let mut patience = self.patience();
        let start = match self.start(&mut patience).await {
            Ok(start) => start,
            Err(reason) => return Rolled::Untouched { reason: Failure::of(reason) },
        };
        let filled = rollout.insert(self.rollout(&start.service));
        if !permit.holds() {
            return Rolled::Untouched { reason: Failure::LeaseOver };
        }
        let revision = match self.register(&start.revision, &mut patience).await {
            Ok(revision) => revision,
            Err(reason) => return Rolled::Untouched { reason: Failure::of(reason) },
        };
        filled.task_definition = Some(revision.clone());
        let base = Base::of(&start.service);
        let put = self.put(permit, &revision, &base, &mut patience).await;
        let taken = match put {
            Put::Taken(deployment) => deployment,
            other => return self.not_taken(other, &revision).await,
        };
        filled.ecs_deployment_id = Some(taken.id.clone());
        let watched = Watched::of(&taken, filled.previous_task_definition.as_deref());
        self.began(watched.since);
        let followed = self.follow(&watched, &mut patience).await;
        if !matches!(followed, Followed::Stands(Standing::Runs, _)) {
            return self.verdict(followed, &watched).await;
        }
        // What crashes as soon as it is up was never in service.
        patience.pause().await;
        self.look_again(rollout.as_ref()).await
    }

    /// Everything that must be so before anything is touched.
    async fn start(&self, patience: &mut Patience) -> Result<Start, Reason> {
        let service = self.ask(patience, || async { self.api().await.describe().await }).await;
        let service = service.map_err(|fault| self.no_service(fault))?;
        self.check(&service)?;
        let name = service.revision.as_deref().unwrap_or_default();
        let asked = || async { self.api().await.revision(name).await };
        let revision = self.ask(patience, asked).await.map_err(Reason::Call)?;
        if revision.image(&self.settings.container).is_none() {
            return Err(Reason::NoContainer {
                revision: told::short(revision.arn()).to_owned(),
                service: self.settings.service.clone(),
                container: self.settings.container.clone(),
                found: revision.container_names(),
            });
        }
        Ok(Start { service, revision })
    }

    fn no_service(&self, source: Fault) -> Reason {
        let EcsSettings { service, cluster, .. } = self.settings.clone();
        match source.kind {
            Kind::Missing => Reason::NoService { service, cluster, source },
            _ => Reason::NotSeen { service, cluster, source },
        }
    }

    /// Whether the service is one that can be rolled out and followed.
    fn check(&self, found: &Service) -> Result<(), Reason> {
        let service = self.settings.service.clone();
        if !found.is_active() {
            return Err(Reason::NotActive { service, status: found.status.clone() });
        }
        if found.controller != "ECS" {
            return Err(Reason::Controller { service, controller: found.controller.clone() });
        }
        if found.desired == 0 {
            return Err(Reason::NoTasks { service });
        }
        Ok(())
    }

    fn rollout(&self, service: &Service) -> EcsRollout {
        let previous_task_definition = service.steady_revision().map(str::to_owned);
        EcsRollout { previous_task_definition, ..self.untouched() }
    }

    /// A rollout of which nothing happened yet.
    pub(super) fn untouched(&self) -> EcsRollout {
        EcsRollout {
            cluster: self.settings.cluster.clone(),
            service: self.settings.service.clone(),
            container: self.settings.container.clone(),
            image: self.settings.image.clone(),
            task_definition: None,
            previous_task_definition: None,
            ecs_deployment_id: None,
            restored_task_definition: None,
        }
    }

    /// Registers the new revision. A reply that got lost costs one revision that nobody uses.
    async fn register(
        &self,
        revision: &Revision,
        patience: &mut Patience,
    ) -> Result<String, Reason> {
        let difference = Difference {
            container: &self.settings.container,
            image: &self.settings.image,
            environment: &self.settings.environment,
            secrets: &self.settings.secrets,
        };
        let copy = revision.copy(difference).ok_or(Reason::NoContainers)?;
        let registered = self.ask(patience, || async { self.api().await.register(&copy).await });
        registered.await.map_err(Reason::Call)
    }

    async fn not_taken(&self, put: Put, revision: &str) -> Rolled {
        let (revision, back) = (told::short(revision).to_owned(), false);
        match put {
            Put::Refused(source) | Put::Unasked(source) => {
                Rolled::Untouched { reason: Failure::of(Reason::NotAsked { revision, source }) }
            }
            Put::Forbidden => Rolled::Untouched { reason: Failure::LeaseOver },
            Put::Overtaken(other) => {
                let other = Box::new(self.stranger(&other).await);
                Rolled::Replaced { reason: Failure::of(Reason::Overtaken { revision, other }) }
            }
            Put::Lost(source) => {
                Rolled::Failed { reason: Failure::of(Reason::NotTaken { revision, back, source }) }
            }
            Put::Unknown(source) => {
                let reason = Reason::PerhapsTaken { revision, back, source };
                Rolled::Unknown { reason: Failure::of(reason) }
            }
            // It is what the caller goes on with.
            Put::Taken(_) => Rolled::Unknown { reason: Failure::of(Reason::NotFollowed) },
        }
    }

    /// What the end of the watch means for the deployment.
    pub(super) async fn verdict(&self, followed: Followed, watched: &Watched) -> Rolled {
        let what = reason::Followed::new(&watched.id, &watched.revision);
        let (standing, service) = match followed {
            Followed::Stands(standing, service) => (standing, service),
            Followed::TimedOut(service) => {
                let evidence = self.evidence(&service, watched).await;
                let reason = Reason::TimedOut { what, after: self.settings.timeout, evidence };
                return Rolled::Failed { reason: Failure::of(reason) };
            }
            Followed::Unanswered(source) => {
                return Rolled::Unknown {
                    reason: Failure::of(Reason::Unanswered { what, source }),
                };
            }
        };
        let evidence = self.evidence(&service, watched);
        match standing {
            Standing::Runs => Rolled::Out,
            Standing::Short => {
                let reason = Reason::NotStaying { what, evidence: evidence.await };
                Rolled::Failed { reason: Failure::of(reason) }
            }
            Standing::Broken { puts_back } => {
                let reason = Reason::GivenUp { what, to: None, evidence: evidence.await };
                let reason = Failure::of(reason);
                if puts_back { Rolled::RollingBack { reason } } else { Rolled::Failed { reason } }
            }
            Standing::PutBack { by } => {
                let to = Some(told::short(&by.revision).to_owned());
                let reason = Reason::GivenUp { what, to, evidence: evidence.await };
                Rolled::RollingBack { reason: Failure::of(reason) }
            }
            Standing::ScaledToZero => {
                Rolled::Failed { reason: Failure::of(Reason::ScaledToZero { what }) }
            }
            Standing::Replaced { by } => {
                let other = Box::new(self.stranger(&by).await);
                Rolled::Replaced { reason: Failure::of(Reason::Replaced { what, other }) }
            }
            Standing::Deleted => {
                Rolled::Replaced { reason: Failure::of(Reason::Deleted { what: Some(what) }) }
            }
            Standing::Missing | Standing::Coming => self.vanished(&service, what).await,
        }
    }

    /// ECS does not show the deployment any more, and nothing that is newer.
    async fn vanished(&self, service: &Service, what: reason::Followed) -> Rolled {
        let other = match service.primary() {
            Some(primary) => Some(Box::new(self.stranger(primary).await)),
            None => None,
        };
        let reason = Failure::of(Reason::Vanished { what, other });
        if service.puts_back { Rolled::RollingBack { reason } } else { Rolled::Replaced { reason } }
    }
}
