//! What a plan of a deployment says, and every rule that forbids it.

use pipeline_core::deployment::Deployment as Record;
use pipeline_core::deployment::rules::{self as policy, DeploymentFacts, DeploymentPlan};
use pipeline_core::rollback;
use pipeline_core::{
    CommitSha, Environment as Domain, EnvironmentName, RuleId, Version, Violation,
};
use tfplugin::{Change, Context, Diagnostics, FieldValue, Text};

use super::approval::{self, Subject};
use super::ecs;
use super::model::Deployment;
use super::{drift, read};
use crate::error;
use crate::resources::environment;
use crate::session::Session;

/// A plan to deploy, or to change what deploys nothing.
pub(super) async fn write(
    cx: &Context<Deployment>,
    change: &mut Change<Deployment>,
) -> Result<(), Diagnostics> {
    let (Some(environment), Some(version)) =
        (change.config.environment.known(), change.config.version.known())
    else {
        return Ok(());
    };
    let (environment, version) = (environment.0.clone(), version.0.clone());
    let session = cx.provider.open().await?;
    let commit = commit_of(&session, &version).await?;
    keep_project(change, &version);
    if !deploys(change, &version, commit) {
        check_running(&session, change, &environment, &version, commit).await?;
        change.keep_computed();
        return Ok(());
    }
    check(&session, change, &environment, &version, commit).await?;
    change.reopen_computed([Deployment::SUB_PROJECT_PATH]);
    if let Some(commit) = commit {
        change.planned.commit_sha.set(Text(commit));
    }
    Ok(())
}

/// A plan to destroy: git keeps everything.
pub(super) fn delete(change: &mut Change<Deployment>) {
    let Some(prior) = change.prior.as_ref() else { return };
    let warning = super::kept(prior);
    change.warn(warning);
}

/// The commit of a version: of its tag, or of the tag that this walk will make.
pub(super) async fn commit_of(
    session: &Session<'_>,
    version: &Version,
) -> Result<Option<CommitSha>, Diagnostics> {
    let truth = session.truth().await?;
    let tagged = truth.releases.get(version).map(|release| release.commit);
    Ok(tagged.or_else(|| session.planned_tag(&version.to_string())))
}

