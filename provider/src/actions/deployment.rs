//! A deployment that an action makes: by what records say, and by the functions of `pipeline_deployment`.

use std::time::Duration;

use pipeline_core::deployment::again::Again;
use pipeline_core::deployment::deployer::{Notice, OnBusy, Request};
use pipeline_core::deployment::rules::{Known, References};
use pipeline_core::deployment::survey::{Pending, Proposal, Survey};
use pipeline_core::deployment::{Rollout, Scope};
use pipeline_core::health::HealthCheck;
use pipeline_core::rollout::GitOnly;
use pipeline_core::{CommitSha, EnvironmentName, RegionName, SubProjectPath, Version};
use tfplugin::{Action, ActionContext, Attr, Diagnostic, Diagnostics, Path, Span, Text};

use crate::deploying::{self, Objected};
use crate::error::{self, Blame as _};
use crate::pipeline::Pipeline;
use crate::resources::deployment::EcsBlock;
use crate::session::Session;
use crate::telemetry;

/// How long it waits in the queue where nothing else is said.
const LONGEST_WAIT: Duration = Duration::from_secs(30 * 60);

/// What is to be deployed where, and how.
pub(super) struct Wanted {
    pub(super) version: Version,
    pub(super) commit_sha: CommitSha,
    /// What is there now.
    pub(super) survey: Survey,
    pub(super) again: Again,
    pub(super) allow_downgrade: bool,
}

/// What the configuration of an action says of how it deploys.
pub(super) struct How {
    pub(super) reason: Option<String>,
    pub(super) wait_timeout: Option<Text<Span>>,
    pub(super) timeout: Option<Text<Span>>,
    pub(super) poll_interval: Option<Text<Span>>,
    /// The attribute that names where it goes.
    pub(super) at: Attr,
}

/// A place where versions run, as an action names it.
pub(super) fn place(
    environment: &EnvironmentName,
    project: Option<&Text<SubProjectPath>>,
    region: Option<&Text<RegionName>>,
) -> Scope {
    Scope {
        environment: environment.clone(),
        sub_project_path: project.map_or_else(SubProjectPath::root, |path| path.0.clone()),
        region: region.map(|region| region.0.clone()),
    }
}

/// The version that the same walk deploys to a place before anybody invokes the action.
pub(super) fn arrival(session: &Session<'_>, at: &Scope) -> Option<Version> {
    let mut arrivals = session.announced().deployments.into_iter().rev();
    let found = arrivals.find(|it| {
        it.environment == at.environment
            && *it.version.sub_project_path() == at.sub_project_path
            && (it.region.is_none() || it.region == at.region)
    });
    found.map(|it| it.version)
}

/// Reports everything that forbids it.
///
/// # Errors
/// All of that.
pub(super) async fn check<A: Action<Provider = Pipeline>>(
    session: &Session<'_>,
    wanted: &Wanted,
    how: &How,
    cx: &ActionContext<A>,
) -> Result<(), Diagnostics> {
    let Wanted { version, survey, again, .. } = wanted;
    let environment = &survey.scope().environment;
    let references =
        References { infrastructure: again.infrastructure.as_ref(), ..References::default() };
    let pending = Pending {
        version_tag: session.planned_tag(&version.to_string()),
        environment: session.planned_environment(environment),
        on_record: session.planned_records(references),
        reviews: session.planned_reviews(environment),
    };
    let (actor, names) = (session.actor(), session.other_names());
    let order = session.order(survey, version).await?;
    let proposal = Proposal {
        version,
        triggered_by: &actor,
        also_known_as: &names,
        approval: Known::Is(None),
        approvals: Known::Is(Vec::new()),
        allow_downgrade: Known::Is(wanted.allow_downgrade),
        redeploy_after: Known::Is(None),
        moves_tag: again.will_move_env_tag,
        runs_tests: Known::Is(false),
        references,
        order: order.facts(),
        reason: how.reason.as_deref(),
        authority: &session.settings.authority,
    };
    let waits_for = Known::Is(Vec::new());
    let objected = deploying::objections(session, survey, &pending, proposal, waits_for).await?;
    let Objected { faults, warnings } = objected;
    warnings.into_iter().for_each(|warning| cx.warn(warning));
    if again.leaves_tests_out {
        cx.warn(no_tests(how.at));
    }
    let ready =
        wanted.health_check().map_or(Ok(()), |it| deploying::check_ready(&it, how.at.into()));
    let looked = Box::pin(look_at_ecs(session, wanted, how, &pending, cx)).await;
    let looked = Diagnostics::both(ready, looked);
    placed(Diagnostics::both(error::settle(&faults, |warning| cx.warn(warning)), looked), how.at)
}

/// What ECS says, where the version goes to a service of it.
async fn look_at_ecs<A: Action<Provider = Pipeline>>(
    session: &Session<'_>,
    wanted: &Wanted,
    how: &How,
    pending: &Pending,
    cx: &ActionContext<A>,
) -> Result<(), Diagnostics> {
    let Some(block) = wanted.block(how)? else { return Ok(()) };
    let Some(aws) = session.aws() else { return Ok(()) };
    let (survey, region) = (&wanted.survey, wanted.survey.scope().region.as_ref());
    let environment = survey.environment(pending);
    let (is_placed, warning) = deploying::is_placed(session, environment, region, how.at).await?;
    warning.into_iter().for_each(|warning| cx.warn(warning));
    if !is_placed {
        return Ok(());
    }
    let good = survey.last_good().and_then(|record| record.rollout.as_ref()).and_then(Rollout::ecs);
    match deploying::looked_at(&block.target(aws), good, how.at).await {
        Ok(faults) => error::settle(&faults, |warning| cx.warn(warning)),
        Err(warning) => {
            cx.warn(warning);
            Ok(())
        }
    }
}

