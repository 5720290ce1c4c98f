//! `pipeline_deployment`: a version in an environment.
//!
//! Rules are `pipeline_core::deployment`'s, the order of steps its engine's; here facts are gathered, the
//! deployer is run and its report is told.

mod approval;
mod commands;
mod ecs;
mod ecs_task;
mod model;
mod plan;
mod stacks;

use std::time::Duration;

use pipeline_core::deployment::deployer::{Notice, OnBusy, Request};
use pipeline_core::deployment::survey::{self, PutBy, Survey};
use pipeline_core::deployment::{
    Deployment as Record, HealthCheckResult, Rollout, Running, Scope, TagPlace,
};
use pipeline_core::health::HealthCheck;
use pipeline_core::tag::releases::Releases;
use pipeline_core::{CommitSha, RuleId, Timestamp};
use tfplugin::{
    Change, Computed, Context, Diagnostic, Diagnostics, ImportKey, Path, Resource, Text,
};

use commands::Commands;
pub(crate) use ecs::EcsBlock;
pub use model::Deployment;
use model::{DeploymentDraft, HealthCheckBlock, OnBusyWord};

use crate::deploying;
use crate::error::{self, Blame as _};
use crate::pipeline::Pipeline;
use crate::session::Session;
use crate::telemetry;

/// The default of `wait_timeout`.
const LONGEST_WAIT: Duration = Duration::from_secs(30 * 60);

impl Resource for Deployment {
    const NAME: &'static str = "pipeline_deployment";
    /// Since 1 with the region.
    const IDENTITY_VERSION: i64 = 1;
    type Provider = Pipeline;

    fn validate(draft: &DeploymentDraft, out: &mut Diagnostics) {
        if let Some(block) = draft.ecs.known() {
            ecs::validate(block, out);
        }
        stacks::validate(draft, out);
        commands::validate(draft, out);
    }

    async fn plan(cx: &Context<Self>, change: &mut Change<Self>) -> Result<(), Diagnostics> {
        let Some(session) = cx.provider.open_for_plan().await? else { return Ok(()) };
        plan::write(&session, change).await
    }

    async fn create(self, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        Box::pin(self.deploy(None, cx)).await
    }

    async fn read(self, cx: &Context<Self>) -> Result<Option<Self>, Diagnostics> {
        let session = cx.provider.open().await?;
        let survey = session.survey(self.scope()).await?;
        match survey.running() {
            Some(runs) if self.runs(runs.commit) => self.rolled_over(cx, &session).await.map(Some),
            Some(runs) => self.drifted(cx, &session, &survey, runs).await.map(Some),
            None if survey.tag() == TagPlace::Missing => {
                cx.warn(error::drift::gone(&self));
                Ok(None)
            }
            None => self.rolled_over(cx, &session).await.map(Some),
        }
    }

    async fn update(self, prior: Self, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        if self.is_as(&prior) {
            return Ok(self);
        }
        Box::pin(self.deploy(Some(&prior), cx)).await
    }

    async fn forget(&self, _: &Context<Self>) -> Result<Option<Diagnostic>, Diagnostics> {
        Ok(Some(error::deployment::kept(self)))
    }

    async fn import(key: ImportKey<Self>, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        let session = cx.provider.open().await?;
        let survey = session.survey(imported(key)?).await?;
        survey
            .last_good()
            .map(Self::of)
            .ok_or_else(|| error::deployment::never_deployed(survey.scope()))
    }
}

impl Deployment {
    /// Where it runs.
    fn scope(&self) -> Scope {
        Scope {
            environment: self.environment.0.clone(),
            sub_project_path: self.version.sub_project_path().clone(),
            region: self.region.as_ref().map(|region| region.0.clone()),
        }
    }

    fn runs(&self, commit: CommitSha) -> bool {
        self.commit_sha.get().is_some_and(|own| own.0 == commit)
    }

    /// Whether the other is the same deployment, and only says something else about it.
    fn is_as(&self, prior: &Self) -> bool {
        let rolls = ecs::differs(self.ecs.as_ref(), prior.ecs.as_ref())
            || stacks::differs(self.stacks.as_deref(), prior.stacks.as_deref());
        self.version == prior.version
            && self.region == prior.region
            && self.commit_sha == prior.commit_sha
            && !rolls
    }

    /// The service as it is: with the image that somebody else rolled out, where somebody did.
    async fn rolled_over(
        self,
        cx: &Context<Self>,
        session: &Session<'_>,
    ) -> Result<Self, Diagnostics> {
        let (Some(block), Some(aws)) = (&self.ecs, session.aws()) else { return Ok(self) };
        let deployed = self.task_definition.get().and_then(Option::as_deref);
        let running = match block.target(aws).drift(deployed).await {
            Ok(None) => return Ok(self),
            Ok(Some(running)) => running,
            Err(reason) => {
                cx.warn(error::drift::not_compared(&reason));
                return Ok(self);
            }
        };
        cx.warn(error::drift::rolled_over(&self, block, &running));
        let image = running.image.as_deref().and_then(|image| image.parse().ok()).map(Text);
        let found = EcsBlock { image: image.unwrap_or(block.image.clone()), ..block.clone() };
        Ok(Self { ecs: Some(found), ..self })
    }