/// Whether the environment's tag tells what runs.
fn by_tag(change: &Change<Deployment>) -> bool {
    change.planned.will_move_env_tag.known() != Some(&false)
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

/// Whether another image, or the same one elsewhere, is to be rolled out.
fn rolls_out(change: &Change<Deployment>, prior: &Deployment) -> bool {
    match change.config.ecs.settled() {
        FieldValue::Null => false,
        FieldValue::Unknown => true,
        FieldValue::Known(block) => ecs::differs(Some(&block), prior.ecs.as_ref()),
    }
}

async fn check(
    session: &Session<'_>,
    change: &mut Change<Deployment>,
    environment: &EnvironmentName,
    version: &Version,
    commit: Option<CommitSha>,
) -> Result<(), Diagnostics> {
    let registered = registered(session, environment).await?;
    let names = names(session).await?;
    let running =
        read::running(session, environment, version.sub_project_path(), by_tag(change)).await?;
    let field = &change.config.approval;
    let subject = commit.map(|commit| Subject { environment, version, commit });
    let approval = approval::planned(session, field, change.prior.as_ref(), subject).await?;
    let actor = session.actor();
    // Without a commit there is nothing that could have been approved: DEP007 says so.
    let judged = commit.is_some() && approval::is_known(field);
    let plan = DeploymentPlan {
        version,
        commit: commit.unwrap_or(CommitSha::from_bytes([0; 20])),
        environment,
        region: change.config.region.known().map(|region| &region.0),
        triggered_by: Some(&actor).filter(|_| judged),
        approval: approval.as_ref(),
        pipeline_id: None,
        infrastructure_id: None,
        allow_downgrade: change.config.allow_downgrade.known() == Some(&true)
            || change.config.allow_downgrade.is_unknown(),
    };
    let facts = DeploymentFacts {
        version_tag: commit,
        environment: registered.as_ref(),
        environment_names: names.iter().collect(),
        running: running.as_ref().and_then(|running| running.version.as_ref()),
        ..DeploymentFacts::default()
    };
    let mut faults = policy::check(&plan, &facts);
    if let Some(registered) = registered.as_ref().filter(|_| judged) {
        faults.extend(approval::faults(session, registered, &plan).await?);
    }
    // An approval that is not known yet, or of no commit, is judged by the apply.
    faults.retain(|fault| judged || field.is_null() || fault.rule != RuleId::DEP012);
    let records = read::records(session, environment).await?;
    faults.extend(held(change, subject, &records));
    if faults.iter().any(|fault| fault.rule == RuleId::OWN002) {
        tell_origin(session, change, environment, version, running.as_ref()).await?;
    }
    let good = rollback::last_known_good(&records, Some(version.sub_project_path()));
    let looked = ecs::check(session, change, registered.as_ref(), good).await;
    let settled = error::settle(&faults, |warning| change.warn(warning));
    both(settled, looked)
}

/// Who deployed the newer version, and when. Where the state was read anew, the reading told it.
async fn tell_origin(
    session: &Session<'_>,
    change: &mut Change<Deployment>,
    environment: &EnvironmentName,
    version: &Version,
    running: Option<&read::Running>,
) -> Result<(), Diagnostics> {
    let known = change.prior.as_ref().and_then(|prior| prior.commit_sha.get().map(|sha| sha.0));
    let Some(running) = running.filter(|running| Some(running.commit) != known) else {
        return Ok(());
    };
    let origin = drift::origin(session, environment, version.sub_project_path(), running).await?;
    change.warn(drift::warning(environment, version, running, &origin));
    Ok(())
}

/// Everything that either found.
fn both(left: Result<(), Diagnostics>, right: Result<(), Diagnostics>) -> Result<(), Diagnostics> {
    match (left, right) {
        (Err(mut left), Err(right)) => {
            left.extend(right);
            Err(left)
        }
        (left, right) => left.and(right),
    }
}

/// OWN040, where the version was taken back and nobody asks for it again.
fn held(
    change: &Change<Deployment>,
    subject: Option<Subject<'_>>,
    records: &[Record],
) -> Option<Violation> {
    let asked = &change.config.redeploy_after;
    let subject = subject.filter(|_| !asked.is_unknown())?;
    let asked = asked.known().map(|id| &id.0);
    rollback::held(subject.version, subject.commit, records, asked)
}

/// Nothing is to be deployed. What runs is compared all the same where the state may be old.
async fn check_running(
    session: &Session<'_>,
    change: &mut Change<Deployment>,
    environment: &EnvironmentName,
    version: &Version,
    commit: Option<CommitSha>,
) -> Result<(), Diagnostics> {
    let Some(commit) = commit.filter(|_| change.kind() == tfplugin::ChangeKind::Update) else {
        return Ok(());
    };
    let running =
        read::running(session, environment, version.sub_project_path(), by_tag(change)).await?;
    let Some(running) = running.filter(|running| running.commit != commit) else { return Ok(()) };
    let origin = drift::origin(session, environment, version.sub_project_path(), &running).await?;
    change.warn(drift::warning(environment, version, &running, &origin));
    Ok(())
}

/// The environment as it is registered, or as this walk will register it.
pub(super) async fn registered(
    session: &Session<'_>,
    name: &EnvironmentName,
) -> Result<Option<Domain>, Diagnostics> {
    if let Some(planned) = session.planned_environment(name) {
        return Ok(Some(planned));
    }
    Ok(environment::entry(session, name).await?.map(|entry| entry.record.environment))
}

async fn names(session: &Session<'_>) -> Result<Vec<EnvironmentName>, Diagnostics> {
    let snapshot = session.snapshot().await?;
    let shelf = session.ledger().environments();
    Ok(snapshot.under(shelf.prefix()).filter_map(|(name, _)| name.parse().ok()).collect())
}
