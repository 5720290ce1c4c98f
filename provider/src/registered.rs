//! Resources that are one registration in the ledger each: the steps that all of them take.
//!
//! What is registered, and which rules it keeps, is the domain's; which attributes say it, the resource's.

use std::future::Future;

use pipeline_core::Timestamp;
use pipeline_core::git::Repository;
use pipeline_core::ledger::{Ledger, Slot};
use pipeline_core::registration::{
    self, Registered, Registrable, Registration, RegistrationRefused, RegistrationSurvey, Removal,
    StagedRegistration,
};
use tfplugin::{
    Attr, Change, ChangeKind, Context, Diagnostics, Draft as _, ImportKey, Path, Resource, Stop,
};

use crate::error::{self, Blame as _};
use crate::pipeline::Pipeline;
use crate::session::Session;

/// A resource that is one registration.
pub(crate) trait Registers: Resource<Provider = Pipeline> {
    /// What is registered.
    type What: Registrable;
    /// The attribute that names it.
    const NAMED_BY: Attr;
    /// Whether replacing it by itself, with nothing changed, means something: as new, it counts for longer.
    const IS_RENEWED: bool = false;

    /// Where its record lies.
    fn slot(&self, ledger: &Ledger<Repository>) -> RecordSlot<Self>;

    /// When the registration was written that the state knows.
    fn seen(&self) -> Option<Timestamp>;

    /// With the times of a record.
    fn stamped(self, record: &Registered<Self::What>) -> Self;

    /// Whether the arguments say the same as a registration.
    fn says(&self, session: &Session<'_>, what: &Self::What) -> bool;

    /// The arguments that say the same as a registration, with nothing left to defaults.
    fn of(what: &Self::What) -> Self;

    /// With what follows from a registration.
    fn completed(self, what: &Self::What) -> Self;

    /// Whether it is the registration that the state knows, and not another one in its place.
    fn continues(&self, prior: &Self) -> bool;

    /// Whether the same resource makes another registration, in place.
    fn makes_another(&self, prior: &Self) -> bool {
        let _ = prior;
        false
    }

    /// Whether its record has been kept so long that it may be gone: that is no drift.
    fn may_be_gone(&self, now: Timestamp) -> bool {
        let _ = now;
        false
    }

    /// With what the state, or this machine, says where the configuration leaves it out.
    fn settled(
        self,
        prior: Option<&Self>,
    ) -> impl Future<Output = Result<Self, Diagnostics>> + Send {
        let _ = prior;
        async { Ok(self) }
    }

    /// With what only the state knows; nothing where the record holds it all.
    fn keeping(self, state: &Self) -> Self {
        let _ = state;
        self
    }

    /// With what the survey found out beside the arguments.
    fn found(self, survey: &RegistrationSurvey<Self::What>) -> Self {
        self.completed(survey.what())
    }

    /// Tells other resources of the same walk what will be registered.
    fn announce(session: &Session<'_>, what: &Self::What) {
        let _ = (session, what);
    }

    /// What the arguments describe, and all that its rules ask about.
    fn survey(
        &self,
        session: &Session<'_>,
    ) -> impl Future<Output = Result<RegistrationSurvey<Self::What>, Diagnostics>> + Send;
}

/// A registration that is found by its ID.
pub(crate) trait Imports: Registers {
    /// The ID that an identity means.
    fn id(identity: &Self::Draft) -> Option<String>;

