//! What a plan of a tag says, and every rule that forbids it.

use pipeline_core::tag::rules::check_version_change;
use pipeline_core::tag::{TagPlan, TagRequest};
use pipeline_core::{CommitSha, RuleId, Tag, Violation};
use tfplugin::{Change, Context, Diagnostics, Path, Text};

use super::model::VersionTag;
use super::{FOLLOWED, recorded, removal, seen};
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
    let prior = change.prior.clone();
    let recorded = prior.as_ref().and_then(|_| recorded(cx));
    if prior.as_ref().is_some_and(|prior| prior.tag_name.0 == name) {
        session.note_known_tag(&name);
    }
    if recorded.is_none() && change.is_noop() && is_immutable(change) {
        return Ok(());
    }
    let tag = session.tag(&name, VersionTag::TAG_NAME)?;
    match &prior {
        None => plan_new(change, &tag),
        Some(prior) if prior.tag_name.0 != name => {
            return leave(session, change, prior, &tag).await;
        }
        Some(_) => change.keep_computed(),
    }
    let target = match recorded {
        Some(recorded) => Some(recorded),
        None => target(cx, session, change, &tag).await?,
    };
    let Some(target) = target else {
        leave_open(change, &tag);
        return Ok(());
    };
    let request = TagRequest {
        tag: tag.clone(),
        seen: seen(cx, prior.as_ref()),
        to: Some(target),
        rewrites: is_rewritten(change) && !change.config.message.is_unknown(),
        message: change.config.message.known().cloned(),
        replaces: prior.is_none() && session.knows_tag(tag.name()),
    };
    check(session, request, change).await?;
    settle(change, &tag, target, recorded.is_some());
    keep_spelling(session, change, target).await
}

/// What follows from the name of a new tag.
fn plan_new(change: &mut Change<VersionTag>, tag: &Tag) {
    change.plan_computed(&VersionTag::of(tag));
    if change.config.message.is_null() {
        change.planned.message.set(tag.to_string());
    }
}

/// Another name is another tag: the schema makes that a replacement, and the new tag is planned after
/// this. Here is said what becomes of the old one.
async fn leave(
    session: &Session<'_>,
    change: &mut Change<VersionTag>,
    prior: &VersionTag,
    tag: &Tag,
) -> Result<(), Diagnostics> {
    refuse_another_version(session, prior, tag)?;
    change.reopen_computed([]);
    if prior.is_kept(session)? {
        change.warn(error::tag::kept(&prior.tag_name));
        return Ok(());
    }
    delete(session, change).await
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
    let request = removal(tag, prior.commit());
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
        if change.config.message.is_null()
            && change.prior.as_ref().is_some_and(|it| it.says().is_none())
        {
            change.planned.message.set(tag.to_string());
        }
        return;
    }
    let prior = prior_commit(change);
    if prior != Some(target) {
        change.planned.commit_sha.set(Text(target));
    }
    match prior {
        None => change.planned.updated_at.set_null(),
        Some(from) if from == target && !is_rewritten(change) => {}
        Some(_) if tag.is_movable() => {
            change.planned.updated_at.set_unknown();
            // What was said of the commit before says nothing of this one.
            if change.config.message.is_null() {
                change.planned.message.set(tag.to_string());
            }
        }
        Some(_) => change.planned.created_at.set_unknown(),
    }
}

/// What depends on a commit that is not known before apply.
fn leave_open(change: &mut Change<VersionTag>, tag: &Tag) {
    change.planned.commit_sha.set_unknown();
    if change.prior.is_none() {
        return;
    }
    if !tag.is_movable() {
        // An override may move it, or nothing.
        return change.planned.created_at.set_unknown();
    }
    change.planned.updated_at.set_unknown();
    if change.config.message.is_null() {
        change.planned.message.set_unknown();
    }
}

