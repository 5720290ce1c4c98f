//! `pipeline_environment`: checks an environment's folder and registers it in the ledger.
//!
//! What has to hold, and how it is registered, is `pipeline_core::environment`'s; here is what Terraform
//! calls it.

mod model;
mod parts;
mod plan;

use pipeline_core::EnvironmentName;
use pipeline_core::deployment::rules::unknown_environment;
use pipeline_core::environment::{
    self as environments, EnvironmentRecord, RegistrationRefused, StagedRegistration,
};
use pipeline_core::ledger::Entry;
use tfplugin::{Change, ChangeKind, Context, Diagnostics, ImportKey, Path, Resource, Text};

pub use model::Environment;
use model::EnvironmentDraft;
pub(crate) use model::{
    ApprovalPolicyBlock, HostingProfileBlock, RegionBlock, StackBlock, TestsBlock,
};

use crate::error::{self, Blame as _};
use crate::pipeline::Pipeline;
use crate::session::Session;

impl Resource for Environment {
    const NAME: &'static str = "pipeline_environment";
    type Provider = Pipeline;

    fn validate(draft: &EnvironmentDraft, out: &mut Diagnostics) {
        parts::validate(draft, out);
    }

    async fn plan(cx: &Context<Self>, change: &mut Change<Self>) -> Result<(), Diagnostics> {
        match (change.kind(), cx.provider.open_for_plan().await?) {
            (ChangeKind::Create | ChangeKind::Update, Some(session)) => {
                plan::write(&session, change).await
            }
            _ => Ok(()),
        }
    }

    async fn create(self, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        let session = cx.provider.open().await?;
        self.register(&session, None).await
    }

    async fn read(self, cx: &Context<Self>) -> Result<Option<Self>, Diagnostics> {
        let session = cx.provider.open().await?;
        let Some(entry) = entry(&session, &self.name).await? else { return Ok(None) };
        if self.domain(&session.known_regions()).is_ok_and(|own| own == entry.record.environment) {
            return Ok(Some(self.recorded(&entry.record)));
        }
        cx.warn(error::environment::changed_outside(&entry.record));
        let changed = Self::of(&entry.record.environment);
        let changed = Self { r#ref: self.r#ref, config_tree: self.config_tree, ..changed };
        Ok(Some(changed.recorded(&entry.record)))
    }

    async fn update(self, prior: Self, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        let session = cx.provider.open().await?;
        self.register(&session, Some(&prior)).await
    }

    async fn delete(self, cx: &Context<Self>) -> Result<(), Diagnostics> {
        let session = cx.provider.open().await?;
        let found = environments::survey_removal(&session.ledger(), &self.name).await;
        let removal = environments::plan_removal(found.blame(Path::root())?, session.now());
        let checked = removal.check().map_err(|busy| error::all(&[busy], &Self::NAME.into()))?;
        session.commit(checked.stage().blame(Path::root())?).await.map(drop)
    }

    async fn import(key: ImportKey<Self>, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        let session = cx.provider.open().await?;
        let named = key.text(|it| it.name.known().map(|it| it.to_string()).unwrap_or_default());
        let name: EnvironmentName = named.parse().blame(Self::NAME)?;
        let Some(entry) = entry(&session, &name).await? else {
            return Err(not_registered(&session, &name).await?);
        };
        let record = &entry.record;
        let found =
            session.survey_environment(record.environment.clone(), record.commit_sha).await?;
        let tree = found.tree().unwrap_or_default().to_owned();
        Ok(Self { config_tree: tree.into(), ..Self::of(&record.environment).recorded(record) })
    }
}

impl Environment {
    /// Writes the record, against the one that the plan saw.
    async fn register(
        self,
        session: &Session<'_>,
        prior: Option<&Self>,
    ) -> Result<Self, Diagnostics> {
        let domain = self.domain(&session.known_regions())?;
        let commit = match self.commit_sha.get() {
            Some(commit) => commit.0,
            None => plan::commit(session, self.r#ref.as_deref()).await?,
        };
        let found = session.survey_environment(domain, commit).await?;
        let seen = prior.and_then(|prior| prior.updated_at.get().map(|at| at.0));
        let checked = environments::plan(found, seen).check().map_err(|why| match why {
            RegistrationRefused::Displaced { found, .. } => {
                error::environment::displaced(seen, found.as_deref())
            }
            other => error::environment::refused(other),
        })?;
        let staged = checked.stage(&session.ledger(), &session.author());
        let StagedRegistration { staged, record, tree } = staged.blame(Path::root())?;
        session.commit(staged).await?;
        let registered = Self { config_tree: tree.unwrap_or_default().into(), ..self };
        Ok(registered.conventional().recorded(&record))
    }

    /// With what the record says of itself.
    fn recorded(self, record: &EnvironmentRecord) -> Self {
        Self {
            commit_sha: Text(record.commit_sha).into(),
            registered_at: Text(record.registered_at).into(),
            updated_at: Text(record.written_at()).into(),
            ..self
        }
    }
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
