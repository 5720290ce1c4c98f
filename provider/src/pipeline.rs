//! A configured provider: what all resources and data sources of one process share.
//!
//! The repository is opened and the remote listed once, beginning as soon as the provider is
//! configured. Nothing is decided here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use pipeline_aws::Connection;
use pipeline_aws::s3::Storage;
use pipeline_core::Timestamp;
use pipeline_core::approval::Reviewed;
use pipeline_core::deployment::deployer::Handover;
use pipeline_core::git::{Interruption, Observer, Repository, Snapshot};
use pipeline_core::ledger::Ledger;
use pipeline_core::policy::Arrival;
use pipeline_core::run::{PipelineRun, RunKey};
use pipeline_core::tag::Announced;
use pipeline_core::tag::releases::Releases;
use pipeline_core::{
    BucketName, Environment, EnvironmentName, InfrastructureId, InfrastructureResource, Override,
    TagName,
};
use tfplugin::{Diagnostic, Diagnostics, Path, Stop};
use tokio::sync::OnceCell;

use crate::config::{ArchiveChoice, Config, Settings, Unknown};
use crate::error;
use crate::foreseen::Foreseen;
use crate::session::Session;

/// What `configure` made.
pub struct Pipeline {
    settings: Result<Settings, Unknown>,
    observer: Observer,
    interruption: Interruption,
    repository: OnceCell<Repository>,
    ledger: OnceCell<Ledger<Repository>>,
    compared: OnceCell<()>,
    agreed: OnceCell<()>,
    aws: Option<Arc<Connection>>,
    storage: OnceCell<Storage>,
    planned: Mutex<Planned>,
    foreseen: OnceLock<Foreseen>,
    claiming: tokio::sync::Mutex<()>,
    handover: Handover,
}

/// What the repository says at one moment.
pub struct Truth {
    /// Branches, tags and records.
    pub snapshot: Arc<Snapshot>,
    /// What the tags mean.
    pub releases: Arc<Releases>,
}

/// What other resources of the same walk will make: rules that ask whether a thing exists must not
/// refuse what the same apply is about to create.
#[derive(Default)]
pub struct Planned {
    /// Tags, and the commits they will point at.
    pub tags: Announced,
    /// Tags that were found in the state.
    pub known_tags: BTreeSet<TagName>,
    /// Environments that will be registered.
    pub environments: BTreeMap<EnvironmentName, Environment>,
    /// What will be deployed.
    pub deployments: Vec<Arrival>,
    /// Infrastructure resources that will be recorded.
    pub infrastructure: BTreeMap<InfrastructureId, InfrastructureResource>,
    /// Runs of pipelines that will be recorded.
    pub runs: BTreeMap<RunKey, PipelineRun>,
    /// What people will have decided about versions, by commit.
    pub reviews: Vec<Reviewed>,
    /// When what is registered and in the state was written, by kind and key.
    pub in_state: BTreeMap<(&'static str, String), Timestamp>,
    /// What will be registered anew, by kind and key.
    pub registered: BTreeSet<(&'static str, String)>,
    /// Whether the secrets of all environments were looked at: once for each walk is enough.
    pub audited: bool,
    /// Buckets that were looked at, and for how many days they were to keep objects: once for each
    /// walk is enough.
    pub buckets: BTreeSet<(BucketName, u32)>,
}

impl Pipeline {
    /// A configured provider. `observer` is told of each run of git; `stop` ends what git is asked for a word.
    #[must_use]
    pub fn new(settings: Result<Settings, Unknown>, observer: Observer, stop: &Stop) -> Self {
        let aws = settings.as_ref().ok().and_then(|known| known.aws.clone());
        Self {
            settings,
            observer,
            interruption: interruption(stop),
            repository: OnceCell::new(),
            ledger: OnceCell::new(),
            compared: OnceCell::new(),
            agreed: OnceCell::new(),
            aws: aws.map(|aws| Arc::new(Connection::new(aws))),
            storage: OnceCell::new(),
            planned: Mutex::default(),
            foreseen: OnceLock::new(),
            claiming: tokio::sync::Mutex::default(),
            handover: Handover::new(),
        }
    }

    /// Opens the repository and begins to list its truth, while the host is still busy with its graph:
    /// the first resource then finds the answer there. What fails here is told by whoever needs it.
    pub fn begin(&self, stop: &Stop) {
        let Ok(settings) = &self.settings else { return };
        let Ok(repository) = self.open_repository(settings) else { return };
        let (listing, stop) = (repository.clone(), stop.clone());
        if self.repository.set(repository).is_ok() {
            tokio::spawn(async move { stop.unless(listing.snapshot()).await.map(drop) });
        }
    }

    /// The settings and the repository; `None` while the configuration is not known: a plan then says
    /// nothing, and the apply checks.
    ///
    /// # Errors
    /// Where the repository cannot be opened.
    pub async fn open_for_plan(&self) -> Result<Option<Session<'_>>, Diagnostics> {
        // On the heap: the compiler lays out futures within futures only so deep.
        if self.settings.is_ok() { Box::pin(self.open()).await.map(Some) } else { Ok(None) }
    }

    /// The settings and the repository.
    ///
    /// # Errors
    /// Where the configuration is not known yet, or the repository cannot be opened.
    pub async fn open(&self) -> Result<Session<'_>, Diagnostics> {
        let settings = self.settings.as_ref().map_err(unknown_configuration)?;
        let opening = || async { self.open_repository(settings) };
        let repository = self.repository.get_or_try_init(opening).await?;
        let ledger = || async { Ledger::new(repository.clone()) };
        let ledger = self.ledger.get_or_init(ledger).await;
        let session = Session::new(settings, repository, ledger, self);
        self.compared.get_or_try_init(|| session.compare_settings()).await?;
        Ok(session)
    }

