//! What a plan of a tag says, and every rule that forbids it.

use pipeline_core::git::Snapshot;
use pipeline_core::tag::rules::{self as policy, OnDestroy, TagAction, TagChange};
use pipeline_core::{CommitSha, RuleId, Tag, Violation};
use tfplugin::{Change, Context, Diagnostics, Path, Text};

use super::facts;
use super::model::{VersionTag, describe};
use super::{kept, recorded};
use crate::error;
use crate::session::Session;

/// A plan to create or change a tag.
pub(super) async fn write(
    cx: &Context<VersionTag>,
    change: &mut Change<VersionTag>,
) -> Result<(), Diagnostics> {
    let Some(name) = change.config.tag_name.known().map(|name| name.0.clone()) else {
        return Ok(());
    };
    let recorded = change.prior.is_some().then(|| recorded(cx)).flatten();
    if recorded.is_none() && change.is_noop() && is_immutable(change) {
        return Ok(());
    }
    let session = cx.provider.open().await?;
    let tag = session.tag(&name, VersionTag::TAG_NAME)?;
    let snapshot = session.snapshot().await?;
    match &change.prior {
        None => describe(&tag, &mut change.planned),
        Some(prior) => refuse_another_version(&session, prior, &tag)?,
    }
    if let Some(recorded) = recorded {
        return repair(&tag, recorded, &snapshot, change);
    }
    let Some(target) = target(&session, change).await? else {
        change.planned.commit_sha.set_unknown();
        return Ok(());
    };
    session.plan_tag(&name, target);
    check(&session, &tag, &snapshot, target, change).await?;
    settle(change, &tag, target);
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
    let broken = policy::check_version_change(before, after, replaces);
    broken.map_or(Ok(()), |broken| Err(error::violations_at(&broken.into(), VersionTag::TAG_NAME)))
}

/// A plan to destroy a tag: an immutable one is only forgotten.
pub(super) async fn delete(
    cx: &Context<VersionTag>,
    change: &mut Change<VersionTag>,
) -> Result<(), Diagnostics> {
    let Some(prior) = change.prior.as_ref() else { return Ok(()) };
    let session = cx.provider.open().await?;
    let tag = session.tag(&prior.tag_name, VersionTag::TAG_NAME)?;
    if policy::on_destroy(&tag, session.settings.admin_override.as_ref()) == OnDestroy::Forget {
        let warning = kept(&prior.tag_name);
        change.warn(warning);
    }
    Ok(())
}

async fn check(
    session: &Session<'_>,
    tag: &Tag,
    snapshot: &Snapshot,
    target: CommitSha,
    change: &mut Change<VersionTag>,
) -> Result<(), Diagnostics> {
    let facts = facts::gather(session, tag, snapshot, Some(target), change.prior.is_some()).await?;
    let prior = prior_commit(change);
    let action = match prior {
        None => TagAction::Create { commit: target },
        Some(from) => TagAction::Move { from, to: target },
    };
    let mut found = policy::check(&TagChange { tag, action }, &facts);
    if prior.is_none() && tag.is_movable() {
        found.extend(policy::check_swap(tag, None, facts.existing).err());
    }
    let unchanged = prior == Some(target) && !is_rewritten(change);
    let (by_hand, found) = facts::split_at_plan(found);
    for violation in by_hand.iter().filter(|_| !unchanged) {
        change.warn(error::violation_under(violation, &Path::root()));
    }
    error::settle(&found, |warning| change.warn(warning))?;
    refuse_new_message(tag, change, facts.admin_override.is_some())
}

/// The message is part of an immutable tag.
fn refuse_new_message(
    tag: &Tag,
    change: &Change<VersionTag>,
    overridden: bool,
) -> Result<(), Diagnostics> {
    if tag.is_movable() || overridden || !is_rewritten(change) {
        return Ok(());
    }
    let rewritten = Violation::new(
        immutable(tag),
        format!("a new message for `{}`", tag.name()),
        "the message that it was made with, because an immutable tag is never written again",
        "Restore the old message.",
    );
    Err(error::violations_at(&rewritten.into(), VersionTag::MESSAGE))
}

/// The rule that keeps this kind of tag where it is.
fn immutable(tag: &Tag) -> RuleId {
    if tag.state().is_some() { RuleId::TAG011 } else { RuleId::TAG009 }
}

/// What is known of the object that will be: a plan that changes nothing sets nothing.
fn settle(change: &mut Change<VersionTag>, tag: &Tag, target: CommitSha) {
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
    change: &Change<VersionTag>,
) -> Result<Option<CommitSha>, Diagnostics> {
    let Some(wanted) = change.config.r#ref.known() else { return Ok(None) };
    let same = change.prior.as_ref().is_some_and(|prior| prior.r#ref == *wanted);
    if same && is_immutable(change) {
        return Ok(prior_commit(change));
    }
    let found = session.repository.resolve(wanted).await;
    found.map(Some).map_err(|error| error::git(&error, &VersionTag::REF.into()))
}

/// An immutable tag that is not where it was made: put back if it is gone, refused if it moved.
fn repair(
    tag: &Tag,
    recorded: CommitSha,
    snapshot: &Snapshot,
    change: &mut Change<VersionTag>,
) -> Result<(), Diagnostics> {
    match snapshot.tag(tag.name().as_str()).map(|found| found.target().to_commit()) {
        Some(found) if found != recorded => Err(moved(tag, recorded, found)),
        _ => {
            change.planned.commit_sha.set(Text(recorded));
            change.planned.created_at.set_unknown();
            Ok(())
        }
    }
}

fn moved(tag: &Tag, recorded: CommitSha, found: CommitSha) -> Diagnostics {
    let name = tag.name();
    let moved = Violation::new(
        immutable(tag),
        format!("`{name}` on commit `{found}`, where somebody moved it outside Terraform"),
        format!("it on commit `{recorded}`, where it was made"),
        format!(
            "Put it back in git (`git push --force <remote> {recorded}:refs/tags/{name}`), or, if the move \
             is right, remove the resource from state and import the tag again."
        ),
    );
    error::violations_at(&moved.into(), VersionTag::TAG_NAME)
}

fn prior_commit(change: &Change<VersionTag>) -> Option<CommitSha> {
    change.prior.as_ref().and_then(|prior| prior.commit_sha.get().map(|sha| sha.0))
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
