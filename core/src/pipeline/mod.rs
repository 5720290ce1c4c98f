//! A repository and who works on it: what a script wants, in a few calls, each of which asks the rules
//! first.
//!
//! The only place in this library that looks by itself at the clock and at the variables of the process;
//! every part of it can be had with values passed in, in the rooms of the nouns.

mod agree;
mod deploy;
mod not_deployed;

use std::fmt;
use std::sync::Arc;

use thiserror::Error;

pub use agree::{Unregistered, commit};
pub use not_deployed::NotDeployed;

use crate::artifact::{ArtifactPlace, ObjectStore, Recording};
use crate::base::actor::Author;
use crate::base::authority::Authority;
use crate::base::ci;
use crate::deployment::deployer::Handover;
use crate::deployment::engine::{Refusal, Verdict};
use crate::environment::{Environment, EnvironmentRecord};
use crate::git::{GitError, Interruption, Repository, Settings};
use crate::ledger::{Ledger, LedgerError, Staged};
use crate::registration::{self, RegistrationRefused};
use crate::tag::releases::{Release, Releases};
use crate::tag::{Announced, StagedTag, TagRequest};
use crate::{
    Actor, CommitSha, EnvironmentName, KnownRegions, Override, SubProjectPath, Tag, TagGrammar,
    Timestamp, VersionConstraint, Violation, Violations, artifact, environment, tag,
};

/// A repository, and who works on it.
#[derive(Debug, Clone)]
pub struct Pipeline {
    ledger: Ledger<Repository>,
    grammar: TagGrammar,
    known_regions: KnownRegions,
    authority: Authority,
    actor: Option<Actor>,
    handover: Handover,
}

/// A tag that was made or moved.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tagged {
    /// The tag.
    pub tag: Tag,
    /// Where it stands.
    pub commit: CommitSha,
    /// Since when.
    pub at: Timestamp,
    /// What could not be registered beside it, and why.
    pub unregistered: Option<Unregistered>,
}

