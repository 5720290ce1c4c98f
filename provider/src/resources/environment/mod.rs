//! `pipeline_environment`: checks an environment's folder and registers it in the ledger.
//!
//! Rules are `pipeline_core`'s; here facts are gathered and the record is written.

pub(crate) mod facts;
mod model;
mod parts;
mod plan;
mod validate;

use pipeline_core::EnvironmentName;
use pipeline_core::ledger::{Entry, LedgerError};

use pipeline_core::deployment::rules as policy;
use pipeline_core::environment::EnvironmentRecord;
use tfplugin::{
    Change, ChangeKind, Context, Diagnostic, Diagnostics, ImportKey, Path, Resource, Text,
};

pub use model::Environment;
use model::EnvironmentDraft;
pub(crate) use model::{
    ApprovalPolicyBlock, HostingProfileBlock, RegionBlock, StackBlock, TestsBlock,
};

use crate::error;
use crate::pipeline::Pipeline;
use crate::session::Session;

impl Resource for Environment {
    const NAME: &'static str = "pipeline_environment";
    type Provider = Pipeline;

    fn validate(draft: &EnvironmentDraft, out: &mut Diagnostics) {
        validate::check(draft, out);
    }

    async fn plan(cx: &Context<Self>, change: &mut Change<Self>) -> Result<(), Diagnostics> {
        match change.kind() {
            _ if !cx.provider.is_known() => Ok(()),
            ChangeKind::Delete => Ok(()),
            ChangeKind::Create | ChangeKind::Update => plan::write(cx, change).await,
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
        cx.warn(changed_outside(&entry));
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
        let Some(entry) = entry(&session, &self.name).await? else { return Ok(()) };
        refuse_while_busy(&session, &self.name).await?;
        let name = entry.slot.ref_name().map_err(|error| ledger(&error))?;
        session.commit(vec![pipeline_core::git::RefUpdate::delete(name, entry.object)]).await
    }

    async fn import(key: ImportKey<Self>, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        let session = cx.provider.open().await?;
        let name = imported_name(key)?;
        let Some(entry) = entry(&session, &name).await? else {
            return Err(not_registered(&session, &name).await?);
        };
        let record = &entry.record;
        let found = facts::gather(&session, &record.environment, record.commit_sha).await?;
        let imported = Self::of(&record.environment).recorded(record);
        Ok(Self { config_tree: found.tree.unwrap_or_default().into(), ..imported })
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
        let before = entry(session, &self.name).await?;
        let killed = prior.is_none() && before.as_ref().is_some_and(|e| session.wrote(e.object));
        if !killed {
            check_unchanged(prior, before.as_ref())?;
        }
        let commit_sha = match self.commit_sha.get() {
            Some(commit) => commit.0,
            None => facts::commit(session, self.r#ref.as_deref()).await?,
        };
        let found = facts::gather(session, &domain, commit_sha).await?;
        let by = session.signature();
        let registered_at = before.as_ref().map_or(by.time, |entry| entry.record.registered_at);
        let record = EnvironmentRecord {
            environment: domain,
            commit_sha,
            registered_at,
            registered_by: session.actor(),
            updated_at: Some(by.time),
        };
        let ledger = session.ledger();
        let verb = if before.is_some() { "change" } else { "register" };
        let message = format!("{verb} environment {}", *self.name);
        let expected = before.map(|entry| entry.object);
        let slot = ledger.environment(&self.name);
        let update = ledger
            .stage(&slot, expected, &record, &by, &message)
            .map_err(|error| self::ledger(&error))?;
        session.commit(vec![update]).await?;
        let registered = Self { config_tree: found.tree.unwrap_or_default().into(), ..self };
        Ok(registered.conventional().recorded(&record))
    }

    /// With what the record says of itself.
    fn recorded(self, record: &EnvironmentRecord) -> Self {
        Self {
            commit_sha: Text(record.commit_sha).into(),
            registered_at: Text(record.registered_at).into(),
            updated_at: Text(record.updated_at.unwrap_or(record.registered_at)).into(),
            ..self
        }
    }

    /// With what follows from the name where nothing else is given.
    fn conventional(self) -> Self {
        let (config_path, secrets_file) = (self.folder(), self.secrets());
        let (is_production, requires_approval) = (self.production(), self.approval_required());
        Self {
            config_path: config_path.into(),
            secrets_file: secrets_file.into(),
            is_production: is_production.into(),
            requires_approval: requires_approval.into(),
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
    let ledger = session.ledger();
    ledger.read(&ledger.environment(name)).await.map_err(|error| self::ledger(&error))
}

fn ledger(error: &LedgerError) -> Diagnostics {
    error::ledger(error, &Path::root())
}

/// Somebody may have registered or changed the environment since the plan.
fn check_unchanged(
    prior: Option<&Environment>,
    now: Option<&Entry<EnvironmentRecord>>,
) -> Result<(), Diagnostics> {
    let seen = prior.and_then(|prior| prior.updated_at.get().map(|at| at.0));
    let found = now.map(|entry| entry.record.updated_at.unwrap_or(entry.record.registered_at));
    if seen == found {
        return Ok(());
    }
    let told = |at: Option<pipeline_core::Timestamp>| {
        at.map_or_else(|| "no registration".to_owned(), |at| format!("a registration of {at}"))
    };
    Err(Diagnostic::error(
        Environment::NAME,
        "Somebody else registered the environment first",
        format!(
            "Found {}; expected {}, as the plan saw it. Nothing was overwritten. Next: plan again{}.",
            told(found),
            told(seen),
            if prior.is_none() { ", or import the environment by its name" } else { "" }
        ),
    )
    .into())
}

async fn refuse_while_busy(
    session: &Session<'_>,
    name: &EnvironmentName,
) -> Result<(), Diagnostics> {
    let store = session.ledger();
    let queue = store.read(&store.queue(name)).await.map_err(|error| ledger(&error))?;
    let busy = queue.and_then(|queue| policy::check_free(&queue.record, None, session.now()));
    busy.map_or(Ok(()), |busy| Err(error::all(&[busy], &Environment::NAME.into())))
}

fn imported_name(key: ImportKey<Environment>) -> Result<EnvironmentName, Diagnostics> {
    let bad = |violations| error::violations_at(&violations, Environment::NAME);
    match key {
        ImportKey::Id(id) => id.parse().map_err(bad),
        ImportKey::Identity(draft) => match draft.name.known() {
            Some(name) => Ok(name.0.clone()),
            None => "".parse().map_err(bad),
        },
    }
}

async fn not_registered(
    session: &Session<'_>,
    name: &EnvironmentName,
) -> Result<Diagnostics, Diagnostics> {
    let store = session.ledger();
    let snapshot = session.snapshot().await?;
    let shelf = store.environments();
    let known: Vec<EnvironmentName> =
        snapshot.under(shelf.prefix()).filter_map(|(name, _)| name.parse().ok()).collect();
    let known: Vec<&EnvironmentName> = known.iter().collect();
    let violation = policy::unknown_environment(name, &known);
    Ok(error::violations_at(&violation.into(), Environment::NAME))
}

fn changed_outside(entry: &Entry<EnvironmentRecord>) -> Diagnostic {
    let record = &entry.record;
    Diagnostic::warning(
        Environment::NAME,
        "The environment was changed outside this configuration",
        format!(
            "Found the registration of {} by {}; expected the one that this configuration made. Next: apply \
             puts this configuration's values back.",
            record.updated_at.unwrap_or(record.registered_at),
            record.registered_by
        ),
    )
}