    fn open_repository(&self, settings: &Settings) -> Result<Repository, Diagnostics> {
        let git = pipeline_core::git::Settings {
            ledger_prefix: settings.ledger_ref_prefix.clone(),
            cache_dir: Some(settings.cache.clone()),
            observer: self.observer.clone(),
            interruption: self.interruption.clone(),
            configuration: settings.surroundings.configuration(),
            ..Default::default()
        };
        Repository::open(settings.repository.as_deref(), settings.remote.as_deref(), git)
            .map_err(|error| error::git(&error, &Path::root()))
    }

    /// The one connection to AWS; `None` while the provider block's `aws` is not known.
    pub(crate) fn aws(&self) -> Option<Arc<Connection>> {
        self.aws.clone()
    }

    /// The regions that the provider block adds to the known ones.
    ///
    /// # Errors
    /// While the provider block is not known.
    pub fn extra_regions(&self) -> Result<&[String], Diagnostics> {
        let settings = self.settings.as_ref().map_err(unknown_configuration)?;
        Ok(&settings.extra_regions)
    }

    /// The one connection to AWS, for what needs no repository.
    ///
    /// # Errors
    /// While the provider block is not known, or its `aws`.
    pub fn known_aws(&self) -> Result<Arc<Connection>, Diagnostics> {
        self.settings.as_ref().map_err(unknown_configuration)?;
        self.aws().ok_or_else(unknown_aws)
    }

    /// S3 over that connection; `None` while the provider block's `aws` is not known.
    pub(crate) async fn storage(&self) -> Option<Storage> {
        let aws = self.aws.as_ref()?;
        let made = self.storage.get_or_init(async || Storage::new(aws.config().await)).await;
        Some(made.clone())
    }

    /// S3, for what cannot go on without it.
    ///
    /// # Errors
    /// While the provider block's `aws` is not known.
    pub(crate) async fn known_storage(&self) -> Result<Storage, Diagnostics> {
        self.storage().await.ok_or_else(unknown_aws)
    }