    /// Where the record of an ID lies.
    fn find(
        id: &str,
        session: &Session<'_>,
    ) -> impl Future<Output = Result<RecordSlot<Self>, Diagnostics>> + Send;
}

/// A registration that its configuration may remove. What is history stays.
pub(crate) trait Unregisters: Registers {
    /// What removing the registration would do.
    fn removal(
        &self,
        session: &Session<'_>,
    ) -> impl Future<Output = Result<Removal<Self::What>, Diagnostics>> + Send;
}

/// Where the record of a resource lies.
pub(crate) type RecordSlot<R> = Slot<Registered<<R as Registers>::What>>;

/// Methods of `Resource` that are the same for all registrations, by name.
macro_rules! steps {
    ($($method:ident),+) => { $($crate::registered::steps!(@ $method);)+ };
    (@ plan) => {
        async fn plan(
            cx: &tfplugin::Context<Self>,
            change: &mut tfplugin::Change<Self>,
        ) -> Result<(), tfplugin::Diagnostics> {
            if let Some(wanted) = $crate::registered::write(cx, change).await? {
                change.plan_computed(&wanted);
                if !change.is_noop() {
                    change.planned.updated_at.set_unknown();
                }
            }
            Ok(())
        }
    };
    (@ create) => {
        async fn create(self, cx: &tfplugin::Context<Self>) -> Result<Self, tfplugin::Diagnostics> {
            $crate::registered::register(self, None, cx).await
        }
    };
    (@ read) => {
        async fn read(
            self,
            cx: &tfplugin::Context<Self>,
        ) -> Result<Option<Self>, tfplugin::Diagnostics> {
            $crate::registered::read(self, cx).await
        }
    };
    (@ update) => {
        async fn update(
            self,
            prior: Self,
            cx: &tfplugin::Context<Self>,
        ) -> Result<Self, tfplugin::Diagnostics> {
            $crate::registered::register(self, Some(&prior), cx).await
        }
    };
    (@ delete) => {
        async fn delete(self, cx: &tfplugin::Context<Self>) -> Result<(), tfplugin::Diagnostics> {
            $crate::registered::remove(self, cx).await
        }
    };
    (@ import) => {
        async fn import(
            key: tfplugin::ImportKey<Self>,
            cx: &tfplugin::Context<Self>,
        ) -> Result<Self, tfplugin::Diagnostics> {
            $crate::registered::import(key, cx).await
        }
    };
}

/// Methods of `Registers` about the attributes that hold the times of the record.
macro_rules! stamps {
    ($registered_at:ident) => {
        fn seen(&self) -> Option<pipeline_core::Timestamp> {
            self.updated_at.get().map(|at| at.0)
        }

        fn stamped(self, record: &pipeline_core::registration::Registered<Self::What>) -> Self {
            Self {
                $registered_at: tfplugin::Text(record.registered_at).into(),
                updated_at: tfplugin::Text(record.written_at()).into(),
                ..self
            }
        }
    };
}

pub(crate) use {stamps, steps};

/// When the registration was written that is to be replaced, as far as the state knows.
fn seen<R: Registers>(wanted: &R, prior: Option<&R>) -> Option<Timestamp> {
    prior.filter(|prior| wanted.continues(prior)).and_then(R::seen)
}

/// What a record says, in the attributes of a resource.
fn told<R: Registers>(resource: R, record: &Registered<R::What>) -> R {
    resource.completed(&record.what).stamped(record)
}

/// Plans to register a thing: what will be, where everything is known.
///
/// # Errors
/// All that forbids it.
pub(crate) async fn write<R: Registers>(
    cx: &Context<R>,
    change: &mut Change<R>,
) -> Result<Option<R>, Diagnostics> {
    let Some(session) = cx.provider.open_for_plan().await? else { return Ok(None) };
    let Some((wanted, found)) = plan(&session, change).await? else { return Ok(None) };
    R::announce(&session, found.what());
    Ok(Some(wanted))
}

/// What a plan to register a thing found: `None` where not everything is known yet, and the plan at
/// apply checks.
///
/// # Errors
/// All that forbids it.
pub(crate) async fn plan<R: Registers>(
    session: &Session<'_>,
    change: &mut Change<R>,
) -> Result<Option<(R, RegistrationSurvey<R::What>)>, Diagnostics> {
    if change.kind() == ChangeKind::Delete {
        return Ok(None);
    }
    let Some(wanted) = change.config.settled() else { return Ok(None) };
    let wanted = wanted.settled(change.prior.as_ref()).await?;
    let found = wanted.survey(session).await?;
    if found.record().is_none() && is_cleaned_up(&wanted, change.prior.as_ref(), session) {
        let unchanged = change.is_noop();
        let refused = || error::registration::cleaned_up(found.what(), R::NAMED_BY);
        return if unchanged { Ok(None) } else { Err(refused()) };
    }
    let seen = seen_by_plan(session, &wanted, change.prior.as_ref(), found.what().key());
    let plan = registration::plan(found, seen);
    for violation in plan.violations().iter().filter(|violation| violation.is_warning()) {
        change.warn(error::violation_under(violation, &Path::root()));
    }
    let checked = plan.check().map_err(|why| error::registration::refused(why, R::NAMED_BY))?;
    let found = checked.survey().clone();
    let makes = change.prior.as_ref().is_none_or(|prior| wanted.makes_another(prior));
    if makes && !session.announce(R::What::KIND, found.what().key()) {
        return Err(error::registration::made_twice(found.what(), R::NAMED_BY));
    }
    Ok(Some((wanted.found(&found), found)))
}

/// As [`seen`]. Where one may be renewed, one that is planned as new and is in the state is replaced by itself: the one
/// in the state goes first.
fn seen_by_plan<R: Registers>(
    session: &Session<'_>,
    wanted: &R,
    prior: Option<&R>,
    key: String,
) -> Option<Timestamp> {
    let seen = seen(wanted, prior);
    if !R::IS_RENEWED {
        return seen;
    }
    match seen {
        Some(seen) => session.note_registration(R::What::KIND, key, seen),
        None if prior.is_none() => return session.registration_in_state(R::What::KIND, key),
        None => {}
    }
    seen
}

/// Whether the state knows a thing whose record may be gone, and it is the one that is wanted.
fn is_cleaned_up<R: Registers>(wanted: &R, prior: Option<&R>, session: &Session<'_>) -> bool {
    prior.is_some_and(|prior| wanted.continues(prior) && prior.may_be_gone(session.now()))
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
    let resource = resource.settled(prior).await?;
    let (mut found, mut turn) = (cx.stop.unless(resource.survey(&session)).await??, None);
    if found.claims(&session.author()) {
        // Of several that claim the same at once, the first writes it, and the others find it.
        let first = cx.stop.unless(session.pipeline.claiming()).await?;
        found = cx.stop.unless(resource.survey(&session)).await??;
        turn = found.claims(&session.author()).then_some(first);
    }
    let resource = resource.found(&found);
    let record = write_down(registration::plan(found, seen(&resource, prior)), &session, &cx.stop);
    let record = record.await.map_err(|why| why.at(R::NAMED_BY))?;
    drop(turn);
    Ok(told(resource, &record))
}

/// Why a record was not written.
pub(crate) enum NotWritten<T: Registrable> {
    /// It may not be.
    Refused(RegistrationRefused<T>),
    /// It could not be.
    Failed(Diagnostics),
}

impl<T: Registrable> NotWritten<T> {
    /// As diagnostics; `at` is the attribute that names the thing.
    pub(crate) fn at(self, at: Attr) -> Diagnostics {
        match self {
            Self::Refused(why) => error::registration::refused(why, at),
            Self::Failed(problems) => problems,
        }
    }
}

/// Writes the record of a registration, signed where that is asked for.
///
/// # Errors
/// What forbids it, or why it could not be written.
pub(crate) async fn write_down<T: Registrable>(
    plan: Registration<T>,
    session: &Session<'_>,
    stop: &Stop,
) -> Result<Registered<T>, NotWritten<T>> {
    let checked = plan.check().map_err(NotWritten::Refused)?;
    let written = async {
        let staged = checked.stage(&session.ledger(), &session.author());
        let signed = staged.blame(Path::root())?.signed(&session.ledger()).await;
        let StagedRegistration { staged, record, .. } = signed.blame(Path::root())?;
        session.commit_unless(staged, stop).await?;
        Ok(record)
    };
    written.await.map_err(NotWritten::Failed)
}

/// The thing as it is registered now; nothing where it is not. What may be gone is what the state says of it.
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
    let Some(record) = found.map(|entry| entry.record) else {
        return Ok(resource.may_be_gone(session.now()).then_some(resource));
    };
    if resource.says(&session, &record.what) {
        return Ok(Some(told(resource, &record)));
    }
    cx.warn(error::registration::changed_outside(&record, R::NAMED_BY));
    Ok(Some(told(R::of(&record.what).keeping(&resource), &record)))
}

