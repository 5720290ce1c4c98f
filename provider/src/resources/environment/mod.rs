//! `pipeline_environment`: checks an environment's folder and registers it in the ledger.
//!
//! What has to hold, and how it is registered, is `pipeline_core::environment`'s; here is what Terraform
//! calls it.

mod model;
mod parts;
mod plan;
mod policies;

use pipeline_core::EnvironmentName;
use pipeline_core::deployment::rules::unknown_environment;
use pipeline_core::environment::{
    self as environments, EnvironmentAtCommit, EnvironmentRecord, EnvironmentSurvey,
};
use pipeline_core::git::Repository;
use pipeline_core::ledger::{Entry, Ledger, Slot};
use pipeline_core::registration::Removal;
use tfplugin::{Attr, Change, Context, Diagnostics, ImportKey, Path, Resource, Text};

pub use model::Environment;
use model::EnvironmentDraft;
pub(crate) use model::{
    AfterBlock, ApprovalPolicyBlock, FreezeBlock, FreezeWindowBlock, HostingProfileBlock,
    RegionBlock, StackBlock, TestsBlock,
};

use crate::error::{self, Blame as _};
use crate::pipeline::Pipeline;
use crate::registered::{self, Registers, Unregisters};
use crate::session::Session;

impl Resource for Environment {
    const NAME: &'static str = "pipeline_environment";
    type Provider = Pipeline;

    fn validate(draft: &EnvironmentDraft, out: &mut Diagnostics) {
        parts::validate(draft, out);
    }

    async fn plan(cx: &Context<Self>, change: &mut Change<Self>) -> Result<(), Diagnostics> {
        match cx.provider.open_for_plan().await? {
            Some(session) => plan::write(&session, change).await,
            None => Ok(()),
        }
    }

    registered::steps!(create, read, update, delete);

    async fn import(key: ImportKey<Self>, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        let session = cx.provider.open().await?;
        let named = key.text(|it| it.name.known().map(|it| it.to_string()).unwrap_or_default());
        let name: EnvironmentName = named.parse().blame(Self::NAME)?;
        let Some(entry) = entry(&session, &name).await? else {
            return Err(not_registered(&session, &name).await?);
        };
        found(&session, &entry.record).await
    }
}

impl Registers for Environment {
    type What = EnvironmentAtCommit;
    const NAMED_BY: Attr = Self::NAME;

    registered::stamps!(registered_at);

    fn slot(&self, ledger: &Ledger<Repository>) -> Slot<EnvironmentRecord> {
        ledger.environment(&self.name)
    }

    fn continues(&self, prior: &Self) -> bool {
        self.name == prior.name
    }

    fn says(&self, session: &Session<'_>, what: &EnvironmentAtCommit) -> bool {
        self.domain(&session.known_regions()).is_ok_and(|own| own == what.environment)
    }

    fn of(what: &EnvironmentAtCommit) -> Self {
        Self::of_domain(&what.environment)
    }

    fn completed(self, what: &EnvironmentAtCommit) -> Self {
        Self { commit_sha: Text(what.commit_sha).into(), ..self }
    }

    fn keeping(self, state: &Self) -> Self {
        let (r#ref, config_tree) = (state.r#ref.clone(), state.config_tree.clone());
        Self { r#ref, config_tree, ..self }
    }

    fn found(self, survey: &EnvironmentSurvey) -> Self {
        let config_tree = survey.tree().unwrap_or_default().to_owned().into();
        Self { config_tree, commit_sha: Text(survey.commit()).into(), ..self.conventional() }
    }

    async fn survey(&self, session: &Session<'_>) -> Result<EnvironmentSurvey, Diagnostics> {
        let domain = self.domain(&session.known_regions())?;
        // Before others are looked at: of two that come before each other, one sees both.
        session.plan_environment(domain.clone());
        let commit = match self.commit_sha.get() {
            Some(commit) => commit.0,
            None => plan::commit(session, self.r#ref.as_deref()).await?,
        };
        session.survey_environment(domain, commit).await
    }
}

impl Unregisters for Environment {
    async fn removal(
        &self,
        session: &Session<'_>,
    ) -> Result<Removal<EnvironmentAtCommit>, Diagnostics> {
        let ledger = session.ledger();
        environments::survey_removal(&ledger, &self.name, session.now()).await.blame(Path::root())
    }
}

/// An environment as it is registered.
///
/// # Errors
/// When its folder cannot be looked at.
pub(crate) async fn found(
    session: &Session<'_>,
    record: &EnvironmentRecord,
) -> Result<Environment, Diagnostics> {
    let found = session.survey_environment(record.environment.clone(), record.commit_sha).await?;
    let tree = found.tree().unwrap_or_default().to_owned();
    let told = Environment::of(record).completed(record).stamped(record);
    Ok(Environment { config_tree: tree.into(), ..told })
}

/// The registration of an environment, where there is one.
///
/// # Errors
/// When the ledger cannot be read.
pub(crate) async fn entry(
    session: &Session<'_>,
    name: &EnvironmentName,
) -> Result<Option<Entry<EnvironmentRecord>>, Diagnostics> {
    environments::registered(&session.ledger(), name).await.blame(Path::root())
}

async fn not_registered(
    session: &Session<'_>,
    name: &EnvironmentName,
) -> Result<Diagnostics, Diagnostics> {
    let known = environments::registered_names(&session.ledger()).await.blame(Path::root())?;
    let violation = unknown_environment(name, &known.iter().collect::<Vec<_>>());
    Ok(error::violations_at(&violation.into(), Environment::NAME))
}
