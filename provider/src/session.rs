//! One operation's view of the configured provider: settings, repository, clock, who acts.
//!
//! It gathers facts and carries out transactions; what the facts mean is the domain's to say.

mod account;
mod storage;

use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use pipeline_aws::Connection;
use pipeline_core::KnownRegions;
use pipeline_core::approval::Reviewed;
use pipeline_core::base::actor::Author;
use pipeline_core::base::checked::Checked;
use pipeline_core::base::name::is_alike;
use pipeline_core::deployment::rules::{OnRecord, References};
use pipeline_core::deployment::survey::{self, Survey};
use pipeline_core::deployment::{History, Scope};
use pipeline_core::environment::{self, EnvironmentSurvey};
use pipeline_core::git::{Interruption, ObjectId, Repository, Signature, Snapshot};
use pipeline_core::ledger::{Ledger, Staged, Unreadable};
use pipeline_core::maintenance::{TaskId, TaskType};
use pipeline_core::pipeline::{PipelineError, commit};
use pipeline_core::policy::{self, Announced, Arrival, OrderSurvey};
use pipeline_core::queue::LockId;
use pipeline_core::run::{PipelineName, PipelineRun};
use pipeline_core::settings::{self, SettingsPlan};
use pipeline_core::tag::{self, TagPlan, TagRequest};
use pipeline_core::{
    Actor, CommitSha, DeploymentId, DeploymentUuid, Environment, EnvironmentName,
    InfrastructureResource, Override, Tag, TagName, Timestamp, Version, Violations, WorkflowRunId,
};
use tfplugin::{Diagnostic, Diagnostics, Path, Stop, Stopped};

use crate::config::Settings;
use crate::error::{self, Blame as _};
use crate::pipeline::{Pipeline, Truth, interruption};

/// The settings and the open repository: what an operation works with.
#[derive(Clone, Copy)]
pub struct Session<'a> {
    /// Of the provider block and the machine.
    pub settings: &'a Settings,
    /// Open, and shared.
    pub repository: &'a Repository,
    /// Its records, of which none is read twice.
    ledger: &'a Ledger<Repository>,
    /// What all operations of this process share.
    pub pipeline: &'a Pipeline,
}

impl<'a> Session<'a> {
    pub(crate) const fn new(
        settings: &'a Settings,
        repository: &'a Repository,
        ledger: &'a Ledger<Repository>,
        pipeline: &'a Pipeline,
    ) -> Self {
        Self { settings, repository, ledger, pipeline }
    }
}

