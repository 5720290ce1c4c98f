//! `pipeline_version_tag`: a version, a state of a version, or an environment pointer, as an annotated tag.
//!
//! What may happen to a tag, and how, is `pipeline_core::tag`'s; here is what Terraform calls it.

mod foreign;
mod model;
mod plan;

use pipeline_core::tag::rules::{OnDestroy, on_destroy};
use pipeline_core::tag::{StagedTag, TagRequest};
use pipeline_core::{CommitSha, Tag, TagName, Timestamp};
use tfplugin::{
    Change, ChangeKind, Context, Diagnostic, Diagnostics, ImportKey, MoveSource, Path, Resource,
    Text,
};

pub use model::VersionTag;

use crate::error::{self, Blame as _};
use crate::pipeline::Pipeline;
use crate::session::Session;

/// Beside the state: the commit of an immutable tag that somebody moved or deleted.
const RECORDED: &str = "recorded";

/// Beside the state: the commit to which an environment tag would move, as its `ref` was when the plan
/// read it. The apply that comes later goes there, as the plan said.
const FOLLOWED: &str = "followed";

impl Resource for VersionTag {
    const NAME: &'static str = "pipeline_version_tag";
    type Provider = Pipeline;

    async fn plan(cx: &Context<Self>, change: &mut Change<Self>) -> Result<(), Diagnostics> {
        let Some(session) = cx.provider.open_for_plan().await? else { return Ok(()) };
        match change.kind() {
            ChangeKind::Delete => plan::delete(&session, change).await,
            ChangeKind::Create | ChangeKind::Update => plan::write(cx, &session, change).await,
        }
    }

    async fn create(self, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        let session = opened(cx).await?;
        let made = self.write(cx, &session, None).await?;
        session.foreseen_made(&made.tag_name);
        Ok(made)
    }

    async fn read(self, cx: &Context<Self>) -> Result<Option<Self>, Diagnostics> {
        let session = cx.provider.open().await?;
        let Some(this) = self.whole(&session).await? else { return Ok(None) };
        // A name that the settings no longer know is for the plan to refuse.
        if let Ok(tag) = session.settings.grammar.parse(this.tag_name.as_str()) {
            error::settle(&this.faults(&tag), |_| ())?;
        }
        if this.is_movable.get() == Some(&false) {
            session.note_known_tag(&this.tag_name);
        }
        this.follow(cx, &session).await;
        let snapshot = session.snapshot().await?;
        match snapshot.tag(this.tag_name.as_str()).map(|found| found.target().to_commit()) {
            Some(found) if this.commit() == Some(found) => {
                if recorded(cx).is_none_or(|recorded| recorded == found) {
                    cx.private().remove(RECORDED);
                }
                Ok(Some(this))
            }
            Some(found) => this.moved(cx, &session, found).await.map(Some),
            None => Ok(this.gone(cx)),
        }
    }

    async fn update(self, prior: Self, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        let session = opened(cx).await?;
        let lost = recorded(cx).is_some();
        cx.private().remove(FOLLOWED);
        if !lost && self.commit_sha == prior.commit_sha && !self.rewrites(&prior) {
            return Ok(self);
        }
        let written = self.write(cx, &session, Some(&prior)).await?;
        cx.private().remove(RECORDED);
        Ok(written)
    }

    async fn forget(&self, cx: &Context<Self>) -> Result<Option<Diagnostic>, Diagnostics> {
        let Some(session) = cx.provider.open_for_plan().await? else { return Ok(None) };
        Ok(self.is_kept(&session)?.then(|| error::tag::kept(&self.tag_name)))
    }

    async fn delete(self, cx: &Context<Self>) -> Result<(), Diagnostics> {
        let session = opened(cx).await?;
        let tag = session.tag(&self.tag_name, Self::TAG_NAME)?;
        carry_out(cx, &session, removal(tag, self.commit())).await.map(drop)
    }

    async fn import(key: ImportKey<Self>, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        let session = cx.provider.open().await?;
        let named =
            key.text(|tag| tag.tag_name.known().map(|it| it.to_string()).unwrap_or_default());
        let name: TagName = named.parse().blame(Self::TAG_NAME)?;
        let tag = session.tag(&name, Self::TAG_NAME)?;
        let found = found(&session, &tag).await?;
        found.ok_or_else(|| error::tag::no_such_tag(&name, session.repository.shown()))
    }

    fn move_from(source: &MoveSource) -> Option<Result<Self, Diagnostics>> {
        foreign::taken_over(source)
    }
}

/// A tag as it is in git; `None`: there is none.
///
/// # Errors
/// When it cannot be read, or leads to no commit.
pub(crate) async fn found(
    session: &Session<'_>,
    tag: &Tag,
) -> Result<Option<VersionTag>, Diagnostics> {
    let path = VersionTag::TAG_NAME;
    let found = session.repository.tag(tag.name().as_str()).await.blame(path)?;
    let Some(found) = found else { return Ok(None) };
    let created_at = match found.created_at() {
        Some(at) => Some(at),
        None => session.repository.committed_at(found.commit).await.blame(path)?,
    };
    Ok(Some(VersionTag {
        r#ref: found.commit.to_string().into(),
        message: Some(found.message).filter(|message| !message.is_empty()).into(),
        commit_sha: Text(found.commit).into(),
        created_at: created_at.map(Text).into(),
        updated_at: None.into(),
        ..VersionTag::of(tag)
    }))
}