    /// Somebody else deployed: show what runs, who put it there and when.
    async fn drifted(
        self,
        cx: &Context<Self>,
        session: &Session<'_>,
        survey: &Survey,
        runs: &Running,
    ) -> Result<Self, Diagnostics> {
        let origin = survey::put_by(session.repository, survey).await.blame(Path::root())?;
        cx.warn(error::drift::warning(&self.environment, &self.version, runs, &origin));
        let version = runs.version.clone().map_or(self.version.clone(), Text);
        let told = match &origin {
            PutBy::Deployment(record) => self.told(record),
            PutBy::Hand(_) => self,
        };
        Ok(Self { version, commit_sha: Text(runs.commit).into(), ..told })
    }

    /// Deploys, and tells how it went.
    async fn deploy(self, prior: Option<&Self>, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        let session = cx.stop.unless(cx.provider.open()).await??;
        let mut request = cx.stop.unless(self.request(prior, &session)).await??;
        let commands = Commands::of(&self, &session)?;
        request.migrations = commands::migrations(commands.as_ref(), &self, &session)?;
        if let Some(commands) = &commands {
            request.tests = commands.tests(self.tests.as_ref());
            request.test_reports = commands.test_reports(self.tests.as_ref())?;
        }
        let tell = |notice: Notice| {
            if let Notice::OldReports { count } = notice {
                cx.warn(error::deployment::old_reports(count));
            }
            cx.log.info(&notice.to_string(), &[]);
        };
        let follow = |line: &str| cx.log.info(line, &[]);
        let began = telemetry::moment(&session);
        let report = match (&self.ecs, &self.stacks, &self.command) {
            (Some(block), ..) => {
                let target = block.target(session.known_aws()?);
                deploying::carry_out(&session, request, Some(&target), &cx.stop, &tell).await
            }
            (None, Some(blocks), _) => {
                let passed = commands::passed(&self, &session)?;
                let target = stacks::target(blocks, &session, &passed, &follow)?;
                deploying::carry_out(&session, request, Some(&target), &cx.stop, &tell).await
            }
            (None, None, block) => {
                let target = block.as_ref().zip(commands).map(|(block, it)| it.target(block));
                deploying::carry_out(&session, request, target.as_ref(), &cx.stop, &tell).await
            }
        };
        for warning in deploying::ended(&session, &report, began).await {
            cx.warn(warning);
        }
        match deploying::success(&report) {
            Some(record) => Ok(self.told(record)),
            None => Err(error::not_deployed(&report, &self.environment, Self::VERSION)),
        }
    }

    fn no_version(&self, releases: &Releases) -> Diagnostics {
        let (near, strange) = (releases.near(&self.version), releases.strange(&self.version));
        let missing = pipeline_core::deployment::rules::untagged(
            RuleId::DEP007,
            &self.version,
            near,
            strange,
        );
        error::violations_at(&missing.into(), Self::VERSION)
    }

    async fn request(
        &self,
        prior: Option<&Self>,
        session: &Session<'_>,
    ) -> Result<Request, Diagnostics> {
        let commit_sha = match self.commit_sha.get() {
            Some(commit) => commit.0,
            None => {
                let releases = session.truth().await?.releases;
                let found = releases.get(&self.version).map(|it| it.commit);
                found.ok_or_else(|| self.no_version(&releases))?
            }
        };
        let approval = self.approval.as_ref().map(|block| block.given(prior));
        let approvals = self.approvals.iter().flatten();
        let ids = session.new_deployment_id().blame(Path::root())?;
        let run = match self.workflow_run_id.get() {
            Some(given) => given.as_ref().map(|run| run.0),
            None => session.workflow_run(),
        };
        let (environment, version) = (self.environment.0.clone(), self.version.0.clone());
        let mut request = Request::new(ids, (version, commit_sha), environment, session.actor());
        request.region = self.region.as_ref().map(|region| region.0.clone());
        request.will_move_env_tag = self.will_move_env_tag;
        request.allow_downgrade = self.allow_downgrade;
        request.redeploy_after = self.redeploy_after.as_ref().map(|id| id.0.clone());
        request.also_known_as = session.other_names();
        request.approval = approval;
        request.approvals = approvals.map(|block| block.given(prior)).collect();
        request.workflow_run_id = run;
        request.infrastructure = self.infrastructure.as_ref().map(|id| id.0.clone());
        request.pipeline_run = self.pipeline_run.as_ref().map(|key| key.0.clone());
        request.reason = self.reason.clone();
        request.fixes = self.fixes.as_ref().map(|id| id.0.clone());
        request.public_url = self.public_url.as_ref().map(|url| url.0.clone());
        request.health_check = self.health_check.as_ref().map(HealthCheckBlock::check);
        request.on_busy = self.on_busy();
        request.wait_for = self.wait_for.iter().flatten().map(|it| it.0).collect();
        Ok(request)
    }

