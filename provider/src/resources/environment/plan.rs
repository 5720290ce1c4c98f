//! What a plan of an environment says, and every rule that forbids it.

use pipeline_core::CommitSha;
use pipeline_core::environment::rules::check_all_secrets;
use pipeline_core::environment::{self as environments, EnvironmentSurvey};
use tfplugin::model::{Draft as _, Trail};
use tfplugin::{Change, Context, Diagnostic, Diagnostics, Model as _, Path, Text};

use super::model::Environment;
use super::words;
use crate::error;
use crate::session::Session;

/// A plan to register an environment or to change its registration.
pub(super) async fn write(
    cx: &Context<Environment>,
    change: &mut Change<Environment>,
) -> Result<(), Diagnostics> {
    // Where an argument is not known yet, the plan at apply checks.
    let Some(wanted) = settled(change) else { return Ok(()) };
    let session = cx.provider.open().await?;
    let domain = wanted.domain(&session.known_regions())?;
    let commit = commit(&session, wanted.r#ref.as_deref()).await?;
    let found = session.survey_environment(domain.clone(), commit).await?;
    let seen = change.prior.as_ref().and_then(|prior| prior.updated_at.get().map(|at| at.0));
    let plan = environments::plan(found, seen);
    for violation in plan.violations().iter().filter(|violation| violation.is_warning()) {
        change.warn(error::violation_under(violation, &Path::root()));
    }
    let allowed = plan.check().map_err(words::refused)?;
    if session.is_first_audit() {
        let others = environments::other_secrets(session.repository, commit, &domain).await;
        let others = others.map_err(|error| error::git(&error, &Path::root()))?;
        let files = others.iter().map(|(path, found)| (path.as_str(), found));
        for violation in check_all_secrets(files) {
            // Not this environment's fault, and yet nobody may overlook it.
            let said = error::violation_under(&violation, &Path::root());
            change.warn(Diagnostic { path: Path::root(), ..said });
        }
    }
    fill(change, &wanted, allowed.survey());
    session.plan_environment(domain);
    Ok(())
}

/// The commit at which the folder is looked at.
pub(super) async fn commit(
    session: &Session<'_>,
    revision: Option<&str>,
) -> Result<CommitSha, Diagnostics> {
    let found = environments::commit_to_look_at(session.repository, revision).await;
    found.map_err(|error| error::git(&error, &Environment::REF.into()))
}

/// The planned object, where every argument is known.
fn settled(change: &Change<Environment>) -> Option<Environment> {
    let mut planned = change.planned.clone();
    // What the configuration leaves to convention follows from the arguments, not from the past.
    for (argument, field) in [
        (&change.config.config_path, &mut planned.config_path),
        (&change.config.secrets_file, &mut planned.secrets_file),
    ] {
        if argument.is_null() {
            field.set_unknown();
        }
    }
    for (argument, field) in [
        (&change.config.is_production, &mut planned.is_production),
        (&change.config.requires_approval, &mut planned.requires_approval),
    ] {
        if argument.is_null() {
            field.set_unknown();
        }
    }
    let open = change.config.config_path.is_unknown()
        || change.config.secrets_file.is_unknown()
        || change.config.is_production.is_unknown()
        || change.config.requires_approval.is_unknown();
    let mut out = Diagnostics::new();
    Environment::decode(&planned.encode(), &Trail::ROOT, &mut out).filter(|_| !open)
}

/// What is known of the registration that will be: nothing changes where neither the folder nor an
/// argument did.
fn fill(change: &mut Change<Environment>, wanted: &Environment, found: &EnvironmentSurvey) {
    let prior = change.prior.as_ref().and_then(|prior| prior.config_tree.get());
    let same_tree = change.prior.is_some() && prior.map(String::as_str) == found.tree();
    if change.is_noop() && same_tree {
        return;
    }
    let planned = &mut change.planned;
    planned.config_path.set(wanted.folder());
    planned.secrets_file.set(wanted.secrets());
    planned.is_production.set(wanted.production());
    planned.requires_approval.set(wanted.approval_required());
    planned.commit_sha.set(Text(found.commit()));
    planned.config_tree.set(found.tree().unwrap_or_default().to_owned());
    planned.updated_at.set_unknown();
}
