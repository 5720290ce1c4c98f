//! `pipeline_secret`: what is known of a secret, in the ledger.
//!
//! Which rules it keeps is `pipeline_core::secret`'s; here is what Terraform calls it.

mod model;

use pipeline_core::base::name::is_alike;
use pipeline_core::git::Repository;
use pipeline_core::ledger::{Ledger, Slot};
use pipeline_core::registration::{RegistrationSurvey, Removal};
use pipeline_core::secret::{self as secrets, Secret as Domain, SecretRecord};
use pipeline_core::{EnvironmentName, SecretName};
use tfplugin::{Attr, Computed, Diagnostics, Path, Resource, Text};

pub use model::Secret;
use model::SecretDraft;

use crate::error::Blame as _;
use crate::pipeline::Pipeline;
use crate::registered::{self, Imports, RecordSlot, Registers, Unregisters};
use crate::session::Session;

impl Resource for Secret {
    const NAME: &'static str = "pipeline_secret";
    type Provider = Pipeline;

    registered::steps!(plan, create, read, update, delete, import);
}

impl Imports for Secret {
    fn id(identity: &SecretDraft) -> Option<String> {
        Some(format!("{}/{}", identity.environment.known()?, identity.name.known()?))
    }

    async fn find(id: &str, session: &Session<'_>) -> Result<RecordSlot<Self>, Diagnostics> {
        let (environment, name) = id.split_once('/').unwrap_or(("", id));
        let environment: EnvironmentName = environment.parse().blame(Self::ENVIRONMENT)?;
        let name: SecretName = name.parse().blame(Self::NAME)?;
        Ok(session.ledger().secret(&environment, &name))
    }
}

impl Registers for Secret {
    type What = Domain;
    const NAMED_BY: Attr = Self::NAME;

    registered::stamps!(registered_at);

    fn slot(&self, ledger: &Ledger<Repository>) -> Slot<SecretRecord> {
        ledger.secret(&self.environment, &self.name)
    }

    fn continues(&self, prior: &Self) -> bool {
        self.environment == prior.environment && is_alike(self.name.as_str(), prior.name.as_str())
    }

    fn says(&self, session: &Session<'_>, what: &Domain) -> bool {
        self.domain(&session.actor()).is_ok_and(|own| own == *what)
    }

    fn of(what: &Domain) -> Self {
        Self::of_domain(what)
    }

    fn completed(self, what: &Domain) -> Self {
        Self {
            created_by: Text(what.created_by.clone()).into(),
            next_rotation_due: what.next_rotation_due().map(Text).into(),
            ..self
        }
    }

    async fn settled(self, prior: Option<&Self>) -> Result<Self, Diagnostics> {
        Ok(match (&self.created_by, prior) {
            (Computed::Unknown, Some(prior)) => {
                Self { created_by: prior.created_by.clone(), ..self }
            }
            _ => self,
        })
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