    fn on_busy(&self) -> OnBusy {
        match self.on_busy {
            OnBusyWord::Fail => OnBusy::Fail,
            OnBusyWord::Wait => OnBusy::Wait {
                at_most: self.wait_timeout.as_ref().map_or(LONGEST_WAIT, |span| span.duration()),
            },
        }
    }

    /// With what the record says.
    fn told(self, record: &Record) -> Self {
        let progress = &record.progress;
        let time = |at: Option<Timestamp>| at.map_or(Computed::Unknown, |at| Text(at).into());
        Self {
            workflow_run_id: record.workflow_run_id.map(Text).into(),
            sub_project_path: record.version.sub_project_path().to_string().into(),
            deployment_id: record.id.to_string().into(),
            uuid: record.uuid.to_string().into(),
            commit_sha: Text(record.commit_sha).into(),
            status: record.status().to_string().into(),
            triggered_by: record.triggered_by.to_string().into(),
            started_at: time(progress.started_at()),
            completed_at: time(progress.completed_at()),
            duration_seconds: record.duration_seconds().unwrap_or_default().into(),
            previous_version: record.previous_version.as_ref().map(ToString::to_string).into(),
            task_definition: record
                .rollout
                .as_ref()
                .and_then(Rollout::ecs)
                .and_then(|it| it.task_definition.clone())
                .into(),
            stack_outputs: stacks::outputs(record),
            health_check_status: record.health_check.map(|check| check.status().to_string()).into(),
            health_check_response_time_ms: response_time(record.health_check).into(),
            test_count: record.tests.map(|tests| tests.count()).into(),
            skipped_test_count: record.tests.map(|tests| tests.skipped).into(),
            ..self
        }
    }

    /// The resource that a record is the result of; its arguments as far as the record tells them.
    pub(crate) fn of(record: &Record) -> Self {
        let blank = Self::blank(record.environment.clone(), record.version.clone());
        Self {
            region: record.region.clone().map(Text),
            will_move_env_tag: record.will_move_env_tag,
            ecs: record.rollout.as_ref().and_then(Rollout::ecs).and_then(EcsBlock::of),
            infrastructure: record.infrastructure.clone().map(Text),
            pipeline_run: record.pipeline_run.clone().map(Text),
            reason: record.reason.clone(),
            fixes: record.fixes.clone().map(Text),
            public_url: record.public_url.clone().map(Text),
            ..blank
        }
        .told(record)
    }
}

impl HealthCheckBlock {
    pub(super) fn check(&self) -> HealthCheck {
        HealthCheck {
            url: self.url.0.clone(),
            expected_status: u16::try_from(self.expected_status).unwrap_or(200),
            expected_body: self.expected_body.as_ref().map(|pattern| pattern.0.clone()),
            interval: self.interval.duration().max(Duration::from_millis(10)),
            retries: self.retries.map(|retries| u32::try_from(retries).unwrap_or(u32::MAX)),
            attempt_timeout: self.attempt_timeout.duration(),
            timeout: self.timeout.duration(),
        }
    }
}

const fn response_time(check: Option<HealthCheckResult>) -> Option<u64> {
    match check {
        Some(HealthCheckResult::Passed { response_time_ms }) => response_time_ms,
        _ => None,
    }
}

fn imported(key: ImportKey<Deployment>) -> Result<Scope, Diagnostics> {
    let id = key.text(|it| {
        let environment = it.environment.known().map(ToString::to_string).unwrap_or_default();
        let project = it.sub_project_path.known().map_or("", String::as_str);
        let region = it.region.known().map(|region| format!("@{region}")).unwrap_or_default();
        format!("{environment}/{project}{region}")
    });
    // The path of a sub-project may have an `@` of its own.
    let regional = id.rsplit_once('@').and_then(|(place, it)| Some((place, it.parse().ok()?)));
    let (place, region) = regional.map_or((id.as_str(), None), |(place, it)| (place, Some(it)));
    let (environment, project) = place.split_once('/').unwrap_or((place, ""));
    Ok(Scope {
        environment: environment.parse().blame(Deployment::ENVIRONMENT)?,
        sub_project_path: project.parse().blame(Deployment::SUB_PROJECT_PATH)?,
        region,
    })
}