impl Session<'_> {
    /// The refs of the truth: listed once, kept up to date by this process's own writes.
    ///
    /// # Errors
    /// When the remote cannot be listed.
    pub async fn snapshot(&self) -> Result<Arc<Snapshot>, Diagnostics> {
        self.repository.snapshot().await.blame(Path::root())
    }

    /// The refs of the truth and what the tags mean.
    ///
    /// # Errors
    /// When the remote cannot be listed.
    pub async fn truth(&self) -> Result<Truth, Diagnostics> {
        let snapshot = self.snapshot().await?;
        let releases = self.ledger.releases_of(&snapshot, &self.settings.grammar);
        Ok(Truth { snapshot, releases })
    }

    /// What a tag name means under the provider's settings.
    ///
    /// # Errors
    /// TAG001 to TAG003, blamed on `path`.
    pub fn tag(&self, name: &TagName, path: impl Into<Path>) -> Result<Tag, Diagnostics> {
        let parsed = self.settings.grammar.parse(name.as_str());
        parsed.blame(path)
    }

    /// Commits what was staged: whole or not at all. The first of this process sees to it that all
    /// configurations agree (OWN043); the answer is a warning where the remote does not take that.
    ///
    /// # Errors
    /// When a race is lost, the remote refuses, or cannot be reached.
    pub async fn commit(&self, staged: Staged) -> Result<Option<Diagnostic>, Diagnostics> {
        self.commit_heeding(staged, &Interruption::never()).await
    }

    /// As [`Session::commit`], unless a request to stop comes before anything is on its way.
    ///
    /// # Errors
    /// As there, and where it does.
    pub async fn commit_unless(
        &self,
        staged: Staged,
        stop: &Stop,
    ) -> Result<Option<Diagnostic>, Diagnostics> {
        self.commit_heeding(staged, &interruption(stop)).await
    }

    async fn commit_heeding(
        &self,
        staged: Staged,
        interruption: &Interruption,
    ) -> Result<Option<Diagnostic>, Diagnostics> {
        if staged.is_empty() {
            return Ok(None);
        }
        let (mut waiting, mut warning) = (Some(staged), None);
        let is_ours = AtomicBool::new(false);
        let first = async || {
            is_ours.store(true, Ordering::Relaxed);
            if let Some(staged) = waiting.take() {
                warning = self.commit_first(staged, interruption).await?;
            }
            Ok::<_, Diagnostics>(())
        };
        {
            let mut agreed = pin!(self.pipeline.agreed().get_or_try_init(first));
            tokio::select! {
                biased;
                done = &mut agreed => done?,
                () = interruption.wait() => {
                    if !is_ours.load(Ordering::Relaxed) {
                        return Err(Stopped.into());
                    }
                    agreed.await?
                }
            };
        }
        let Some(staged) = waiting else { return Ok(warning) };
        let done = self.ledger.commit_unless(staged, interruption).await;
        done.map(|()| None).blame(Path::root())
    }

    /// The override of the provider block, where it has not ended.
    #[must_use]
    pub fn admin_override(&self) -> Option<&Override> {
        self.settings.override_now()
    }

    /// Whether this configuration reads tags as all others of the repository do (OWN043), as far as that
    /// can be seen: a remote that is away is told by whoever needs it.
    ///
    /// # Errors
    /// Where it does not.
    pub async fn compare_settings(&self) -> Result<(), Diagnostics> {
        let Some(plan) = self.settings_plan().await else { return Ok(()) };
        plan.check().map(drop).blame(Path::root())
    }

    /// What the override changes for all configurations, as warnings.
    pub async fn lifted_settings(&self) -> Vec<Diagnostic> {
        let lifted = self.settings_plan().await.map(|plan| plan.lifted()).unwrap_or_default();
        let by = self.admin_override();
        lifted.iter().zip(by.into_iter().cycle()).map(|(it, by)| error::lifted(it, by)).collect()
    }

    async fn settings_plan(&self) -> Option<SettingsPlan<'_>> {
        let found = settings::survey(self.ledger, (&self.settings.grammar).into()).await;
        Some(settings::plan(found.ok()?, self.admin_override()))
    }

    async fn commit_first(
        &self,
        staged: Staged,
        interruption: &Interruption,
    ) -> Result<Option<Diagnostic>, Diagnostics> {
        let (grammar, by) = (&self.settings.grammar, self.admin_override());
        let done = commit(self.ledger, grammar, by, &self.author(), staged, interruption).await;
        let unregistered = done.map_err(|error| match error {
            PipelineError::Refused(found) => error::all(&found, &Path::root()),
            PipelineError::Ledger(error) => error::ledger(&error, &Path::root()),
            other => Diagnostic::error(
                Path::root(),
                "The settings of this repository cannot be registered",
                other.to_string(),
            )
            .into(),
        })?;
        Ok(unregistered.map(|it| {
            let summary = "The remote takes no refs of the ledger";
            Diagnostic::warning(Path::root(), summary, it.to_string())
        }))
    }

    /// Whether this clone wrote the object that a ref points at: an apply that was killed did.
    #[must_use]
    pub fn wrote(&self, object: ObjectId) -> bool {
        self.repository.wrote(object)
    }

    /// Records of this repository.
    #[must_use]
    pub fn ledger(&self) -> Ledger<Repository> {
        self.ledger.clone()
    }

    /// What is the case where a version runs, or is to run.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub async fn survey(&self, scope: Scope) -> Result<Survey, Diagnostics> {
        let found = survey::survey(self.ledger, &self.settings.grammar, scope).await;
        found.blame(Path::root())
    }

    /// The deployments to an environment, and the records that cannot be used.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn history(
        &self,
        environment: &EnvironmentName,
    ) -> Result<(History, Vec<Unreadable>), Diagnostics> {
        let found = survey::history(self.ledger, environment).await;
        found.blame(Path::root())
    }

    /// What would happen to a tag, with what this walk will make before it.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub async fn tag_plan(&self, request: TagRequest) -> Result<TagPlan<'_>, Diagnostics> {
        let announced = self.pipeline.planned().tags.clone();
        let (authority, now) = (&self.settings.authority, self.now());
        let found = tag::survey(self.repository, request, authority, &announced, now).await;
        found.map(tag::plan).blame(Path::root())
    }

    /// What a person should know of the branch that a revision names: a warning where it is not the
    /// remote's.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub async fn local_branch(
        &self,
        revision: &str,
        path: impl Into<Path>,
    ) -> Result<Option<Diagnostic>, Diagnostics> {
        let path = path.into();
        let found = self.repository.local_branch(revision).await.blame(path.clone())?;
        Ok(found.map(|branch| error::revision::local_branch(&branch, path)))
    }

    /// Notes that the state has a tag: one that is then planned as new is to be replaced by itself.
    pub fn note_known_tag(&self, name: &TagName) {
        self.pipeline.planned().known_tags.insert(name.clone());
    }

    /// Whether this walk found a tag in the state.
    #[must_use]
    pub fn knows_tag(&self, name: &TagName) -> bool {
        self.pipeline.planned().known_tags.contains(name)
    }

    /// Notes that this walk will make a tag.
    ///
    /// # Errors
    /// TAG013 where it will make another one beside which git has no room for this one.
    pub fn announce_tag(&self, plan: &Checked<TagPlan<'_>>) -> Result<(), Diagnostics> {
        self.pipeline.planned().tags.note(plan).map_err(|broken| vec![broken]).blame(Path::root())
    }

    /// A new tag comes to the commit that the plan said. The host alone knows which one that was, and does not
    /// tell who is at fault where a branch moved since.
    ///
    /// # Errors
    /// TAG010 where this is the apply of a plan with another commit.
    pub fn check_foreseen(
        &self,
        tag: &TagName,
        revision: &str,
        commit: CommitSha,
        path: impl Into<Path>,
    ) -> Result<(), Diagnostics> {
        let foreseen = self.pipeline.foreseen(self);
        match foreseen.other(tag, commit, self.now().unix_seconds()) {
            Some(planned) => {
                Err(error::tag::led_elsewhere(tag, revision, (planned, commit), path).into())
            }
            None => Ok(()),
        }
    }

    /// Says that a new tag was made.
    pub fn foreseen_made(&self, tag: &TagName) {
        self.pipeline.foreseen(self).made(tag, self.now().unix_seconds());
    }

    /// Where a tag will point that this walk will make.
    #[must_use]
    pub fn planned_tag(&self, name: &str) -> Option<CommitSha> {
        self.pipeline.planned().tags.get(&name.parse().ok()?)
    }

    /// What the repository holds of an environment at one commit.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub async fn survey_environment(
        &self,
        environment: Environment,
        commit: CommitSha,
    ) -> Result<EnvironmentSurvey, Diagnostics> {
        let known = self.known_regions();
        let planned = self.announced().environments;
        let found = environment::survey(self.ledger, environment, commit, known, &planned).await;
        found.blame(Path::root())
    }

    /// Notes that this walk will register an environment.
    pub fn plan_environment(&self, environment: Environment) {
        self.pipeline.planned().environments.insert(environment.name.clone(), environment);
    }

    /// An environment that this walk will register.
    #[must_use]
    pub fn planned_environment(&self, name: &EnvironmentName) -> Option<Environment> {
        self.pipeline.planned().environments.get(name).cloned()
    }

    /// Says that this walk will deploy a version.
    pub fn plan_deployment(&self, arrival: Arrival) {
        self.pipeline.planned().deployments.push(arrival);
    }

    /// The environments that this walk will register, and what it will deploy.
    #[must_use]
    pub fn announced(&self) -> Announced {
        let planned = self.pipeline.planned();
        let environments = planned.environments.values().cloned().collect();
        Announced { environments, deployments: planned.deployments.clone() }
    }

    /// What happened in the environments that come before.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn order(
        &self,
        survey: &Survey,
        version: &Version,
    ) -> Result<OrderSurvey, Diagnostics> {
        let (grammar, announced) = (&self.settings.grammar, self.announced());
        let found = policy::survey(self.ledger, grammar, survey, version, &announced).await;
        found.blame(Path::root())
    }

    /// Says that an infrastructure resource will be recorded.
    pub fn plan_infrastructure(&self, resource: InfrastructureResource) {
        self.pipeline.planned().infrastructure.insert(resource.id.clone(), resource);
    }

    /// The infrastructure resources that this walk will record.
    #[must_use]
    pub fn planned_infrastructure(&self) -> Vec<InfrastructureResource> {
        self.pipeline.planned().infrastructure.values().cloned().collect()
    }

    /// Says that this walk will register something anew; `false`: another resource does so already.
    pub fn announce(&self, kind: &'static str, key: String) -> bool {
        self.pipeline.planned().registered.insert((kind, key))
    }

    /// Says that a run will be recorded.
    pub fn plan_run(&self, run: PipelineRun) {
        self.pipeline.planned().runs.insert(run.key(), run);
    }

    /// The runs of a pipeline that this walk will record, whatever the case of its name.
    #[must_use]
    pub fn planned_runs(&self, name: &PipelineName) -> Vec<PipelineRun> {
        let planned = self.pipeline.planned();
        planned
            .runs
            .values()
            .filter(|run| is_alike(run.name.as_str(), name.as_str()))
            .cloned()
            .collect()
    }

    /// Notes that the state has a registration, which was written then.
    pub fn note_registration(&self, kind: &'static str, key: String, written_at: Timestamp) {
        self.pipeline.planned().in_state.insert((kind, key), written_at);
    }

    /// When a registration was written that this walk found in the state.
    #[must_use]
    pub fn registration_in_state(&self, kind: &'static str, key: String) -> Option<Timestamp> {
        self.pipeline.planned().in_state.get(&(kind, key)).copied()
    }

    /// Says that a review will be recorded.
    pub fn plan_review(&self, review: Reviewed) {
        self.pipeline.planned().reviews.push(review);
    }

    /// The reviews of versions for an environment that this walk will record.
    #[must_use]
    pub fn planned_reviews(&self, environment: &EnvironmentName) -> Vec<Reviewed> {
        let of_it = |it: &&Reviewed| it.review.environment == *environment;
        self.pipeline.planned().reviews.iter().filter(of_it).cloned().collect()
    }

    /// Which of the records that a deployment names this walk will make.
    #[must_use]
    pub fn planned_records(&self, named: References<'_>) -> OnRecord {
        let planned = self.pipeline.planned();
        OnRecord {
            infrastructure: named
                .infrastructure
                .is_some_and(|id| planned.infrastructure.contains_key(id)),
            pipeline_run: named.pipeline_run.is_some_and(|key| planned.runs.contains_key(key)),
            // Nobody knows the ID of a deployment before it is made.
            fixes: None,
        }
    }

    /// Whether nobody looked at the secrets of all environments yet in this walk.
    #[must_use]
    pub fn is_first_audit(&self) -> bool {
        !std::mem::replace(&mut self.pipeline.planned().audited, true)
    }

    /// The regions of the clouds, and those that the provider block adds.
    #[must_use]
    pub fn known_regions(&self) -> KnownRegions {
        KnownRegions::with_extra(self.settings.extra_regions.iter().cloned())
    }

    /// AWS, connected when it is first asked. `None` while the provider block's `aws` is not known:
    /// a plan then says nothing of AWS, and the apply checks again.
    #[must_use]
    pub fn aws(&self) -> Option<Arc<Connection>> {
        self.pipeline.aws()
    }

    /// AWS, for what cannot go on without it.
    ///
    /// # Errors
    /// While the provider block's `aws` is not known.
    pub fn known_aws(&self) -> Result<Arc<Connection>, Diagnostics> {
        self.pipeline.known_aws()
    }

    /// New IDs for a deployment that is asked for now.
    ///
    /// # Errors
    /// When the clock is outside the calendar.
    pub fn new_deployment_id(&self) -> Result<(DeploymentId, DeploymentUuid), Violations> {
        let (random, now) =
            (self.settings.surroundings.random(), self.settings.surroundings.instant());
        Ok((DeploymentId::draw(now, random)?, DeploymentUuid::from_random(random)))
    }

    /// A new ID for a lock that is opened now.
    ///
    /// # Errors
    /// When the clock is outside the calendar.
    pub fn new_lock_id(&self) -> Result<LockId, Violations> {
        LockId::draw(self.settings.surroundings.instant(), self.settings.surroundings.random())
    }

    /// A new ID for a maintenance task that begins now.
    ///
    /// # Errors
    /// When the clock is outside the calendar.
    pub fn new_task_id(&self, task_type: TaskType) -> Result<TaskId, Violations> {
        let surroundings = &self.settings.surroundings;
        TaskId::draw(task_type, surroundings.instant(), surroundings.random())
    }

    /// The run of GitHub Actions that this is part of.
    #[must_use]
    pub fn workflow_run(&self) -> Option<WorkflowRunId> {
        self.settings.surroundings.variable("GITHUB_RUN_ID").and_then(|run| run.parse().ok())
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.settings.surroundings.now()
    }

    /// Who acts: by configuration, by CI, by git.
    #[must_use]
    pub fn actor(&self) -> Actor {
        let by_git = || self.repository.user().0.and_then(|name| name.parse().ok());
        self.settings.actor.clone().or_else(by_git).unwrap_or_else(Actor::unknown)
    }

    /// What whoever runs this is called by GitHub Actions.
    #[must_use]
    pub fn other_names(&self) -> Vec<Actor> {
        self.settings.surroundings.people()
    }

    /// Who acts now.
    #[must_use]
    pub fn author(&self) -> Author {
        let email = self.repository.user().1.unwrap_or_default();
        Author { actor: self.actor(), email, at: self.now() }
    }

    /// Where commands run. Elsewhere they would change the files of somebody else.
    ///
    /// # Errors
    /// There is no checkout.
    pub fn checkout(&self) -> Result<PathBuf, Diagnostics> {
        self.repository.work_tree().ok_or_else(|| {
            let detail = "Found a repository without a checkout, such as a bare one or a URL; expected a clone in \
                          which the command can run. Next: set the provider's `repository` to the folder of a clone.";
            Diagnostic::error(Path::root(), "There is no checkout to run the command in", detail).into()
        })
    }

    /// Who acts, for a tag or record made now.
    #[must_use]
    pub fn signature(&self) -> Signature {
        Signature::from(&self.author())
    }
}