    /// What a person should know of the provider block, beyond what is wrong with it.
    pub(crate) async fn advice(&self) -> Diagnostics {
        let mut out = Diagnostics::new();
        out.extend(self.archive_advice().await);
        if self.settings.as_ref().is_ok_and(|known| known.authority.admin_override.is_some()) {
            out.extend(self.override_advice().await);
        }
        out
    }

    async fn archive_advice(&self) -> Option<Diagnostic> {
        let ArchiveChoice::Is(archive) = &self.settings.as_ref().ok()?.archive else { return None };
        archive.check(self.storage().await?).await
    }

    /// Whether somebody else than who acts answers for the override, where there is one that lasts.
    ///
    /// # Errors
    /// POL008 where they are one person.
    pub(crate) fn check_override(&self) -> Result<(), Diagnostics> {
        // What is not known or cannot be opened is told by whoever needs it.
        let (Ok(settings), Some(repository)) = (&self.settings, self.repository.get()) else {
            return Ok(());
        };
        let Some(by) = settings.override_now() else { return Ok(()) };
        by.check_approver(&settings.people(repository))
            .map_err(|own| error::violation_under(&own, &Path::from(Config::OVERRIDE)).into())
    }

    /// An override that has ended, or that changes what all configurations share.
    async fn override_advice(&self) -> Vec<Diagnostic> {
        // What cannot be opened is told by whoever needs it.
        let Ok(session) = self.open().await else { return Vec::new() };
        match &session.settings.authority.admin_override {
            Some(by) if session.admin_override().is_none() => vec![ended(by)],
            _ => session.lifted_settings().await,
        }
    }

    /// Whether this process made sure that its settings are those of all.
    pub(crate) const fn agreed(&self) -> &OnceCell<()> {
        &self.agreed
    }

    /// Says that the host has heard of everything that was written.
    pub(crate) fn settle(&self) {
        if let Some(repository) = self.repository.get() {
            repository.settle();
        }
    }

    /// The turn of one registration that claims something for good.
    pub(crate) async fn claiming(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.claiming.lock().await
    }

    /// What the deployments of this process share.
    pub(crate) fn handover(&self) -> Handover {
        self.handover.clone()
    }

    /// What earlier plans of this configuration foresaw in this repository.
    pub(crate) fn foreseen(&self, session: &Session<'_>) -> &Foreseen {
        let read = || {
            let configuration = session.settings.surroundings.configuration();
            let repository = session.repository.git_dir().display();
            Foreseen::of(&session.settings.cache, &format!("{configuration}\n{repository}"))
        };
        self.foreseen.get_or_init(read)
    }

    /// What other resources of this walk will make.
    pub(crate) fn planned(&self) -> MutexGuard<'_, Planned> {
        self.planned.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request of the host to stop, in the words of the domain.
pub(crate) fn interruption(stop: &Stop) -> Interruption {
    let (asked, awaited) = (stop.clone(), stop.clone());
    let wait = move || {
        let stop = awaited.clone();
        async move { stop.wait().await }
    };
    Interruption::by(move || asked.is_set(), wait)
}

fn unknown_configuration(unknown: &Unknown) -> Diagnostics {
    Diagnostic::error(
        Path::root(),
        "The provider block is not known yet",
        format!(
            "Found arguments of the provider block that are only known after apply: {unknown}; expected \
             values that are known when this is read. Next: apply what they depend on first, for example \
             with `-target`."
        ),
    )
    .into()
}

fn ended(by: &Override) -> Diagnostic {
    let end = by.end().map_or_else(String::new, |end| format!(" on {end}"));
    Diagnostic::warning(
        Path::from(Config::OVERRIDE).attribute("until"),
        "The override has ended",
        format!(
            "Found an override that ended{end}; expected one that still lasts. It lifts nothing. Next: remove \
             `override`, or set a later `until`."
        ),
    )
}

fn unknown_aws() -> Diagnostics {
    Diagnostic::error(
        Path::root(),
        "How AWS is reached is not known yet",
        "The provider block's `aws` depends on something that is only known after apply; expected \
         values that are known when this is read. Next: apply what they depend on first, for example \
         with `-target`.",
    )
    .into()
}
