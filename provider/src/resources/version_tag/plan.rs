//! What a plan of a tag says, and every rule that forbids it.

use pipeline_core::tag::rules::check_version_change;
use pipeline_core::tag::{TagPlan, TagRequest};
use pipeline_core::{CommitSha, RuleId, Tag, Violation};
use tfplugin::{Change, Context, Diagnostics, Path, Text};

use super::model::VersionTag;
use super::{recorded, seen};
use crate::error::{self, Blame as _};
use crate::session::Session;

/// A plan to create or change a tag.
pub(super) async fn write(
    cx: &Context<VersionTag>,
    session: &Session<'_>,
    change: &mut Change<VersionTag>,
) -> Result<(), Diagnostics> {
    let Some(name) = change.config.tag_name.known().map(|name| name.0.clone()) else {
        return Ok(());
    };
    let recorded = change.prior.is_some().then(|| recorded(cx)).flatten();
    if recorded.is_none() && change.is_noop() && is_immutable(change) {
        return Ok(());
    }
    let tag = session.tag(&name, VersionTag::TAG_NAME)?;
    match &change.prior {
        None => change.plan_computed(&VersionTag::of(&tag)),
        Some(prior) => refuse_another_version(session, prior, &tag)?,
    }
    let target = match recorded {
        Some(recorded) => Some(recorded),
        None => target(session, change).await?,
    };
    let Some(target) = target else {
        change.planned.commit_sha.set_unknown();
        return Ok(());
    };
    let request = TagRequest {
        tag: tag.clone(),
        seen: seen(cx, change.prior.as_ref()),
        to: Some(target),
        rewrites: is_rewritten(change),
    };
    check(session, request, change).await?;
    settle(change, &tag, target, recorded.is_some());
    Ok(())
}

/// VER006: another name is another tag, which the schema makes a replacement.
fn refuse_another_version(
    session: &Session<'_>,
    prior: &VersionTag,
    tag: &Tag,
) -> Result<(), Diagnostics> {
    let before = session.tag(&prior.tag_name, VersionTag::TAG_NAME)?;
    let (Some(before), Some(after)) = (before.version(), tag.version()) else { return Ok(()) };
    let replaces = prior.tag_name.0 != *tag.name();
    let broken = check_version_change(before, after, replaces);
    error::refuse(broken, VersionTag::TAG_NAME)
}

/// A plan to remove a tag from git.
pub(super) async fn delete(
    session: &Session<'_>,
    change: &mut Change<VersionTag>,
) -> Result<(), Diagnostics> {
    let Some(prior) = change.prior.as_ref() else { return Ok(()) };
    let tag = session.tag(&prior.tag_name, VersionTag::TAG_NAME)?;
    let request = TagRequest { tag, seen: prior.commit(), to: None, rewrites: false };
    announce(&session.tag_plan(request).await?, change);
    Ok(())
}

/// Says which rules the override lifts: nobody should learn it from the audit log.
fn announce(plan: &TagPlan<'_>, change: &mut Change<VersionTag>) {
    let Some(by) = plan.lifted_by() else { return };
    for violation in plan.lifted() {
        change.warn(error::lifted(&violation, by));
    }
}

async fn check(
    session: &Session<'_>,
    request: TagRequest,
    change: &mut Change<VersionTag>,
) -> Result<(), Diagnostics> {
    let plan = session.tag_plan(request).await?;
    // At plan, only CI can know that it is CI: a person may look at what CI will do (SCY003).
    let (by_hand, found): (Vec<Violation>, Vec<_>) =
        plan.violations().into_iter().partition(|violation| violation.rule == RuleId::SCY003);
    for violation in &by_hand {
        change.warn(error::violation_under(violation, &Path::root()));
    }
    announce(&plan, change);
    warn_of_commit(&plan, change);
    error::settle(&found, |warning| change.warn(warning))?;
    if let Ok(allowed) = plan.check() {
        session.announce_tag(&allowed)?;
    }
    Ok(())
}

/// Says where the remote does not lead to the commit, or may not, as far as that is no error.
fn warn_of_commit(plan: &TagPlan<'_>, change: &mut Change<VersionTag>) {
    let TagRequest { tag, to: Some(commit), .. } = plan.request() else { return };
    let found = error::revision::unpublished(tag, *commit, plan.published(), VersionTag::REF);
    found.into_iter().for_each(|warning| change.warn(warning));
}

/// What is known of the object that will be: a plan that changes nothing sets nothing.
fn settle(change: &mut Change<VersionTag>, tag: &Tag, target: CommitSha, is_lost: bool) {
    if is_lost {
        change.planned.commit_sha.set(Text(target));
        change.planned.created_at.set_unknown();
        return;
    }
    let prior = prior_commit(change);
    if prior != Some(target) || change.planned.commit_sha.is_unknown() {
        change.planned.commit_sha.set(Text(target));
    }
    match prior {
        None => change.planned.updated_at.set_null(),
        Some(from) if from == target && !is_rewritten(change) => {}
        Some(_) if tag.is_movable() => change.planned.updated_at.set_unknown(),
        Some(_) => change.planned.created_at.set_unknown(),
    }
}

/// The commit that the tag shall point at; `None`: not known before apply.
async fn target(
    session: &Session<'_>,
    change: &mut Change<VersionTag>,
) -> Result<Option<CommitSha>, Diagnostics> {
    let Some(wanted) = change.config.r#ref.known().cloned() else { return Ok(None) };
    let same = change.prior.as_ref().is_some_and(|prior| prior.r#ref == wanted);
    if same && is_immutable(change) {
        return Ok(prior_commit(change));
    }
    let commit = session.repository.resolve(&wanted).await.blame(VersionTag::REF)?;
    let warning = session.local_branch(&wanted, VersionTag::REF).await?;
    warning.into_iter().for_each(|warning| change.warn(warning));
    Ok(Some(commit))
}

fn prior_commit(change: &Change<VersionTag>) -> Option<CommitSha> {
    change.prior.as_ref().and_then(VersionTag::commit)
}

fn is_immutable(change: &Change<VersionTag>) -> bool {
    change.prior.as_ref().is_some_and(|prior| prior.is_movable.get() == Some(&false))
}

fn is_rewritten(change: &Change<VersionTag>) -> bool {
    let same = |prior: &VersionTag| {
        !change.config.message.is_unknown()
            && prior.message.as_ref() == change.config.message.known()
    };
    change.prior.as_ref().is_some_and(|prior| !same(prior))
}
