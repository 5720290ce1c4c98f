//! What a plan of an environment says, and every rule that forbids it.

use pipeline_core::CommitSha;
use pipeline_core::environment::rules::check_all_secrets;
use pipeline_core::environment::{self as environments, EnvironmentSurvey};
use tfplugin::{Change, Diagnostic, Diagnostics, Path};

use super::model::Environment;
use crate::error::{self, Blame as _};
use crate::registered;
use crate::session::Session;

/// A plan to register an environment or to change its registration.
pub(super) async fn write(
    session: &Session<'_>,
    change: &mut Change<Environment>,
) -> Result<(), Diagnostics> {
    let Some((wanted, found)) = registered::plan(session, change).await? else {
        return Ok(());
    };
    let domain = &found.what().environment;
    if let Some(revision) = &wanted.r#ref {
        let warning = session.local_branch(revision, Environment::REF).await?;
        warning.into_iter().for_each(|warning| change.warn(warning));
    }
    if session.is_first_audit() {
        let others = environments::other_secrets(session.repository, found.commit(), domain).await;
        let others = others.blame(Path::root())?;
        let files = others.iter().map(|(path, found)| (path.as_str(), found));
        for violation in check_all_secrets(files) {
            // Not this environment's fault, and yet nobody may overlook it.
            let said = error::violation_under(&violation, &Path::root());
            change.warn(Diagnostic { path: Path::root(), ..said });
        }
    }
    fill(change, &wanted, &found);
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
fn fill(change: &mut Change<Environment>, wanted: &Environment, found: &EnvironmentSurvey) {
    let prior = change.prior.as_ref().and_then(|prior| prior.config_tree.get());
    let same_tree = change.prior.is_some() && prior.map(String::as_str) == found.tree();
    if change.is_noop() && same_tree {
        return;
    }
    change.plan_computed(wanted);
    change.planned.updated_at.set_unknown();
}