/// Removes the registration.
///
/// # Errors
/// What forbids it, or why it could not be removed.
pub(crate) async fn remove<R: Unregisters>(
    resource: R,
    cx: &Context<R>,
) -> Result<(), Diagnostics> {
    let session = cx.stop.unless(cx.provider.open()).await??;
    let checked = cx.stop.unless(resource.removal(&session)).await??.check();
    let checked = checked.map_err(|found| error::all(&found, &R::NAMED_BY.into()))?;
    session
        .commit_unless(
            checked.stage(&session.ledger(), &session.author()).blame(Path::root())?,
            &cx.stop,
        )
        .await
        .map(drop)
}

/// The thing that is registered under an ID.
///
/// # Errors
/// When there is none, or the ledger cannot be read.
pub(crate) async fn import<R: Imports>(
    key: ImportKey<R>,
    cx: &Context<R>,
) -> Result<R, Diagnostics> {
    let session = cx.provider.open().await?;
    let id = key.text(|identity| R::id(identity).unwrap_or_default());
    let (ledger, slot) = (session.ledger(), R::find(&id, &session).await?);
    if let Some(entry) = ledger.read(&slot).await.blame(Path::root())? {
        return Ok(told(R::of(&entry.record.what), &entry.record));
    }
    let shelf = ledger.shelf::<Registered<R::What>>();
    let snapshot = session.snapshot().await?;
    let known: Vec<String> =
        snapshot.under(shelf.prefix()).map(|(name, _)| R::What::shown(name)).collect();
    Err(error::registration::not_registered::<R::What>(&id, &known, R::NAMED_BY))
}
