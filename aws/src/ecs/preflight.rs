//! What a plan can know of a deployment to ECS: asked before anything is changed, and once.

use super::fault::{Fault, Kind};
use super::view::Service;
use super::{BRIEF, EcsTarget};
use crate::patience::Patience;
use pipeline_core::base::violation::Violation;
use pipeline_core::deployment::EcsRollout;
use pipeline_core::deployment::ecs::rules::{Candidate, EcsFacts, EcsPlan, ServiceFacts, check};

/// What came of asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Preflight {
    /// ECS answered: everything that forbids the deployment, perhaps nothing.
    Checked(Vec<Violation>),
    /// ECS cannot be asked from here, or does not say: whether the deployment is possible is left to
    /// the apply.
    Unavailable(Fault),
}

impl EcsTarget {
    /// Checks cluster, service, container, controller, size, and the revision that a failure would put
    /// back. `last_good` is the rollout of the last known good deployment.
    pub async fn preflight(&self, last_good: Option<&EcsRollout>) -> Preflight {
        let asked = tokio::time::timeout(BRIEF, Box::pin(self.facts(last_good))).await;
        match asked.unwrap_or_else(|_| Err(Fault::late(BRIEF))) {
            Ok(facts) => {
                let plan = EcsPlan {
                    cluster: &self.settings.cluster,
                    service: &self.settings.service,
                    container: &self.settings.container,
                    timeout: self.settings.timeout,
                };
                Preflight::Checked(check(&plan, &facts))
            }
            Err(fault) => Preflight::Unavailable(fault),
        }
    }

    async fn facts(&self, last_good: Option<&EcsRollout>) -> Result<EcsFacts, Fault> {
        let mut patience = self.brief_patience();
        let api = self.api().await;
        match self.ask(&mut patience, || api.describe()).await {
            Ok(service) => {
                let facts = self.service_facts(&service, last_good, &mut patience).await;
                facts.map(EcsFacts::Service)
            }
            // Names help; where they may not be listed, the rest is still worth saying.
            Err(fault) if fault.kind == Kind::Missing && is_cluster(&fault) => {
                Ok(EcsFacts::NoCluster(api.cluster_names().await.unwrap_or_default()))
            }
            Err(fault) if fault.kind == Kind::Missing => {
                Ok(EcsFacts::NoService(api.service_names().await.unwrap_or_default()))
            }
            Err(fault) => Err(fault),
        }
    }

    async fn service_facts(
        &self,
        service: &Service,
        last_good: Option<&EcsRollout>,
        patience: &mut Patience,
    ) -> Result<ServiceFacts, Fault> {
        let name = service.revision.as_deref().unwrap_or_default();
        let containers = match service.revision {
            Some(_) => {
                let asked = || async { self.api().await.revision(name).await };
                self.ask(patience, asked).await?.container_names()
            }
            None => Vec::new(),
        };
        let good = last_good.filter(|it| it.is_same_service(&self.untouched()));
        let good = good.and_then(|good| good.task_definition.as_deref());
        Ok(ServiceFacts {
            status: service.status.clone(),
            controller: service.controller.clone(),
            desired: service.desired,
            bakes: service.bakes,
            containers,
            before: self.known(service.steady_revision(), patience).await?,
            good: self.known(good, patience).await?,
        })
    }

    async fn known(
        &self,
        revision: Option<&str>,
        patience: &mut Patience,
    ) -> Result<Option<Candidate>, Fault> {
        match revision {
            Some(revision) => self.candidate(revision, patience).await.map(Some),
            None => Ok(None),
        }
    }
}

fn is_cluster(fault: &Fault) -> bool {
    fault.text.contains("ClusterNotFoundException")
}
