//! Where resources lie in the ledger, and what their rules ask about.

use super::rules::{InfrastructureFacts, Needs, needed_fault};
use super::{
    Cloud, InfrastructureId, InfrastructureRecord, InfrastructureResource, ResourceStatus,
    lifecycle,
};
use crate::base::filing::unescaped;
use crate::base::name::{is_alike, look_alike};
use crate::base::violation::Violation;
use crate::environment::registered_names;
use crate::ledger::{Ledger, LedgerError, RefStore, Shelf, Slot, Unreadable};
use crate::registration::{self, RegistrationSurvey, Removal};
use crate::{EnvironmentName, Timestamp};

impl<S: RefStore> Ledger<S> {
    /// The resources of all clouds.
    #[must_use]
    pub fn infrastructure(&self) -> Shelf<InfrastructureRecord> {
        self.shelf()
    }

    /// One resource.
    #[must_use]
    pub fn infrastructure_resource(&self, id: &InfrastructureId) -> Slot<InfrastructureRecord> {
        self.infrastructure().slot(&id.filed())
    }
}

/// What whoever plans knows beside the ledger.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// Whether the same plan registers the environment.
    pub is_announced: bool,
    /// What the same plan makes of other resources.
    pub planned: &'a [InfrastructureResource],
    /// The tags that every resource of AWS has.
    pub required_tags: &'a [String],
    /// The time.
    pub now: Timestamp,
}

/// Looks at a resource that is to be recorded, at its environment and at what it refers to.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn survey<S: RefStore>(
    ledger: &Ledger<S>,
    mut resource: InfrastructureResource,
    around: Around<'_>,
) -> Result<RegistrationSurvey<InfrastructureResource>, LedgerError> {
    let environments = registered_names(ledger).await?;
    let before = ledger.read(&ledger.infrastructure_resource(&resource.id)).await?;
    if let Some(before) = before {
        resource.status = following(&before.record, &resource);
    }
    let mut others = Needs::new();
    if !resource.references.is_empty() {
        others = needs(ledger).await?;
        let planned = around.planned.iter().map(|it| (it.id.filed(), it.references.clone()));
        others.extend(planned);
        others.remove(&resource.id.filed());
    }
    let alike = alike(ledger, &resource.id, around.planned).await?;
    let Around { is_announced, required_tags, now, .. } = around;
    let required_tags = required_tags.to_vec();
    let facts =
        InfrastructureFacts { environments, is_announced, required_tags, others, alike, now };
    registration::survey::survey(ledger, resource, facts).await
}

/// OWN047, where another resource has a name that differs in case alone.
async fn alike<S: RefStore>(
    ledger: &Ledger<S>,
    id: &InfrastructureId,
    planned: &[InfrastructureResource],
) -> Result<Option<Violation>, LedgerError> {
    let (shelf, snapshot) = (ledger.infrastructure(), ledger.snapshot().await?);
    let (own, recorded) = (id.filed(), snapshot.under(shelf.prefix()).map(|it| it.0));
    let planned: Vec<String> = planned.iter().map(|it| it.id.filed()).collect();
    let known = recorded.chain(planned.iter().map(String::as_str));
    // Escaped bytes are upper case in each of them, so that names are compared as they are filed.
    let shown: Vec<String> = known.filter(|it| is_alike(it, &own)).map(unescaped).collect();
    Ok(look_alike(&unescaped(&own), shown.iter().map(String::as_str)))
}

/// Looks at the record of a resource that is to go, and at who refers to it.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn survey_removal<S: RefStore>(
    ledger: &Ledger<S>,
    id: &InfrastructureId,
) -> Result<Removal<InfrastructureResource>, LedgerError> {
    let mut others = needs(ledger).await?;
    others.remove(&id.filed());
    let objections = |_: &_| needed_fault(id, &others).into_iter().collect();
    registration::survey::removal(ledger, ledger.infrastructure_resource(id), objections).await
}

/// The resources of one environment and one cloud, or of all, sorted; and the records that cannot be used.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn resources<S: RefStore>(
    ledger: &Ledger<S>,
    environment: Option<&EnvironmentName>,
    cloud: Option<Cloud>,
) -> Result<(Vec<InfrastructureRecord>, Vec<Unreadable>), LedgerError> {
    let all = ledger.infrastructure();
    let shelf = cloud.map_or(all.clone(), |cloud| all.within(&cloud));
    let (entries, unreadable) = ledger.survey(&shelf).await?;
    let records = entries.into_iter().map(|entry| entry.record);
    let wanted = |it: &InfrastructureRecord| {
        environment.is_none_or(|name| it.environment.as_ref() == Some(name))
    };
    Ok((records.filter(wanted).collect(), unreadable))
}

async fn needs<S: RefStore>(ledger: &Ledger<S>) -> Result<Needs, LedgerError> {
    let (records, _) = resources(ledger, None, None).await?;
    Ok(records.into_iter().map(|it| (it.id.filed(), it.what.references)).collect())
}

/// The status that applying a configuration gives: none is new where nothing else is.
fn following(before: &InfrastructureRecord, after: &InfrastructureResource) -> ResourceStatus {
    match (after.id.cloud(), before.status.as_str()) {
        _ if after.says_as(&before.what) => before.status,
        (Cloud::Aws, "created" | "updated" | "destroyed" | "failed") => ResourceStatus("updated"),
        (cloud, _) => ResourceStatus(lifecycle(cloud).2),
    }
}