/// Why something did not happen. Where it is not said to be in doubt, nothing was changed.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum PipelineError {
    /// The repository cannot be read.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The ledger cannot be read, or the change was not committed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A value is not valid.
    #[error("{0}")]
    Invalid(#[from] Violations),
    /// Rules forbid it.
    #[error("{}", lines(.0))]
    Refused(Vec<Violation>),
    /// Somebody else changed the registration of the environment at the same time.
    #[error("somebody else changed the registration of `{0}` at the same time; try again")]
    Displaced(EnvironmentName),
    /// The deployment was no success.
    #[error(transparent)]
    NotDeployed(Box<NotDeployed>),
    /// The store of artifacts cannot be asked.
    #[error("the store of artifacts cannot be asked: {0}")]
    Store(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// There is no such tag.
    #[error("there is no tag `{0}`")]
    NoTag(Tag),
}

impl From<Box<NotDeployed>> for PipelineError {
    fn from(why: Box<NotDeployed>) -> Self {
        match why.verdict {
            Verdict::Refused(Refusal::Forbidden(faults)) => Self::Refused(faults),
            _ => Self::NotDeployed(why),
        }
    }
}

fn lines(told: &[impl fmt::Display]) -> String {
    told.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

impl Pipeline {
    /// Opens a repository: a path in a clone or of a bare repository, or a URL. Where it has a remote
    /// `origin`, that holds the truth.
    ///
    /// # Errors
    /// When there is none, or it cannot be used.
    pub fn open(location: &str) -> Result<Self, PipelineError> {
        let here = std::env::current_dir().unwrap_or_default();
        let configuration = here.to_string_lossy().into_owned();
        let settings = Settings { configuration, ..Settings::default() };
        Ok(Self::over(Repository::open(Some(location), None, settings)?))
    }

    /// Works on a repository that is open already.
    #[must_use]
    pub fn over(repository: Repository) -> Self {
        let in_ci = ci::is_ci(|name| std::env::var(name).ok());
        Self {
            ledger: Ledger::new(repository),
            grammar: TagGrammar::default(),
            known_regions: KnownRegions::default(),
            authority: Authority { in_ci, ..Authority::default() },
            actor: None,
            handover: Handover::default(),
        }
    }

    /// With another reading of tag names.
    #[must_use]
    pub fn with_grammar(self, grammar: TagGrammar) -> Self {
        Self { grammar, ..self }
    }

    /// As somebody else than git's own user.
    #[must_use]
    pub fn acting_as(self, actor: Actor) -> Self {
        Self { actor: Some(actor), ..self }
    }

    /// As a CI job or not, where the variables of this process do not tell.
    #[must_use]
    pub const fn in_ci(mut self, in_ci: bool) -> Self {
        self.authority.in_ci = in_ci;
        self
    }

    /// With an override of rules. Each use of it is recorded in the audit log.
    #[must_use]
    pub fn overriding(mut self, admin_override: Override) -> Self {
        self.authority.admin_override = Some(admin_override);
        self
    }

    /// The ledger, and over it the repository.
    #[must_use]
    pub const fn ledger(&self) -> &Ledger<Repository> {
        &self.ledger
    }

    /// All versions, their states, and where environments point.
    ///
    /// # Errors
    /// When the refs cannot be listed.
    pub async fn releases(&self) -> Result<Arc<Releases>, PipelineError> {
        self.compare().await?;
        Ok(self.ledger.releases(&self.grammar).await?)
    }

    /// The highest version of a sub-project that satisfies a constraint, or any where there is none.
    ///
    /// # Errors
    /// When the refs cannot be listed.
    pub async fn newest(
        &self,
        project: &SubProjectPath,
        constraint: Option<&VersionConstraint>,
    ) -> Result<Option<Release>, PipelineError> {
        let releases = self.releases().await?;
        let fits = |release: &&Release| constraint.is_none_or(|it| it.matches(&release.version));
        Ok(releases.of(project).rev().find(fits).cloned())
    }

    /// Makes a tag: of a version, of a state of one, or of an environment.
    ///
    /// # Errors
    /// When rules forbid it, as where there is one already.
    pub async fn tag(&self, name: &str, revision: &str) -> Result<Tagged, PipelineError> {
        let tag = self.grammar.parse(name)?;
        let commit = self.ledger.store().resolve(revision).await?;
        let (at, unregistered) = self.change_tag(TagRequest::create(tag.clone(), commit)).await?;
        Ok(Tagged { tag, commit, at, unregistered })
    }

    /// Moves a tag from where it stands now. Only tags of environments may move.
    ///
    /// # Errors
    /// When there is none, or rules forbid it.
    pub async fn move_tag(&self, name: &str, revision: &str) -> Result<Tagged, PipelineError> {
        let tag = self.grammar.parse(name)?;
        let commit = self.ledger.store().resolve(revision).await?;
        let seen = Some(self.standing(&tag).await?);
        let to = Some(commit);
        let request = TagRequest {
            tag: tag.clone(),
            seen,
            to,
            rewrites: false,
            message: None,
            replaces: false,
        };
        let (at, unregistered) = self.change_tag(request).await?;
        Ok(Tagged { tag, commit, at, unregistered })
    }

    /// Deletes a tag. Only tags of environments may be deleted.
    ///
    /// # Errors
    /// When there is none, or rules forbid it.
    pub async fn delete_tag(&self, name: &str) -> Result<(), PipelineError> {
        let tag = self.grammar.parse(name)?;
        let seen = self.standing(&tag).await?;
        self.change_tag(TagRequest::delete(tag, seen)).await.map(drop)
    }

    /// Registers an environment as it is at a revision, or at the head of the default branch; changes the
    /// registration where there is one.
    ///
    /// # Errors
    /// When rules forbid it, or somebody else registers it at the same time.
    pub async fn register(
        &self,
        environment: Environment,
        revision: Option<&str>,
    ) -> Result<EnvironmentRecord, PipelineError> {
        self.compare().await?;
        let repository = self.ledger.store();
        let commit = environment::commit_to_look_at(repository, revision).await?;
        let name = environment.name.clone();
        let seen = environment::registered(&self.ledger, &name).await?;
        let seen = seen.map(|entry| entry.record.written_at());
        let known = self.known_regions.clone();
        let found = environment::survey(&self.ledger, environment, commit, known, &[]).await?;
        let checked = registration::plan(found, seen).check().map_err(|why| match why {
            RegistrationRefused::Violations(found) => PipelineError::Refused(found),
            RegistrationRefused::Displaced { .. } => PipelineError::Displaced(name),
        })?;
        let staged = checked.stage(&self.ledger, &self.author())?;
        self.commit(staged.staged).await?;
        Ok(staged.record)
    }

    /// An environment as it is registered; `None`: it is not.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn environment(
        &self,
        name: &EnvironmentName,
    ) -> Result<Option<EnvironmentRecord>, PipelineError> {
        self.compare().await?;
        Ok(environment::registered(&self.ledger, name).await?.map(|entry| entry.record))
    }

    /// Records an artifact that the store holds.
    ///
    /// # Errors
    /// When the store cannot be asked or holds other bytes than were meant, or the ledger knows others of
    /// this place.
    pub async fn record_artifact<O>(
        &self,
        store: &O,
        place: &ArtifactPlace,
        recording: Recording,
    ) -> Result<(), PipelineError>
    where
        O: ObjectStore<Error: std::error::Error + Send + Sync + 'static>,
    {
        self.compare().await?;
        let found = artifact::survey(&self.ledger, place).await?.ask(store).await;
        let found = found.map_err(|error| PipelineError::Store(Arc::new(error)))?;
        let checked = artifact::plan(found, recording).check().map_err(PipelineError::Refused)?;
        self.commit(checked.stage(&self.ledger, &self.author())?).await.map(drop)
    }

    async fn change_tag(
        &self,
        request: TagRequest,
    ) -> Result<(Timestamp, Option<Unregistered>), PipelineError> {
        self.compare().await?;
        let (repository, nothing) = (self.ledger.store(), Announced::default());
        let now = self.author().at;
        let found = tag::survey(repository, request, &self.authority, &nothing, now).await?;
        let checked = tag::plan(found).check().map_err(PipelineError::Refused)?;
        let StagedTag { staged, at } = checked.stage(&self.ledger, &self.author()).await?;
        Ok((at, self.commit(staged).await?))
    }

    /// Whether somebody else answers for the override, where there is one that lasts.
    fn check_override(&self) -> Result<(), PipelineError> {
        let Author { actor, at, .. } = self.author();
        let Some(by) = self.authority.override_at(at) else { return Ok(()) };
        let names = crate::deployment::survey::names(&self.ledger, &[actor]);
        by.check_approver(&names).map_err(|own| PipelineError::Refused(vec![own]))
    }

    /// Whether others of the repository read tags as this one does, before anything is made of them.
    async fn compare(&self) -> Result<(), PipelineError> {
        self.check_override()?;
        let admin_override = self.authority.override_at(self.author().at);
        agree::compare(&self.ledger, &self.grammar, admin_override).await
    }

    async fn commit(&self, staged: Staged) -> Result<Option<Unregistered>, PipelineError> {
        let author = self.author();
        let admin_override = self.authority.override_at(author.at);
        let (ledger, never) = (&self.ledger, Interruption::never());
        let done = commit(ledger, &self.grammar, admin_override, &author, staged, &never).await?;
        self.ledger.store().settle();
        Ok(done)
    }

    async fn standing(&self, tag: &Tag) -> Result<CommitSha, PipelineError> {
        let found = self.ledger.snapshot().await?.tag(tag.name().as_str());
        let found = found.ok_or_else(|| PipelineError::NoTag(tag.clone()))?;
        Ok(found.target().to_commit())
    }

    fn author(&self) -> Author {
        let (name, email) = self.ledger.store().user();
        let by_git = || name.and_then(|name| name.parse().ok());
        let actor = self.actor.clone().or_else(by_git).unwrap_or_else(Actor::unknown);
        let at = Timestamp::from_jiff(jiff::Timestamp::now());
        Author { actor, email: email.unwrap_or_default(), at }
    }
}
