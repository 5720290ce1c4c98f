//! `pipeline_version_tag`: a version, a state of a version, or an environment pointer, as an annotated tag.
//!
//! Which rule forbids what is decided by `pipeline_core::tag::rules`; here the facts are gathered and
//! the transaction is made.

mod facts;
mod model;
mod plan;

use pipeline_core::git::{RefUpdate, Signature, Snapshot};
use pipeline_core::tag::rules::{self as policy, OnDestroy, TagAction, TagChange, TagFacts};
use pipeline_core::{CommitSha, Tag, TagName, Timestamp};
use tfplugin::{
    Change, ChangeKind, Context, Diagnostic, Diagnostics, ImportKey, Path, Resource, Text,
};

pub use model::VersionTag;

use crate::error;
use crate::pipeline::Pipeline;
use crate::session::Session;

/// Beside the state: the commit of an immutable tag that somebody moved or deleted.
const RECORDED: &str = "recorded";

impl Resource for VersionTag {
    const NAME: &'static str = "pipeline_version_tag";
    type Provider = Pipeline;

    async fn plan(cx: &Context<Self>, change: &mut Change<Self>) -> Result<(), Diagnostics> {
        match change.kind() {
            _ if !cx.provider.is_known() => Ok(()),
            ChangeKind::Delete => plan::delete(cx, change).await,
            ChangeKind::Create | ChangeKind::Update => plan::write(cx, change).await,
        }
    }

    async fn create(self, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        let session = cx.provider.open().await?;
        self.write(&session, None).await
    }

    async fn read(self, cx: &Context<Self>) -> Result<Option<Self>, Diagnostics> {
        let session = cx.provider.open().await?;
        let snapshot = session.snapshot().await?;
        match snapshot.tag(self.tag_name.as_str()).map(|found| found.target().to_commit()) {
            Some(found) if self.points_at(found) => {
                if recorded(cx).is_none_or(|recorded| recorded == found) {
                    cx.private().remove(RECORDED);
                }
                Ok(Some(self))
            }
            Some(found) => self.moved(cx, &session, found).await.map(Some),
            None => Ok(self.gone(cx)),
        }
    }

    async fn update(self, prior: Self, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        let session = cx.provider.open().await?;
        let lost = recorded(cx).is_some();
        if !lost && self.commit_sha == prior.commit_sha && self.message == prior.message {
            return Ok(self);
        }
        let written = self.write(&session, Some(&prior)).await?;
        cx.private().remove(RECORDED);
        Ok(written)
    }

    async fn delete(self, cx: &Context<Self>) -> Result<(), Diagnostics> {
        let session = cx.provider.open().await?;
        let tag = session.tag(&self.tag_name, Self::TAG_NAME)?;
        if policy::on_destroy(&tag, session.settings.admin_override.as_ref()) == OnDestroy::Forget {
            cx.warn(kept(&self.tag_name));
            return Ok(());
        }
        let snapshot = session.snapshot().await?;
        let Some(existing) = snapshot.tag(self.tag_name.as_str()) else { return Ok(()) };
        let found = existing.target().to_commit();
        swap(&tag, self.commit_sha.get().map(|sha| sha.0), Some(found))?;
        let facts = facts::gather(&session, &tag, &snapshot, None, true).await?;
        let change = TagChange { tag: &tag, action: TagAction::Delete { from: found } };
        let update = RefUpdate::delete(self.tag_name.ref_name(), existing.object);
        carry_out(&session, &change, &facts, update).await
    }

    async fn import(key: ImportKey<Self>, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        let session = cx.provider.open().await?;
        let name = imported_name(key)?;
        let tag = session.tag(&name, Self::TAG_NAME)?;
        let found = session.repository.tag(name.as_str()).await;
        let found = found.map_err(|error| error::git(&error, &Self::TAG_NAME.into()))?;
        let found = found.ok_or_else(|| no_such_tag(&name, &session))?;
        let message = Some(found.message.clone()).filter(|m| !m.is_empty() && m != name.as_str());
        let created_at = found.created_at().unwrap_or_else(|| session.now());
        let imported = Self {
            r#ref: found.commit.to_string(),
            message,
            commit_sha: Text(found.commit).into(),
            created_at: Text(created_at).into(),
            updated_at: None.into(),
            ..Self::unplanned(name)
        };
        Ok(imported.described(&tag))
    }
}

