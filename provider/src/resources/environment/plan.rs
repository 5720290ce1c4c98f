//! What a plan of an environment says, and every rule that forbids it.

use pipeline_core::RuleId;
use pipeline_core::environment::Environment as Domain;
use pipeline_core::environment::rules::{self as policy, EnvironmentFacts};
use tfplugin::model::{Draft as _, Trail};
use tfplugin::{Change, Context, Diagnostic, Diagnostics, Model as _, Path, Text};

use super::entry;
use super::facts::{self, Found};
use super::model::Environment;
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
    let known = session.known_regions();
    let domain = wanted.domain(&known)?;
    let commit = facts::commit(&session, wanted.r#ref.as_deref()).await?;
    let found = facts::gather(&session, &domain, commit).await?;
    check(&session, &domain, &found, change)?;
    if change.prior.is_none() {
        refuse_registered(&session, &domain).await?;
    }
    if session.is_first_audit() {
        let others = facts::other_secrets(&session, commit, &domain).await?;
        let files = others.iter().map(|(path, found)| (path.as_str(), found));
        for violation in policy::check_all_secrets(files) {
            // Not this environment's fault, and yet nobody may overlook it.
            let said = error::violation_under(&violation, &Path::root());
            change.warn(Diagnostic { path: Path::root(), ..said });
        }
    }
    session.plan_environment(domain);
    fill(change, &wanted, &found, commit);
    Ok(())
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

fn check(
    session: &Session<'_>,
    domain: &Domain,
    found: &Found,
    change: &mut Change<Environment>,
) -> Result<(), Diagnostics> {
    let facts = EnvironmentFacts {
        folder: found.folder.clone(),
        secrets: found.secrets.clone(),
        known_regions: &session.known_regions(),
    };
    let mut faults = policy::check(domain, &facts);
    if let Some(near) = &found.near {
        for fault in faults.iter_mut().filter(|fault| fault.rule == RuleId::ENV002) {
            fault.next = format!("Did you mean `{near}`?");
        }
    }
    error::settle(&faults, |warning| change.warn(warning))
}

async fn refuse_registered(session: &Session<'_>, domain: &Domain) -> Result<(), Diagnostics> {
    let Some(entry) = entry(session, &domain.name).await? else { return Ok(()) };
    if session.wrote(entry.object) {
        // An apply of this clone that was killed registered it; this one goes on from there.
        return Ok(());
    }
    let record = entry.record;
    Err(Diagnostic::error(
        Environment::NAME,
        "The environment is registered already",
        format!(
            "Found the registration of \"{}\" by {} at {}; expected none, because this configuration does \
             not know it. Next: import it by its name, or remove the resource here.",
            domain.name, record.registered_by, record.registered_at
        ),
    )
    .into())
}

/// What is known of the registration that will be: nothing changes where neither the folder nor an
/// argument did.
fn fill(
    change: &mut Change<Environment>,
    wanted: &Environment,
    found: &Found,
    commit: pipeline_core::CommitSha,
) {
    let same_tree =
        change.prior.as_ref().is_some_and(|prior| prior.config_tree.get() == found.tree.as_ref());
    if change.is_noop() && same_tree {
        return;
    }
    let planned = &mut change.planned;
    planned.config_path.set(wanted.folder());
    planned.secrets_file.set(wanted.secrets());
    planned.is_production.set(wanted.production());
    planned.requires_approval.set(wanted.approval_required());
    planned.commit_sha.set(Text(commit));
    planned.config_tree.set(found.tree.clone().unwrap_or_default());
    planned.updated_at.set_unknown();
}
