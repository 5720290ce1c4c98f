//! Brings a new image into service, and says how that ended.

use super::EcsTarget;
use super::fault::{Fault, Kind};
use super::follow::{Followed, Watched};
use super::judge::Standing;
use super::patience::Patience;
use super::put::{Base, Put};
use super::revision::{Difference, Revision};
use super::told;
use super::view::Service;
use pipeline_core::deployment::EcsRollout;
use pipeline_core::rollout::{Permit, Rolled};

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
            Err(reason) => return Rolled::Untouched { reason },
        };
        let filled = rollout.insert(self.rollout(&start.service));
        if !permit.holds() {
            return Rolled::Untouched { reason: FORBIDDEN.to_owned() };
        }
        let revision = match self.register(&start.revision, &mut patience).await {
            Ok(revision) => revision,
            Err(reason) => return Rolled::Untouched { reason },
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
    async fn start(&self, patience: &mut Patience) -> Result<Start, String> {
        let service = self.ask(patience, || async { self.api().await.describe().await }).await;
        let service = service.map_err(|fault| self.no_service(&fault))?;
        self.check(&service)?;
        let name = service.revision.as_deref().unwrap_or_default();
        let asked = || async { self.api().await.revision(name).await };
        let revision = self.ask(patience, asked).await.map_err(|fault| fault.text)?;
        if revision.image(&self.settings.container).is_none() {
            return Err(format!(
                "revision {} of service `{}` has no container `{}` but {}",
                told::short(revision.arn()),
                self.settings.service,
                self.settings.container,
                revision.container_names().join(", ")
            ));
        }
        Ok(Start { service, revision })
    }

    fn no_service(&self, fault: &Fault) -> String {
        let place = format!("`{}` in cluster `{}`", self.settings.service, self.settings.cluster);
        match fault.kind {
            Kind::Missing => format!("there is no service {place} ({fault})"),
            _ => format!("service {place} could not be looked at: {fault}"),
        }
    }

    /// Whether the service is one that can be rolled out and followed.
    fn check(&self, service: &Service) -> Result<(), String> {
        let name = &self.settings.service;
        if !service.is_active() {
            return Err(format!("service `{name}` is {}, not ACTIVE", service.status));
        }
        if service.controller != "ECS" {
            return Err(format!(
                "service `{name}` has the deployment controller {}: only rollouts of the controller ECS \
                 can be made and followed",
                service.controller
            ));
        }
        if service.desired == 0 {
            return Err(format!(
                "service `{name}` is scaled to zero: a deployment of no tasks proves nothing"
            ));
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
    ) -> Result<String, String> {
        let difference = Difference {
            container: &self.settings.container,
            image: &self.settings.image,
            environment: &self.settings.environment,
            secrets: &self.settings.secrets,
        };
        let copy = revision.copy(difference).ok_or("the running revision has no containers")?;
        let registered = self.ask(patience, || async { self.api().await.register(&copy).await });
        registered.await.map_err(|fault| fault.text)
    }

    async fn not_taken(&self, put: Put, revision: &str) -> Rolled {
        let revision = told::short(revision);
        match put {
            Put::Refused(reason) | Put::Unasked(reason) => Rolled::Untouched {
                reason: format!("the service was not asked to run revision {revision}: {reason}"),
            },
            Put::Forbidden => Rolled::Untouched { reason: FORBIDDEN.to_owned() },
            Put::Overtaken(other) => Rolled::Replaced {
                reason: format!(
                    "{} was there first; revision {revision} was not put in its place",
                    self.stranger(&other).await
                ),
            },
            Put::Lost(reason) => Rolled::Failed {
                reason: format!("the service does not take revision {revision}: {reason}"),
            },
            Put::Unknown(reason) => Rolled::Unknown {
                reason: format!(
                    "whether the service took revision {revision} is not known: {reason}"
                ),
            },
            // It is what the caller goes on with.
            Put::Taken(_) => Rolled::Unknown { reason: "the rollout was not followed".to_owned() },
        }
    }

    /// What the end of the watch means for the deployment.
    pub(super) async fn verdict(&self, followed: Followed, watched: &Watched) -> Rolled {
        let what =
            format!("deployment {} of revision {}", watched.id, told::short(&watched.revision));
        let (standing, service) = match followed {
            Followed::Stands(standing, service) => (standing, service),
            Followed::TimedOut(service) => {
                let evidence = self.evidence(&service, watched).await;
                let time = self.settings.timeout;
                let reason = format!("{what} is not complete after {time:?}: {evidence}");
                return Rolled::Failed { reason };
            }
            Followed::Unanswered(fault) => {
                return Rolled::Unknown {
                    reason: format!("{what} was begun, and ECS cannot be asked any more: {fault}"),
                };
            }
        };
        match standing {
            Standing::Runs => Rolled::Out,
            Standing::Short => Rolled::Failed {
                reason: format!(
                    "{what} was completed, but its tasks do not stay up: {}",
                    self.evidence(&service, watched).await
                ),
            },
            Standing::Broken { puts_back } => {
                let reason =
                    format!("ECS gave {what} up: {}", self.evidence(&service, watched).await);
                if puts_back { Rolled::RollingBack { reason } } else { Rolled::Failed { reason } }
            }
            Standing::PutBack { by } => Rolled::RollingBack {
                reason: format!(
                    "ECS gave {what} up and goes back to revision {}: {}",
                    told::short(&by.revision),
                    self.evidence(&service, watched).await
                ),
            },
            Standing::ScaledToZero => Rolled::Failed {
                reason: format!("the service was scaled to zero before {what} was complete"),
            },
            Standing::Replaced { by } => Rolled::Replaced {
                reason: format!("{what} was replaced by {}", self.stranger(&by).await),
            },
            Standing::Deleted => {
                Rolled::Replaced { reason: format!("the service was deleted while {what} began") }
            }
            Standing::Missing | Standing::Coming => self.vanished(&service, &what).await,
        }
    }

    /// ECS does not show the deployment any more, and nothing that is newer.
    async fn vanished(&self, service: &Service, what: &str) -> Rolled {
        let instead = match service.primary() {
            Some(primary) => self.stranger(primary).await,
            None => "no deployment at all".to_owned(),
        };
        let reason = format!("{what} is not there any more, but {instead}");
        if service.puts_back { Rolled::RollingBack { reason } } else { Rolled::Replaced { reason } }
    }
}

/// Why nothing was asked of ECS.
pub(super) const FORBIDDEN: &str =
    "the lease on the environment ran out before ECS was asked to change anything";