impl VersionTag {
    fn points_at(&self, commit: CommitSha) -> bool {
        self.commit_sha.get().is_some_and(|known| known.0 == commit)
    }

    /// Writes the tag, and the audit record where an override is used, in one transaction.
    async fn write(self, session: &Session<'_>, prior: Option<&Self>) -> Result<Self, Diagnostics> {
        let tag = session.tag(&self.tag_name, Self::TAG_NAME)?;
        let target = self.target(session).await?;
        let snapshot = session.snapshot().await?;
        let facts = facts::gather(session, &tag, &snapshot, Some(target), prior.is_some()).await?;
        if let Some(found) = taken_up(session, &snapshot, &self.tag_name, &facts) {
            return self.adopted(session, &tag, found).await;
        }
        let seen = prior.and_then(|prior| prior.commit_sha.get().map(|sha| sha.0));
        if tag.is_movable() {
            swap(&tag, seen, facts.existing)?;
        }
        let action = match (seen, facts.existing) {
            (Some(from), Some(_)) => TagAction::Move { from, to: target },
            _ => TagAction::Create { commit: target },
        };
        let by = session.signature();
        let message = self.message.as_deref().unwrap_or(self.tag_name.as_str());
        let object =
            session.repository.write_tag_object(self.tag_name.as_str(), target, &by, message);
        let object = object.map_err(|error| error::git(&error, &Path::root()))?;
        let update = RefUpdate {
            name: self.tag_name.ref_name(),
            expected: snapshot.tag(self.tag_name.as_str()).map(|found| found.object),
            new: Some(object),
        };
        carry_out(session, &TagChange { tag: &tag, action }, &facts, update).await?;
        Ok(self.written(&tag, prior, target, by.time))
    }

    /// The tag that an apply made before it was killed, as it is.
    async fn adopted(
        self,
        session: &Session<'_>,
        tag: &Tag,
        commit: CommitSha,
    ) -> Result<Self, Diagnostics> {
        let found = session.repository.tag(self.tag_name.as_str()).await;
        let found = found.map_err(|error| error::git(&error, &Self::TAG_NAME.into()))?;
        let made = found.and_then(|found| found.created_at()).unwrap_or_else(|| session.now());
        Ok(self.written(tag, None, commit, made))
    }