/// Deploys, and tells how it goes on.
///
/// # Errors
/// Everything but a success.
pub(super) async fn deploy<A: Action<Provider = Pipeline>>(
    session: &Session<'_>,
    wanted: &Wanted,
    how: &How,
    cx: &ActionContext<A>,
) -> Result<(), Diagnostics> {
    let scope = wanted.survey.scope();
    let request = wanted.request(session, how)?;
    let tell = |notice: Notice| {
        cx.log.info(&notice.to_string(), &[]);
        cx.progress(notice.to_string());
    };
    let began = telemetry::moment(session);
    let report = match wanted.block(how)? {
        Some(block) => {
            let target = block.target(session.known_aws()?);
            deploying::carry_out(session, request, Some(&target), &cx.stop, &tell).await
        }
        None => deploying::carry_out(session, request, None::<&GitOnly>, &cx.stop, &tell).await,
    };
    for warning in deploying::ended(session, &report, began).await {
        cx.warn(warning);
    }
    let Some(record) = deploying::success(&report) else {
        let not_deployed = error::not_deployed(&report, &scope.environment, Path::root());
        return placed(Err(not_deployed), how.at);
    };
    cx.progress(format!(
        "{} runs in `{scope}` since deployment `{}`; a `pipeline_deployment` of `{scope}` has to name it from now on",
        record.version, record.id
    ));
    Ok(())
}

impl Wanted {
    fn health_check(&self) -> Option<HealthCheck> {
        let (url, terms) = self.again.health_check.as_ref()?;
        Some(HealthCheck::again(url.clone(), terms))
    }

    /// The `ecs` block that would say the same.
    fn block(&self, how: &How) -> Result<Option<EcsBlock>, Diagnostics> {
        let Some(rollout) = &self.again.ecs else { return Ok(None) };
        let block = EcsBlock::of(rollout).ok_or_else(|| unreadable(how.at))?;
        let (timeout, poll_interval) = (how.timeout.clone(), how.poll_interval.clone());
        Ok(Some(EcsBlock { timeout, poll_interval, ..block }))
    }

    fn request(&self, session: &Session<'_>, how: &How) -> Result<Request, Diagnostics> {
        let ids = session.new_deployment_id().blame(Path::root())?;
        let Scope { environment, region, .. } = self.survey.scope().clone();
        let what = (self.version.clone(), self.commit_sha);
        let mut request = Request::new(ids, what, environment, session.actor());
        request.region = region;
        request.will_move_env_tag = self.again.will_move_env_tag;
        request.allow_downgrade = self.allow_downgrade;
        request.also_known_as = session.other_names();
        request.workflow_run_id = session.workflow_run();
        request.infrastructure.clone_from(&self.again.infrastructure);
        request.public_url.clone_from(&self.again.public_url);
        request.reason.clone_from(&how.reason);
        request.health_check = self.health_check();
        let at_most = how.wait_timeout.as_ref().map_or(LONGEST_WAIT, |span| span.duration());
        request.on_busy = OnBusy::Wait { at_most };
        Ok(request)
    }
}

/// The same problems, at an attribute that the action has.
pub(super) fn placed(result: Result<(), Diagnostics>, at: Attr) -> Result<(), Diagnostics> {
    result.map_err(|problems| {
        let mut out = Diagnostics::new();
        out.extend(problems.into_iter().map(|it| {
            let detail = [it.detail.as_str(), elsewhere(&it.detail)].concat();
            Diagnostic { path: at.into(), detail, ..it }
        }));
        out
    })
}

/// Where what a problem asks for is said, if it is an argument that no action has.
fn elsewhere(detail: &str) -> &'static str {
    if detail.contains("`approval`") {
        "\n\nThis is an action, which has no `approval`: a `pipeline_approval` of somebody else, or the action \
         `pipeline_approve` that they invoke, says that they approve."
    } else if detail.contains("`redeploy_after") || detail.contains("`allow_downgrade") {
        "\n\nThis is an action, which has no such argument: write it in a `pipeline_deployment` of that place, and \
         apply that."
    } else {
        ""
    }
}

fn no_tests(at: Attr) -> Diagnostic {
    let detail = "Found that the newest deployment there ran tests, which are on record only as their results; expected \
                  them to be in a configuration. The action runs none of them. Next: invoke it only if that is meant; \
                  a `pipeline_deployment` with `tests` runs them.";
    Diagnostic::warning(at, "The tests of the deployment are not run", detail)
}

fn unreadable(at: Attr) -> Diagnostic {
    let detail = "Found a record of a rollout whose names ECS does not allow; expected those of a cluster, a service, a \
                  container and an image. Next: deploy once by a `pipeline_deployment`.";
    Diagnostic::error(at, "The record does not say where to deploy", detail)
}
