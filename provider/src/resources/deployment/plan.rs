//! What a plan of a deployment says, and every rule that forbids it.

use pipeline_core::deployment::Scope;
use pipeline_core::deployment::rules::{Known, References};
use pipeline_core::deployment::survey::{self, Pending, Proposal, Survey};
use pipeline_core::policy::Arrival;
use pipeline_core::{CommitSha, RuleId, Version};
use tfplugin::{Change, ChangeKind, Diagnostics, FieldValue, Path, Text};

use super::approval;
use super::ecs;
use super::ecs_task;
use super::model::Deployment;
use super::stacks;
use crate::deploying::{self, Objected};
use crate::error::{self, Blame as _};
use crate::session::Session;

/// A plan to deploy, or to change what deploys nothing.
pub(super) async fn write(
    session: &Session<'_>,
    change: &mut Change<Deployment>,
) -> Result<(), Diagnostics> {
    let (Some(environment), Some(version)) =
        (change.config.environment.known(), change.config.version.known())
    else {
        return Ok(());
    };
    let (environment, version) = (environment.0.clone(), version.0.clone());
    let region = change.config.region.known().map(|region| region.0.clone());
    let sub_project_path = version.sub_project_path().clone();
    let scope = Scope { environment: environment.clone(), sub_project_path, region };
    let survey = session.survey(scope).await?;
    let pending = Pending {
        version_tag: session.planned_tag(&version.to_string()),
        environment: session.planned_environment(&environment),
        on_record: session.planned_records(references(change)),
        reviews: session.planned_reviews(&environment),
    };
    let commit = survey.commit_of(&version).or(pending.version_tag);
    keep_project(change, &version);
    if !deploys(change, &version, commit) {
        // What runs is compared all the same: the state may be old.
        if commit.is_some() && change.kind() == ChangeKind::Update {
            tell_origin(session, change, &survey, &version, commit).await?;
        }
        change.keep_computed();
        return Ok(());
    }
    check_ready(change)?;
    if let Some(lock) = session.pipeline.handover().closed_lock(&environment) {
        change.warn(error::lock::after_lock(&environment, &lock));
    }
    if change.kind() == ChangeKind::Create
        && let Some(record) = survey.deployed_by()
    {
        change.warn(error::drift::owned_elsewhere(&environment, record));
    }
    check(session, change, &survey, &pending, &version).await?;
    let Scope { environment, region, .. } = survey.scope().clone();
    session.plan_deployment(Arrival { environment, region, version });
    change.reopen_computed([Deployment::SUB_PROJECT_PATH]);
    if let Some(commit) = commit {
        change.planned.commit_sha.set(Text(commit));
    }
    Ok(())
}

/// The records that it names, as far as that is known.
fn references(change: &Change<Deployment>) -> References<'_> {
    References {
        infrastructure: change.config.infrastructure.known().map(|id| &id.0),
        pipeline_run: change.config.pipeline_run.known().map(|key| &key.0),
        fixes: change.config.fixes.known().map(|id| &id.0),
    }
}

/// A version of another sub-project is another deployment.
fn keep_project(change: &mut Change<Deployment>, version: &Version) {
    let project = version.sub_project_path().to_string();
    let other = |prior: &Deployment| prior.sub_project_path.get() != Some(&project);
    match &change.prior {
        Some(prior) if other(prior) => {
            change.requires_replace(Deployment::VERSION);
            change.planned.sub_project_path.set(project);
        }
        Some(_) => {}
        None => change.planned.sub_project_path.set(project),
    }
}

/// Whether something is to be deployed: a new resource, another version or region, or another commit
/// than the one that runs.
fn deploys(change: &Change<Deployment>, version: &Version, commit: Option<CommitSha>) -> bool {
    let Some(prior) = &change.prior else { return true };
    let region = change.config.region.known();
    let runs = prior.commit_sha.get().map(|sha| sha.0);
    prior.version.0 != *version
        || prior.region.as_ref() != region
        || runs != commit
        || rolls_out(change, prior)
}