    async fn target(&self, session: &Session<'_>) -> Result<CommitSha, Diagnostics> {
        match self.commit_sha.get() {
            Some(commit) => Ok(commit.0),
            None => session
                .repository
                .resolve(&self.r#ref)
                .await
                .map_err(|error| error::git(&error, &Self::REF.into())),
        }
    }

    fn written(self, tag: &Tag, prior: Option<&Self>, target: CommitSha, now: Timestamp) -> Self {
        let (created_at, updated_at) = match prior {
            Some(prior) if tag.is_movable() => (prior.created_at, Some(Text(now)).into()),
            _ => (Text(now).into(), None.into()),
        };
        Self { commit_sha: Text(target).into(), created_at, updated_at, ..self }.described(tag)
    }

    /// Somebody else moved the tag: show where it is, and say who.
    async fn moved(
        self,
        cx: &Context<Self>,
        session: &Session<'_>,
        found: CommitSha,
    ) -> Result<Self, Diagnostics> {
        let tag = session.tag(&self.tag_name, Self::TAG_NAME)?;
        let before = recorded(cx).or_else(|| self.commit_sha.get().map(|sha| sha.0));
        let object = session.repository.tag(self.tag_name.as_str()).await.ok().flatten();
        let by = object.as_ref().and_then(|object| object.tagger.as_ref());
        cx.warn(moved_outside(&tag, before, found, by));
        if !tag.is_movable() {
            if let Some(commit) = before {
                cx.private().set(RECORDED, commit.to_string().into_bytes());
            }
            return Ok(Self { commit_sha: Text(found).into(), ..self });
        }
        let updated_at = by.map(|by| Text(by.time));
        Ok(Self { commit_sha: Text(found).into(), updated_at: updated_at.into(), ..self })
    }

    /// Somebody else deleted the tag: an environment tag is gone; an immutable one will be put back.
    fn gone(self, cx: &Context<Self>) -> Option<Self> {
        if self.is_movable.get() != Some(&false) {
            return None;
        }
        let commit = recorded(cx).or_else(|| self.commit_sha.get().map(|sha| sha.0))?;
        cx.warn(deleted_outside(&self.tag_name, commit));
        cx.private().set(RECORDED, commit.to_string().into_bytes());
        Some(self)
    }
}

/// The commit of a tag that stands there although the facts do not count it.
fn taken_up(
    session: &Session<'_>,
    snapshot: &Snapshot,
    name: &TagName,
    facts: &TagFacts<'_>,
) -> Option<CommitSha> {
    let found = snapshot.tag(name.as_str()).filter(|found| session.wrote(found.object))?;
    facts.existing.is_none().then(|| found.target().to_commit())
}

/// Checks the change as it is about to happen, and makes it happen, with its audit record where an
/// override is used (SCY004).
async fn carry_out(
    session: &Session<'_>,
    change: &TagChange<'_>,
    facts: &TagFacts<'_>,
    update: RefUpdate,
) -> Result<(), Diagnostics> {
    error::settle(&policy::check(change, facts), |_| ())?;
    let by = session.signature();
    let mut updates = vec![update];
    let audit = policy::audit(change, facts, &session.actor(), by.time);
    let unaudited = policy::check_audited(&policy::set_aside(change, facts), audit.as_ref());
    error::settle(&unaudited, |_| ())?;
    if let Some(record) = audit {
        let ledger = session.ledger();
        let staged = ledger.stage(&ledger.new_audit(by.time), None, &record, &by, &record.action);
        updates.push(staged.map_err(|error| error::ledger(&error, &Path::root()))?);
    }
    session.commit(updates).await
}

/// TAG010: the tag has to stand where the plan saw it.
fn swap(tag: &Tag, seen: Option<CommitSha>, found: Option<CommitSha>) -> Result<(), Diagnostics> {
    policy::check_swap(tag, seen, found)
        .map_err(|lost| error::all(&[lost], &VersionTag::TAG_NAME.into()))
}

fn recorded(cx: &Context<VersionTag>) -> Option<CommitSha> {
    std::str::from_utf8(&cx.private().get(RECORDED)?).ok()?.parse().ok()
}

fn imported_name(key: ImportKey<VersionTag>) -> Result<TagName, Diagnostics> {
    let bad = |violations| error::violations_at(&violations, VersionTag::TAG_NAME);
    match key {
        ImportKey::Id(id) => id.parse().map_err(bad),
        ImportKey::Identity(draft) => match draft.tag_name.known() {
            Some(name) => Ok(name.0.clone()),
            None => "".parse().map_err(bad),
        },
    }
}

fn kept(name: &TagName) -> Diagnostic {
    Diagnostic::warning(
        VersionTag::TAG_NAME,
        "The tag stays in git",
        format!(
            "\"{name}\" is immutable (TAG009, TAG011): Terraform forgets it and git keeps it. Next: nothing; \
             `terraform import` takes it back."
        ),
    )
}

fn moved_outside(
    tag: &Tag,
    before: Option<CommitSha>,
    found: CommitSha,
    by: Option<&Signature>,
) -> Diagnostic {
    let expected = before.map_or_else(|| "an earlier commit".to_owned(), |sha| sha.to_string());
    let who = by.map_or_else(String::new, |by| format!(", moved by {} at {}", by.name, by.time));
    let next = if tag.is_movable() {
        "Next: apply moves it back, or change `ref` to keep the new commit."
    } else {
        "Next: put the tag back in git; no plan of Terraform moves an immutable tag."
    };
    Diagnostic::warning(
        VersionTag::TAG_NAME,
        "The tag was moved outside Terraform",
        format!("Found \"{}\" at {found}{who}; expected {expected}. {next}", tag.name()),
    )
}

fn deleted_outside(name: &TagName, commit: CommitSha) -> Diagnostic {
    Diagnostic::warning(
        VersionTag::TAG_NAME,
        "An immutable tag was deleted outside Terraform",
        format!(
            "Found no tag \"{name}\"; expected it at {commit}. Version and state tags are never deleted \
             (TAG009, TAG011). Next: apply puts it back on that commit."
        ),
    )
}

fn no_such_tag(name: &TagName, session: &Session<'_>) -> Diagnostics {
    let place = session.repository.shown();
    Diagnostic::error(
        VersionTag::TAG_NAME,
        "There is no such tag",
        format!(
            "Found no tag \"{name}\" in {place}; expected an existing tag to import. Next: check the name \
             with `git ls-remote --tags`."
        ),
    )
    .into()
}
