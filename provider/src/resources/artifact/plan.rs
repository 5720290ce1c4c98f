//! What a plan of an artifact says, and every rule that forbids it.

use pipeline_aws::s3::{ObjectName, Payload, S3Error};
use pipeline_core::CommitSha;
use pipeline_core::artifact::rules::{Elsewhere, check_unchanged};
use pipeline_core::artifact::{ArtifactPath, ArtifactPlace};
use tfplugin::{Change, Context, Diagnostics, Text};

use super::model::{Artifact, ArtifactDraft};
use super::{UNRECORDED, bucket, file, record, recorded};
use crate::error::{self, Blame as _, artifact as words};
use crate::session::Session;

/// A plan to upload an artifact, or to change what is said of one.
pub(super) async fn write(
    cx: &Context<Artifact>,
    session: &Session<'_>,
    change: &mut Change<Artifact>,
) -> Result<(), Diagnostics> {
    let commit = match change.config.r#ref.known().cloned() {
        Some(revision) => {
            let commit = commit(session, &revision).await?;
            let warning = session.local_branch(&revision, Artifact::REF).await?;
            warning.into_iter().for_each(|warning| change.warn(warning));
            Some(commit)
        }
        None => None,
    };
    let path = path(change)?;
    let Some(place) = fill(change, commit, path) else { return Ok(()) };
    let same = change.prior.as_ref().and_then(Artifact::place).as_ref() == Some(&place);
    if same {
        return keep(cx, change, &place).await;
    }
    let payload = match change.config.source.known() {
        Some(source) => wanted_file(change, source).await?,
        None => None,
    };
    expect(change, payload.as_ref());
    if let Some(payload) = &payload {
        record::check(&record::find(session, &place).await?, payload.content())?;
    }
    check_object(session, change, &place, payload.as_ref()).await
}

/// The commit of a revision.
pub(super) async fn commit(
    session: &Session<'_>,
    revision: &str,
) -> Result<CommitSha, Diagnostics> {
    session.repository.resolve(revision).await.blame(Artifact::REF)
}

/// The path under the commit: as given, or the name of the file.
fn path(change: &Change<Artifact>) -> Result<Option<ArtifactPath>, Diagnostics> {
    let ArtifactDraft { path, source, .. } = &change.config;
    match (path.known(), source.known()) {
        (Some(path), _) => Ok(Some(path.0.clone())),
        (None, Some(source)) if path.is_null() => file::path_of(source).map(Some),
        _ => Ok(None),
    }
}

/// Fills in what follows from commit and path. Another place is another artifact; the place itself is
/// given where all of it is known.
fn fill(
    change: &mut Change<Artifact>,
    commit: Option<CommitSha>,
    path: Option<ArtifactPath>,
) -> Option<ArtifactPlace> {
    let bucket = change.config.bucket.known().map(|bucket| bucket.0.clone());
    let prior = change.prior.as_ref();
    let moved = prior.is_some_and(|it| it.commit_sha.get().map(|sha| sha.0) != commit);
    let renamed = prior.is_some_and(|it| it.path.get().map(|it| &it.0) != path.as_ref());
    let elsewhere = prior.is_some_and(|it| Some(&it.bucket.0) != bucket.as_ref());
    if prior.is_some() && !(moved || renamed || elsewhere) {
        let place = prior.and_then(Artifact::place);
        change.keep_computed();
        return place;
    }
    if moved {
        change.requires_replace(Artifact::COMMIT_SHA);
    }
    if renamed {
        change.requires_replace(Artifact::PATH);
    }
    change.reopen_computed([]);
    if let Some(path) = &path {
        change.planned.path.set(Text(path.clone()));
    }
    if let Some(commit) = commit {
        change.planned.commit_sha.set(Text(commit));
    }
    let place = ArtifactPlace::new(bucket?, commit?, path?);
    change.plan_computed(&Artifact::unplanned(&place));
    Some(place)
}

/// Nothing is to be uploaded, and nothing may be: an artifact of a commit never changes.
async fn keep(
    cx: &Context<Artifact>,
    change: &mut Change<Artifact>,
    place: &ArtifactPlace,
) -> Result<(), Diagnostics> {
    let Some(known) = change.prior.as_ref().and_then(Artifact::content) else { return Ok(()) };
    if let Some(stored) = recorded(cx) {
        let other = check_unchanged(place, stored, known.checksum, Elsewhere::Object);
        return error::refuse(other, Artifact::BUCKET);
    }
    if let Some(source) = change.config.source.known() {
        let wanted = change.config.source_hash.known().map(|hash| hash.0);
        let found = match file::look(source).await? {
            Some(payload) => Some(payload.content().checksum),
            None => wanted,
        };
        let at = Elsewhere::File { path: source };
        let other = found.and_then(|found| check_unchanged(place, known.checksum, found, at));
        error::refuse(other, Artifact::SOURCE)?;
    }
    if cx.private().get(UNRECORDED).is_some() {
        change.planned.uploaded_at.set_unknown();
    }
    Ok(())
}

/// The file that is to be uploaded; `None`: it is not there yet, and need not be.
async fn wanted_file(
    change: &Change<Artifact>,
    source: &str,
) -> Result<Option<Payload>, Diagnostics> {
    let hash = &change.config.source_hash;
    match file::look(source).await? {
        // What lies there now is from an earlier build.
        _ if hash.is_unknown() => Ok(None),
        None => Err(file::missing(source).into()),
        Some(payload) => {
            let wanted = hash.known().map(|hash| hash.0);
            file::check_hash(source, payload.content().checksum, wanted)?;
            Ok(Some(payload))
        }
    }
}

fn expect(change: &mut Change<Artifact>, payload: Option<&Payload>) {
    let content = payload.map(Payload::content);
    let hash = change.config.source_hash.known().map(|hash| hash.0);
    if let Some(checksum) = content.map(|content| content.checksum).or(hash) {
        change.planned.checksum.set(Text(checksum));
    }
    if let Some(content) = content {
        change.planned.size_bytes.set(content.size_bytes);
    }
}

/// Looks at the bucket, and at what may lie at the place already.
async fn check_object(
    session: &Session<'_>,
    change: &mut Change<Artifact>,
    place: &ArtifactPlace,
    payload: Option<&Payload>,
) -> Result<(), Diagnostics> {
    let Some(storage) = session.storage().await else { return Ok(()) };
    let days = change.planned.retention_days.known().copied().unwrap_or_default();
    let warnings = bucket::look(session, &storage, place, days).await?;
    warnings.into_iter().for_each(|warning| change.warn(warning));
    let Some(payload) = payload else { return Ok(()) };
    match storage.found_before(&ObjectName::from(place), payload).await {
        Ok(Some(found)) => {
            let known = payload.content().checksum;
            let other = check_unchanged(place, known, found, Elsewhere::Object);
            error::refuse(other, Artifact::SOURCE)
        }
        Ok(None) => Ok(()),
        // Without the right to list the bucket, S3 denies to say that nothing is there; and whatever
        // keeps the bucket from being looked at was told of the bucket.
        Err(S3Error::Frozen { target }) => {
            change.warn(words::frozen(&target));
            Ok(())
        }
        Err(_) => Ok(()),
    }
}