/// Whether another image, or the same one elsewhere, is to be rolled out; or stacks are to be deployed otherwise.
fn rolls_out(change: &Change<Deployment>, prior: &Deployment) -> bool {
    stacks::rolls_out(change, prior) || rolls_image_out(change, prior)
}

fn rolls_image_out(change: &Change<Deployment>, prior: &Deployment) -> bool {
    match change.config.ecs.settled() {
        FieldValue::Null => false,
        FieldValue::Unknown => true,
        FieldValue::Known(block) => ecs::differs(Some(&block), prior.ecs.as_ref()),
    }
}

/// A health check that this machine cannot make would fail a version that is well.
fn check_ready(change: &Change<Deployment>) -> Result<(), Diagnostics> {
    let FieldValue::Known(block) = change.config.health_check.settled() else { return Ok(()) };
    deploying::check_ready(&block.check(), change.config.health_check.path().clone())
}

async fn check(
    session: &Session<'_>,
    change: &mut Change<Deployment>,
    survey: &Survey,
    pending: &Pending,
    version: &Version,
) -> Result<(), Diagnostics> {
    let (actor, names) = (session.actor(), session.other_names());
    let redeploy_after = &change.config.redeploy_after;
    let order = session.order(survey, version).await?;
    let proposal = Proposal {
        version,
        triggered_by: &actor,
        also_known_as: &names,
        approval: approval::planned(&change.config.approval, change.prior.as_ref()),
        approvals: approval::all_planned(&change.config.approvals, change.prior.as_ref()),
        allow_downgrade: match change.config.allow_downgrade.value() {
            FieldValue::Unknown => Known::NotYet,
            FieldValue::Known(allowed) => Known::Is(*allowed),
            FieldValue::Null => Known::Is(false),
        },
        redeploy_after: match redeploy_after.value() {
            FieldValue::Unknown => Known::NotYet,
            _ => Known::Is(redeploy_after.known().map(|id| &id.0)),
        },
        moves_tag: change.config.will_move_env_tag.known().copied().unwrap_or(true),
        runs_tests: match change.config.tests.value() {
            FieldValue::Unknown => Known::NotYet,
            tests => Known::Is(matches!(tests, FieldValue::Known(_))),
        },
        references: references(change),
        order: order.facts(),
        reason: change.config.reason.known().map(String::as_str),
        authority: &session.settings.authority,
    };
    let wait_for = &change.config.wait_for;
    let waits_for = match wait_for.value() {
        FieldValue::Unknown => Known::NotYet,
        _ => Known::Is(wait_for.known().into_iter().flatten().map(|it| it.0).collect()),
    };
    let objected = deploying::objections(session, survey, pending, proposal, waits_for).await?;
    let Objected { faults, warnings } = objected;
    warnings.into_iter().for_each(|warning| change.warn(warning));
    if faults.iter().any(|fault| fault.rule == RuleId::OWN002) {
        // Where the state was read anew, the reading told it.
        let known = change.prior.as_ref().and_then(|prior| prior.commit_sha.get().map(|sha| sha.0));
        tell_origin(session, change, survey, version, known).await?;
    }
    let looked = ecs::check(session, change, survey.environment(pending), survey.last_good()).await;
    let looked = Diagnostics::both(
        looked,
        stacks::check(session, change, survey.environment(pending)).await,
    );
    let looked = Diagnostics::both(
        looked,
        ecs_task::check(session, change, survey.environment(pending)).await,
    );
    Diagnostics::both(error::settle(&faults, |warning| change.warn(warning)), looked)
}

/// Who deployed what runs, and when, where it is something else than is known.
async fn tell_origin(
    session: &Session<'_>,
    change: &mut Change<Deployment>,
    survey: &Survey,
    version: &Version,
    known: Option<CommitSha>,
) -> Result<(), Diagnostics> {
    let Some(running) = survey.running().filter(|running| Some(running.commit) != known) else {
        return Ok(());
    };
    let origin = survey::put_by(session.repository, survey).await.blame(Path::root())?;
    change.warn(error::drift::warning(&survey.scope().environment, version, running, &origin));
    Ok(())
}