impl VersionTag {
    /// As the state has it; taken over from another provider, as git has it, where the state says nothing else.
    async fn whole(self, session: &Session<'_>) -> Result<Option<Self>, Diagnostics> {
        if self.is_movable.get().is_some() {
            return Ok(Some(self));
        }
        let tag = session.tag(&self.tag_name, Self::TAG_NAME)?;
        let Some(found) = found(session, &tag).await? else { return Ok(None) };
        let r#ref = if self.r#ref.is_unknown() { found.r#ref } else { self.r#ref };
        let commit_sha =
            if self.commit_sha.is_unknown() { found.commit_sha } else { self.commit_sha };
        Ok(Some(Self { r#ref, commit_sha, ..found }))
    }

    /// Whether it stays in git when its resource is destroyed.
    fn is_kept(&self, session: &Session<'_>) -> Result<bool, Diagnostics> {
        let tag = session.tag(&self.tag_name, Self::TAG_NAME)?;
        Ok(on_destroy(&tag, session.admin_override()) == OnDestroy::Forget)
    }

    /// Notes where the `ref` of an environment tag leads now. Where it leads nowhere, and where the tag
    /// stands there already, there is nothing to go to.
    async fn follow(&self, cx: &Context<Self>, session: &Session<'_>) {
        let name = self.r#ref.get().filter(|_| self.is_movable.get() == Some(&true));
        let leads = match name {
            Some(name) => session.repository.resolve(name).await.ok(),
            None => None,
        };
        cx.private().keep(FOLLOWED, leads.filter(|commit| Some(*commit) != self.commit()));
    }

    /// Writes the tag, or finds it written by an apply that was killed.
    async fn write(
        self,
        cx: &Context<Self>,
        session: &Session<'_>,
        prior: Option<&Self>,
    ) -> Result<Self, Diagnostics> {
        let tag = session.tag(&self.tag_name, Self::TAG_NAME)?;
        let target = cx.stop.unless(self.target(session)).await??;
        let request = TagRequest {
            tag: tag.clone(),
            seen: seen(cx, prior),
            to: Some(target),
            rewrites: prior.is_some_and(|prior| self.rewrites(prior)),
            message: self.says().map(str::to_owned),
            replaces: false,
        };
        let at = carry_out(cx, session, request).await?;
        Ok(self.written(&tag, prior, target, at))
    }

    async fn target(&self, session: &Session<'_>) -> Result<CommitSha, Diagnostics> {
        match self.commit_sha.get() {
            Some(commit) => Ok(commit.0),
            None => match self.r#ref.get() {
                Some(name) => session.repository.resolve(name).await.blame(Self::REF),
                None => Err(error::tag::no_ref(&self.tag_name)),
            },
        }
    }

    fn written(self, tag: &Tag, prior: Option<&Self>, target: CommitSha, now: Timestamp) -> Self {
        let (created_at, updated_at) = match prior {
            Some(prior) if tag.is_movable() => (prior.created_at, Some(Text(now)).into()),
            _ => (Some(Text(now)).into(), None.into()),
        };
        let message = match self.message.into_inner() {
            Some(known) => known.into(),
            None => Some(tag.to_string()).into(),
        };
        let commit_sha = Text(target).into();
        Self { commit_sha, created_at, updated_at, message, ..self }.described(tag)
    }

    /// Somebody else moved the tag: show where it is, and say who.
    async fn moved(
        self,
        cx: &Context<Self>,
        session: &Session<'_>,
        found: CommitSha,
    ) -> Result<Self, Diagnostics> {
        let tag = session.tag(&self.tag_name, Self::TAG_NAME)?;
        let before = recorded(cx).or(self.commit());
        let object = session.repository.tag(self.tag_name.as_str()).await.ok().flatten();
        let by = object.as_ref().and_then(|object| object.tagger.as_ref());
        cx.warn(error::tag::moved_outside(&tag, before, found, by));
        if !tag.is_movable() {
            cx.private().keep(RECORDED, before);
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
        let commit = recorded(cx).or(self.commit())?;
        cx.warn(error::tag::deleted_outside(&self.tag_name, commit));
        cx.private().keep(RECORDED, Some(commit));
        Some(self)
    }
}

/// The repository, unless an interruption comes first.
async fn opened(cx: &Context<VersionTag>) -> Result<Session<'_>, Diagnostics> {
    cx.stop.unless(cx.provider.open()).await?
}

/// Makes the change, if its rules allow it, with its audit record where an override is used. When the
/// tag was made as it stands.
async fn carry_out(
    cx: &Context<VersionTag>,
    session: &Session<'_>,
    request: TagRequest,
) -> Result<Timestamp, Diagnostics> {
    let plan = cx.stop.unless(session.tag_plan(request)).await??;
    let checked = plan.check().blame(Path::root())?;
    let (ledger, author) = (session.ledger(), session.author());
    let staged = cx.stop.unless(checked.stage(&ledger, &author)).await?;
    let StagedTag { staged, at } = staged.blame(Path::root())?;
    session.commit_unless(staged, &cx.stop).await?.into_iter().for_each(|warning| cx.warn(warning));
    Ok(at)
}

/// That the tag goes.
const fn removal(tag: Tag, seen: Option<CommitSha>) -> TagRequest {
    TagRequest { tag, seen, to: None, rewrites: false, message: None, replaces: false }
}

/// Where the tag stands, as far as the state knows: where it was made, if somebody moved it since.
fn seen(cx: &Context<VersionTag>, prior: Option<&VersionTag>) -> Option<CommitSha> {
    prior.and_then(|prior| recorded(cx).or(prior.commit()))
}

/// The commit of an immutable tag that somebody moved or deleted since.
fn recorded(cx: &Context<VersionTag>) -> Option<CommitSha> {
    cx.private().value(RECORDED)
}
