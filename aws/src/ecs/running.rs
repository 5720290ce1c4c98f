//! What a service runs now, and who put it there: for plans that look for changes made elsewhere.

use super::fault::{Fault, Kind};
use super::told;
use super::view::Deployment;
use super::{BRIEF, EcsTarget};

/// What a service runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// ARN of the revision.
    pub revision: String,
    /// The image in the container that deployments change; none where it has no such container.
    pub image: Option<String>,
    /// Who registered the revision, by ARN, where ECS tells.
    pub registered_by: Option<String>,
    /// Since when the service is to run it, in seconds since 1970.
    pub since: i64,
}

impl Running {
    /// The short name of the revision, `family:7`.
    #[must_use]
    pub fn short(&self) -> &str {
        told::short(&self.revision)
    }
}

impl EcsTarget {
    /// What the service was last asked to run; `None`: there is no such service, or it runs nothing.
    ///
    /// # Errors
    /// When ECS cannot be asked from here.
    pub async fn running(&self) -> Result<Option<Running>, Fault> {
        let looked = tokio::time::timeout(BRIEF, Box::pin(self.look_at_service())).await;
        looked.unwrap_or_else(|_| Err(Fault::late(BRIEF)))
    }

    /// What somebody else rolled out since the revision that was `deployed`: another image than this target's.
    ///
    /// # Errors
    /// As [`EcsTarget::running`].
    pub async fn drift(&self, deployed: Option<&str>) -> Result<Option<Running>, Fault> {
        let own = |running: &Running| {
            running.image.as_deref() == Some(&*self.settings().image)
                || deployed == Some(&*running.revision)
        };
        Ok(self.running().await?.filter(|running| !own(running)))
    }

    async fn look_at_service(&self) -> Result<Option<Running>, Fault> {
        let mut patience = self.brief_patience();
        let api = self.api().await;
        let service = match self.ask(&mut patience, || api.describe()).await {
            Ok(service) => service,
            Err(fault) if fault.kind == Kind::Missing => return Ok(None),
            Err(fault) => return Err(fault),
        };
        let Some(revision) = service.revision.clone() else { return Ok(None) };
        let known = self.ask(&mut patience, || api.revision(&revision)).await;
        let known = match known {
            Ok(known) => Some(known),
            Err(fault) if fault.kind == Kind::Missing => None,
            Err(fault) => return Err(fault),
        };
        let container = &self.settings().container;
        let image = known.as_ref().and_then(|known| known.image(container)).map(str::to_owned);
        let by = known.as_ref().and_then(|known| known.registered_by()).map(str::to_owned);
        Ok(Some(Running {
            revision,
            image,
            registered_by: by,
            since: service.primary().map_or(0, began),
        }))
    }
}

/// Whole seconds are enough to tell people.
#[allow(clippy::cast_possible_truncation, reason = "a time in seconds fits")]
fn began(deployment: &Deployment) -> i64 {
    deployment.created_at as i64
}
