//! Resources that are one registration in the ledger each: the steps that all of them take.
//!
//! What is registered, and which rules it keeps, is the domain's; which attributes say it, the resource's.

use std::future::Future;

use pipeline_core::Timestamp;
use pipeline_core::git::Repository;
use pipeline_core::ledger::{Ledger, Slot};
use pipeline_core::registration::{
    self, Registered, Registrable, RegistrationSurvey, Removal, StagedRegistration,
};
use tfplugin::{Attr, Change, ChangeKind, Context, Diagnostics, Draft as _, Path, Resource};

use crate::error::{self, Blame as _};
use crate::pipeline::Pipeline;
use crate::session::Session;

/// A resource that is one registration.
pub(crate) trait Registers: Resource<Provider = Pipeline> {
    /// What is registered.
    type What: Registrable;
    /// The attribute that names it.
    const NAMED_BY: Attr;

    /// Where its record lies.
    fn slot(&self, ledger: &Ledger<Repository>) -> Slot<Registered<Self::What>>;

    /// When the registration was written that the state knows.
    fn seen(&self) -> Option<Timestamp>;

    /// Whether the arguments say the same as a registration.
    fn says(&self, session: &Session<'_>, what: &Self::What) -> bool;

    /// The arguments that say the same as a registration, with nothing left to defaults.
    fn of(what: &Self::What) -> Self;

    /// With what a record says beside the arguments.
    fn recorded(self, record: &Registered<Self::What>) -> Self;

    /// With what only the state knows; nothing where the record holds it all.
    fn keeping(self, state: &Self) -> Self {
        let _ = state;
        self
    }

    /// With what the survey found out beside the arguments.
    fn found(self, survey: &RegistrationSurvey<Self::What>) -> Self {
        let _ = survey;
        self
    }

    /// What the arguments describe, and all that its rules ask about.
    fn survey(
        &self,
        session: &Session<'_>,
    ) -> impl Future<Output = Result<RegistrationSurvey<Self::What>, Diagnostics>> + Send;

    /// What removing the registration would do.
    fn removal(
        &self,
        session: &Session<'_>,
    ) -> impl Future<Output = Result<Removal<Self::What>, Diagnostics>> + Send;
}

/// What a plan to register a thing found: `None` where not everything is known yet, and the plan at
/// apply checks.
///
/// `complete` adds to the arguments what follows from the state where the configuration says nothing.
///
/// # Errors
/// All that forbids it.
pub(crate) async fn plan<R: Registers>(
    session: &Session<'_>,
    change: &mut Change<R>,
    complete: impl FnOnce(R, Option<&R>) -> R,
) -> Result<Option<(R, RegistrationSurvey<R::What>)>, Diagnostics> {
    if change.kind() == ChangeKind::Delete {
        return Ok(None);
    }
    let Some(wanted) = change.config.settled() else { return Ok(None) };
    let wanted = complete(wanted, change.prior.as_ref());
    let found = wanted.survey(session).await?;
    let plan = registration::plan(found, change.prior.as_ref().and_then(R::seen));
    for violation in plan.violations().iter().filter(|violation| violation.is_warning()) {
        change.warn(error::violation_under(violation, &Path::root()));
    }
    let checked = plan.check().map_err(|why| error::registration::refused(why, R::NAMED_BY))?;
    let found = checked.survey().clone();
    Ok(Some((wanted.found(&found), found)))
}

/// Writes the record, against the one that the state knows.
///
/// # Errors
/// What forbids it, or why it could not be written.
pub(crate) async fn register<R: Registers>(
    resource: R,
    prior: Option<&R>,
    cx: &Context<R>,
) -> Result<R, Diagnostics> {
    let session = cx.stop.unless(cx.provider.open()).await??;
    let found = cx.stop.unless(resource.survey(&session)).await??;
    let resource = resource.found(&found);
    let checked = registration::plan(found, prior.and_then(R::seen)).check();
    let checked = checked.map_err(|why| error::registration::refused(why, R::NAMED_BY))?;
    let staged = checked.stage(&session.ledger(), &session.author());
    let StagedRegistration { staged, record } = staged.blame(Path::root())?;
    session.commit(staged).await?;
    Ok(resource.recorded(&record))
}

/// The thing as it is registered now; nothing where it is not.
///
/// # Errors
/// When the ledger cannot be read.
pub(crate) async fn read<R: Registers>(
    resource: R,
    cx: &Context<R>,
) -> Result<Option<R>, Diagnostics> {
    let session = cx.provider.open().await?;
    let (ledger, root) = (session.ledger(), Path::root());
    let found = ledger.read(&resource.slot(&ledger)).await.blame(root)?;
    let Some(record) = found.map(|entry| entry.record) else { return Ok(None) };
    if resource.says(&session, &record.what) {
        return Ok(Some(resource.recorded(&record)));
    }
    cx.warn(error::registration::changed_outside(&record, R::NAMED_BY));
    Ok(Some(R::of(&record.what).keeping(&resource).recorded(&record)))
}

/// Removes the registration.
///
/// # Errors
/// What forbids it, or why it could not be removed.
pub(crate) async fn remove<R: Registers>(resource: R, cx: &Context<R>) -> Result<(), Diagnostics> {
    let session = cx.stop.unless(cx.provider.open()).await??;
    let checked = cx.stop.unless(resource.removal(&session)).await??.check();
    let checked = checked.map_err(|found| error::all(&found, &R::NAMED_BY.into()))?;
    session.commit(checked.stage().blame(Path::root())?).await.map(drop)
}

/// The thing that is registered in a slot; `key` is what a person asked for.
///
/// # Errors
/// When there is none, or the ledger cannot be read.
pub(crate) async fn import<R: Registers>(
    session: &Session<'_>,
    key: &str,
    slot: Slot<Registered<R::What>>,
) -> Result<R, Diagnostics> {
    let ledger = session.ledger();
    if let Some(entry) = ledger.read(&slot).await.blame(Path::root())? {
        return Ok(R::of(&entry.record.what).recorded(&entry.record));
    }
    let shelf = ledger.shelf::<Registered<R::What>>();
    let snapshot = session.snapshot().await?;
    let known: Vec<String> =
        snapshot.under(shelf.prefix()).map(|(name, _)| R::What::shown(name)).collect();
    Err(error::registration::not_registered::<R::What>(key, &known, R::NAMED_BY))
}
