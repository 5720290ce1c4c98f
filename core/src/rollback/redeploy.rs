//! What a success leaves behind, and which version stays away until it is asked for.

use super::standing::{moment, was_put_back, was_tried};
use crate::base::cause::visible;
use crate::base::id::DeploymentId;
use crate::base::revision::CommitSha;
use crate::base::rule::RuleId;
use crate::base::violation::Violation;
use crate::deployment::{Deployment, Status};
use crate::version::Version;

/// Whether `new` goes back to a version that ran in the same region before. Only then is what it
/// replaces taken back: a version that is new here replaces a higher one by choice, as a hotfix for an
/// older line does, and says nothing against it.
///
/// `new` itself may be among the records.
pub fn returns<'a>(records: impl IntoIterator<Item = &'a Deployment>, new: &Deployment) -> bool {
    let ran = |record: &Deployment| {
        matches!(record.status(), Status::Succeeded | Status::RolledBack) && record.id != new.id
    };
    let mut records = records.into_iter();
    records.any(|it| ran(it) && it.version == new.version && it.region == new.region)
}

/// The deployment that becomes `rolled_back` when `new` succeeds and [`returns`] to what ran before: what
/// was there by the records of the same sub-project and region, where its version is the higher one.
/// None where `new` goes forward, or nothing was there.
///
/// `new` itself may be among the records.
pub fn left_behind<'a>(
    records: impl IntoIterator<Item = &'a Deployment>,
    new: &Deployment,
) -> Option<&'a Deployment> {
    let project = new.version.sub_project_path();
    records
        .into_iter()
        .filter(|record| record.status() == Status::Succeeded && record.id != new.id)
        .filter(|record| {
            record.version.sub_project_path() == project && record.region == new.region
        })
        .max_by_key(|record| moment(record))
        .filter(|record| record.version > new.version)
}

/// OWN040: this version was taken back from the environment, and nobody asks for it again.
///
/// What decides is the newest deployment of the version, at this commit, that came to a result: one
/// that is `rolled_back`, or one that failed and after which the service was put back. Nothing was
/// put back after a deployment that failed before it changed anything, that was cancelled, or whose
/// holder died, and one that passed its health check did not fail by itself: to apply again is to ask
/// for it. `redeploy_after` asks for it by the ID of the
/// deployment that decides, so that it holds for this once.
pub fn held<'a>(
    version: &Version,
    commit: CommitSha,
    records: impl IntoIterator<Item = &'a Deployment>,
    redeploy_after: Option<&DeploymentId>,
) -> Option<Violation> {
    let decisive = |record: &&Deployment| match record.status() {
        Status::Succeeded | Status::RolledBack => true,
        Status::Failed => was_put_back(record) && was_tried(record),
        Status::Queued | Status::InProgress | Status::Cancelled => false,
    };
    records
        .into_iter()
        .filter(|record| record.version == *version && record.commit_sha == commit)
        .filter(decisive)
        .max_by_key(|record| moment(record))
        .filter(|record| record.status() != Status::Succeeded)
        .filter(|record| Some(&record.id) != redeploy_after)
        .map(|record| taken_back(record, redeploy_after))
}

/// TSK001: whoever ran the migrations of this version last is gone, so that nobody knows how far they came. They
/// are not run again unasked; `redeploy_after` asks. `dead` is the deployment that is about to be put aside.
pub fn half_migrated<'a>(
    version: &Version,
    records: impl IntoIterator<Item = &'a Deployment>,
    redeploy_after: Option<&DeploymentId>,
    dead: Option<&DeploymentId>,
) -> Option<Violation> {
    let is_over = |record: &Deployment| match record.status() {
        Status::Queued => false,
        Status::InProgress => Some(&record.id) == dead,
        _ => true,
    };
    records
        .into_iter()
        .filter(|record| record.version == *version && is_over(record))
        .filter_map(|record| Some((record, record.migrations.as_ref()?)))
        .max_by_key(|(record, _)| moment(record))
        .filter(|(_, migrations)| migrations.is_unknown())
        .filter(|(record, _)| Some(&record.id) != redeploy_after)
        .map(|(record, migrations)| not_said(record, &migrations.names))
}

fn not_said(record: &Deployment, migrations: &[String]) -> Violation {
    let Deployment { id, version, environment, .. } = record;
    let names: Vec<_> = migrations.iter().map(|name| format!("`{}`", visible(name))).collect();
    Violation::new(
        RuleId::TSK001,
        format!(
            "`{version}`, whose deployment `{id}` to `{environment}` began the migrations {} and did not say \
             how far they came",
            names.join(", ")
        ),
        "migrations that ran to an end, or did not begin",
        format!(
            "Look at what they changed; when they may run again, set `redeploy_after = \"{id}\"`."
        ),
    )
    .under("version")
}

fn taken_back(record: &Deployment, named: Option<&DeploymentId>) -> Violation {
    let Deployment { id, version, environment, triggered_by, progress, .. } = record;
    let (at, _) = moment(record);
    let back = match progress.rolled_back_to() {
        Some(to) => format!(" to `{to}`"),
        None => String::new(),
    };
    let what = match record.status() {
        Status::RolledBack => "was rolled back",
        _ => "failed, so that the service was put back",
    };
    let other = match named {
        Some(other) => format!(", while `redeploy_after` names `{other}`"),
        None => String::new(),
    };
    Violation::new(
        RuleId::OWN040,
        format!(
            "`{version}`, whose deployment `{id}` to `{environment}` by {triggered_by} {what}{back} at \
             {at}{other}"
        ),
        format!("a version that was not taken back from `{environment}`"),
        format!(
            "Fix it and release a new version; to deploy this one all the same, set `redeploy_after = \
             \"{id}\"`."
        ),
    )
    .under("version")
}
