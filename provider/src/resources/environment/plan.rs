//! What a plan of an environment says, and every rule that forbids it.

use pipeline_core::CommitSha;
use pipeline_core::environment::rules::check_all_secrets;
use pipeline_core::environment::{self as environments, EnvironmentSurvey};
use tfplugin::{Change, Diagnostic, Diagnostics, Draft as _, Path, Text};

use super::model::Environment;
use crate::error::{self, Blame as _};
use crate::session::Session;

/// A plan to register an environment or to change its registration.
pub(super) async fn write(
    session: &Session<'_>,
    change: &mut Change<Environment>,
) -> Result<(), Diagnostics> {
    // Where an argument is not known yet, the plan at apply checks.
    let Some(wanted) = change.config.settled() else { return Ok(()) };
    let domain = wanted.domain(&session.known_regions())?;
    let commit = commit(session, wanted.r#ref.as_deref()).await?;
    if let Some(revision) = &wanted.r#ref {
        let warning = session.local_branch(revision, Environment::REF).await?;
        warning.into_iter().for_each(|warning| change.warn(warning));
    }
    let found = session.survey_environment(domain.clone(), commit).await?;
    let seen = change.prior.as_ref().and_then(|prior| prior.updated_at.get().map(|at| at.0));
    let plan = environments::plan(found, seen);
    for violation in plan.violations().iter().filter(|violation| violation.is_warning()) {
        change.warn(error::violation_under(violation, &Path::root()));
    }
    let allowed = plan.check().map_err(error::environment::refused)?;
    if session.is_first_audit() {
        let others = environments::other_secrets(session.repository, commit, &domain).await;
        let others = others.blame(Path::root())?;
        let files = others.iter().map(|(path, found)| (path.as_str(), found));
        for violation in check_all_secrets(files) {
            // Not this environment's fault, and yet nobody may overlook it.
            let said = error::violation_under(&violation, &Path::root());
            change.warn(Diagnostic { path: Path::root(), ..said });
        }
    }
    fill(change, wanted, allowed.survey());
    session.plan_environment(domain);
    Ok(())
}

/// The commit at which the folder is looked at.
pub(super) async fn commit(
    session: &Session<'_>,
    revision: Option<&str>,
) -> Result<CommitSha, Diagnostics> {
    environments::commit_to_look_at(session.repository, revision).await.blame(Environment::REF)
}

/// What is known of the registration that will be: nothing changes where neither the folder nor an
/// argument did.
fn fill(change: &mut Change<Environment>, wanted: Environment, found: &EnvironmentSurvey) {
    let prior = change.prior.as_ref().and_then(|prior| prior.config_tree.get());
    let same_tree = change.prior.is_some() && prior.map(String::as_str) == found.tree();
    if change.is_noop() && same_tree {
        return;
    }
    change.plan_computed(&Environment {
        commit_sha: Text(found.commit()).into(),
        config_tree: found.tree().unwrap_or_default().to_owned().into(),
        ..wanted.conventional()
    });
    change.planned.updated_at.set_unknown();
}