/// Keeps `ref` and `message` as the state spells them, where the configuration says the same.
///
/// An import knows the commit alone. A `ref` that names an immutable tag means that commit for good; a
/// branch means it today, which is worth to be remembered.
async fn keep_spelling(
    session: &Session<'_>,
    change: &mut Change<VersionTag>,
    target: CommitSha,
) -> Result<(), Diagnostics> {
    let Some(prior) = change.prior.clone().filter(|prior| prior.commit() == Some(target)) else {
        return Ok(());
    };
    let message = change.config.message.known().cloned();
    let read = message.filter(|wanted| prior.reads(wanted)).and_then(|_| prior.says());
    if let Some(has) = read {
        change.planned.message.set(has.to_owned());
    }
    let wanted = change.config.r#ref.known().cloned();
    let has = prior.r#ref.get().filter(|has| **has == target.to_string());
    let (Some(wanted), Some(has)) = (wanted, has) else { return Ok(()) };
    if leads_for_good(session, &wanted, target).await? {
        change.planned.r#ref.set(has.clone());
    }
    Ok(())
}

/// Whether a revision is an immutable tag on this commit.
async fn leads_for_good(
    session: &Session<'_>,
    revision: &str,
    commit: CommitSha,
) -> Result<bool, Diagnostics> {
    let name = revision.strip_prefix("refs/tags/").unwrap_or(revision);
    let Ok(tag) = session.settings.grammar.parse(name) else { return Ok(false) };
    let found = session.snapshot().await?.tag(name);
    Ok(!tag.is_movable() && found.is_some_and(|found| found.target().to_commit() == commit))
}

/// The commit that the tag shall point at; `None`: not known before apply.
async fn target(
    cx: &Context<VersionTag>,
    session: &Session<'_>,
    change: &mut Change<VersionTag>,
    tag: &Tag,
) -> Result<Option<CommitSha>, Diagnostics> {
    let wanted = change.config.r#ref.clone();
    if wanted.is_unknown() {
        return Ok(None);
    }
    let Some(wanted) = wanted.known().cloned() else {
        return stays(session, change, tag).await.map(Some);
    };
    if change.prior.as_ref().is_some_and(|prior| prior.r#ref.get() == Some(&wanted)) {
        let known =
            if tag.is_movable() { cx.private().value(FOLLOWED) } else { prior_commit(change) };
        if known.is_some() {
            return Ok(known);
        }
    }
    let commit = session.repository.resolve(&wanted).await.blame(VersionTag::REF)?;
    if change.prior.is_none() {
        session.check_foreseen(tag.name(), &wanted, commit, VersionTag::REF)?;
    }
    let warning = session.local_branch(&wanted, VersionTag::REF).await?;
    warning.into_iter().for_each(|warning| change.warn(warning));
    Ok(Some(commit))
}

/// Where the tag stands, for a configuration that does not say where it should.
async fn stays(
    session: &Session<'_>,
    change: &Change<VersionTag>,
    tag: &Tag,
) -> Result<CommitSha, Diagnostics> {
    if let Some(commit) = prior_commit(change) {
        return Ok(commit);
    }
    let found = session.snapshot().await?.tag(tag.name().as_str());
    let found = found.map(|found| found.target().to_commit());
    found.ok_or_else(|| error::tag::no_ref(tag.name()))
}

fn prior_commit(change: &Change<VersionTag>) -> Option<CommitSha> {
    change.prior.as_ref().and_then(VersionTag::commit)
}

fn is_immutable(change: &Change<VersionTag>) -> bool {
    change.prior.as_ref().is_some_and(|prior| prior.is_movable.get() == Some(&false))
}

/// Whether the tag gets another message; also where that is not known before apply.
fn is_rewritten(change: &Change<VersionTag>) -> bool {
    let Some(prior) = &change.prior else { return false };
    let wanted = &change.config.message;
    wanted.is_unknown() || wanted.known().is_some_and(|wanted| !prior.reads(wanted))
}
