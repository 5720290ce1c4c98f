//! `pipeline_secret`: what is known of a secret, in the ledger.
//!
//! Which rules it keeps is `pipeline_core::secret`'s; here is what Terraform calls it.

mod model;

use pipeline_core::git::Repository;
use pipeline_core::ledger::{Ledger, Slot};
use pipeline_core::registration::{RegistrationSurvey, Removal};
use pipeline_core::secret::{self as secrets, Secret as Domain, SecretRecord};
use pipeline_core::{EnvironmentName, SecretName, Timestamp};
use tfplugin::{Attr, Change, Context, Diagnostics, ImportKey, Path, Resource};

pub use model::Secret;

use crate::error::Blame as _;
use crate::pipeline::Pipeline;
use crate::registered::{self, Registers, Unregisters};
use crate::session::Session;

impl Resource for Secret {
    const NAME: &'static str = "pipeline_secret";
    type Provider = Pipeline;

    async fn plan(cx: &Context<Self>, change: &mut Change<Self>) -> Result<(), Diagnostics> {
        let Some(session) = cx.provider.open_for_plan().await? else { return Ok(()) };
        let found = registered::plan(&session, change, Self::created_as).await?;
        if let Some((wanted, found)) = found.filter(|_| !change.is_noop()) {
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
        let key = key.text(|it| match (it.environment.known(), it.name.known()) {
            (Some(environment), Some(name)) => format!("{environment}/{name}"),
            _ => String::new(),
        });
        let (environment, name) = key.split_once('/').unwrap_or(("", &key));
        let environment: EnvironmentName = environment.parse().blame(Self::ENVIRONMENT)?;
        let name: SecretName = name.parse().blame(Self::NAME)?;
        let slot = session.ledger().secret(&environment, &name);
        registered::import(&session, &key, slot).await
    }
}

impl Registers for Secret {
    type What = Domain;
    const NAMED_BY: Attr = Self::NAME;

    fn slot(&self, ledger: &Ledger<Repository>) -> Slot<SecretRecord> {
        ledger.secret(&self.environment, &self.name)
    }

    fn seen(&self) -> Option<Timestamp> {
        self.updated_at.get().map(|at| at.0)
    }

    fn says(&self, session: &Session<'_>, what: &Domain) -> bool {
        self.domain(&session.actor()).is_ok_and(|own| own == *what)
    }

    fn of(what: &Domain) -> Self {
        Self::of_domain(what)
    }

    fn recorded(self, record: &SecretRecord) -> Self {
        self.completed(record).stamped(record)
    }

    async fn survey(
        &self,
        session: &Session<'_>,
    ) -> Result<RegistrationSurvey<Domain>, Diagnostics> {
        let domain = self.domain(&session.actor()).blame(Path::root())?;
        let is_announced = session.planned_environment(&domain.environment).is_some();
        let found = secrets::survey(&session.ledger(), domain, is_announced, session.now()).await;
        found.blame(Path::root())
    }
}

impl Unregisters for Secret {
    async fn removal(&self, session: &Session<'_>) -> Result<Removal<Domain>, Diagnostics> {
        let found = secrets::survey_removal(&session.ledger(), &self.environment, &self.name).await;
        found.blame(Path::root())
    }
}
