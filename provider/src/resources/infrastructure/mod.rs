//! `pipeline_infrastructure_resource`: a resource of a cloud, in the ledger.
//!
//! Which rules it keeps is `pipeline_core::infrastructure`'s; here is what Terraform calls it.

mod model;

use pipeline_core::base::name::is_alike;
use pipeline_core::git::Repository;
use pipeline_core::infrastructure::{
    self as resources, Around, InfrastructureRecord, InfrastructureResource as Domain, Lists,
};
use pipeline_core::ledger::{Ledger, Slot};
use pipeline_core::registration::{RegistrationSurvey, Removal};
use pipeline_core::{InfrastructureId, KnownTypes};
use tfplugin::{Attr, Diagnostics, Path, Resource};

pub use model::InfrastructureResource;
use model::InfrastructureResourceDraft;

use crate::error::{self, Blame as _};
use crate::pipeline::Pipeline;
use crate::registered::{self, Imports, RecordSlot, Registers, Unregisters};
use crate::session::Session;

impl Resource for InfrastructureResource {
    const NAME: &'static str = "pipeline_infrastructure_resource";
    type Provider = Pipeline;

    registered::steps!(plan, create, read, update, delete, import);
}

impl Imports for InfrastructureResource {
    fn id(identity: &InfrastructureResourceDraft) -> Option<String> {
        let (cloud, kind) = (identity.cloud.known()?, identity.r#type.known()?);
        Some(format!("{cloud}/{kind}/{}", identity.name.known()?))
    }

    async fn find(id: &str, session: &Session<'_>) -> Result<RecordSlot<Self>, Diagnostics> {
        let id: InfrastructureId = id.parse().blame(Self::NAME)?;
        Ok(session.ledger().infrastructure_resource(&id))
    }
}

impl Registers for InfrastructureResource {
    type What = Domain;
    const NAMED_BY: Attr = Self::NAME;

    registered::stamps!(created_at);

    fn slot(&self, ledger: &Ledger<Repository>) -> Slot<InfrastructureRecord> {
        match self.identity() {
            Ok(id) => ledger.infrastructure_resource(&id),
            // Nothing was ever recorded under what is no ID.
            Err(_) => ledger.infrastructure().slot(&"none"),
        }
    }

    fn continues(&self, prior: &Self) -> bool {
        let same_type = self.cloud == prior.cloud && self.r#type == prior.r#type;
        same_type && is_alike(&self.name, &prior.name)
    }

    fn says(&self, _: &Session<'_>, what: &Domain) -> bool {
        self.domain(None).is_ok_and(|own| own.says_as(what))
    }

    fn of(what: &Domain) -> Self {
        Self::of_domain(what)
    }

    fn completed(self, what: &Domain) -> Self {
        let status = what.status.as_str().to_owned();
        Self { id: what.id.to_string().into(), status: status.into(), ..self }
    }

    fn announce(session: &Session<'_>, what: &Domain) {
        session.plan_infrastructure(what.clone());
    }

    async fn survey(
        &self,
        session: &Session<'_>,
    ) -> Result<RegistrationSurvey<Domain>, Diagnostics> {
        let (regions, settings) = (session.known_regions(), session.settings);
        let types = KnownTypes::with_extra(settings.extra_resource_types.iter().cloned());
        let lists = Lists { regions: &regions, types: &types };
        let domain =
            self.domain(Some(lists)).map_err(|wrong| error::violations(&wrong, &Path::root()))?;
        let environment = domain.environment.as_ref();
        let planned = session.planned_infrastructure();
        let around = Around {
            is_announced: environment
                .is_some_and(|name| session.planned_environment(name).is_some()),
            planned: &planned,
            required_tags: &settings.required_tags,
            now: session.now(),
        };
        resources::survey(&session.ledger(), domain, around).await.blame(Path::root())
    }
}

impl Unregisters for InfrastructureResource {
    async fn removal(&self, session: &Session<'_>) -> Result<Removal<Domain>, Diagnostics> {
        let id = self.identity().blame(Self::NAME)?;
        resources::survey_removal(&session.ledger(), &id).await.blame(Path::root())
    }
}
