//! `pipeline_infrastructure_resource`: a resource of a cloud, in the ledger.
//!
//! Which rules it keeps is `pipeline_core::infrastructure`'s; here is what Terraform calls it.

mod model;

use pipeline_core::git::Repository;
use pipeline_core::infrastructure::{
    self as resources, Around, InfrastructureRecord, InfrastructureResource as Domain, Lists,
};
use pipeline_core::ledger::{Ledger, Slot};
use pipeline_core::registration::{RegistrationSurvey, Removal};
use pipeline_core::{InfrastructureId, KnownTypes, Timestamp};
use tfplugin::{Attr, Change, Context, Diagnostics, ImportKey, Path, Resource};

pub use model::InfrastructureResource;

use crate::error::{self, Blame as _};
use crate::pipeline::Pipeline;
use crate::registered::{self, Registers, Unregisters};
use crate::session::Session;

impl Resource for InfrastructureResource {
    const NAME: &'static str = "pipeline_infrastructure_resource";
    type Provider = Pipeline;

    async fn plan(cx: &Context<Self>, change: &mut Change<Self>) -> Result<(), Diagnostics> {
        let Some(session) = cx.provider.open_for_plan().await? else { return Ok(()) };
        let Some((wanted, found)) = registered::plan(&session, change, |it, _| it).await? else {
            return Ok(());
        };
        session.plan_infrastructure(found.what().clone());
        if !change.is_noop() {
            change.plan_computed(&wanted.completed(found.what()));
            change.planned.updated_at.set_unknown();
        }
        Ok(())
    }

    async fn create(self, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        registered::register(self, None, cx).await
    }

    async fn read(self, cx: &Context<Self>) -> Result<Option<Self>, Diagnostics> {
        registered::read(self, cx).await
    }

    async fn update(self, prior: Self, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        registered::register(self, Some(&prior), cx).await
    }

    async fn delete(self, cx: &Context<Self>) -> Result<(), Diagnostics> {
        registered::remove(self, cx).await
    }

    async fn import(key: ImportKey<Self>, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        let session = cx.provider.open().await?;
        let key = key.text(|it| match (it.cloud.known(), it.r#type.known(), it.name.known()) {
            (Some(cloud), Some(kind), Some(name)) => format!("{cloud}/{kind}/{name}"),
            _ => String::new(),
        });
        let id: InfrastructureId = key.parse().blame(Self::NAME)?;
        let slot = session.ledger().infrastructure_resource(&id);
        registered::import(&session, &key, slot).await
    }
}

impl Registers for InfrastructureResource {
    type What = Domain;
    const NAMED_BY: Attr = Self::NAME;

    fn slot(&self, ledger: &Ledger<Repository>) -> Slot<InfrastructureRecord> {
        match self.identity() {
            Ok(id) => ledger.infrastructure_resource(&id),
            // Nothing was ever recorded under what is no ID.
            Err(_) => ledger.infrastructure().slot(&"none"),
        }
    }

    fn seen(&self) -> Option<Timestamp> {
        self.updated_at.get().map(|at| at.0)
    }

    fn says(&self, _: &Session<'_>, what: &Domain) -> bool {
        self.domain(None).is_ok_and(|own| own.says_as(what))
    }

    fn of(what: &Domain) -> Self {
        Self::of_domain(what)
    }

    fn recorded(self, record: &InfrastructureRecord) -> Self {
        self.completed(record).stamped(record)
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
