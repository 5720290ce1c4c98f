//! What became of an artifact: refresh and import ask S3, and believe its checksum alone.

use pipeline_aws::s3::{Held, ObjectName, S3Error, Storage};
use pipeline_core::artifact::rules::Content;
use pipeline_core::artifact::{self, ArtifactPlace};
use tfplugin::{Context, Diagnostics, ImportKey};

use super::model::Artifact;
use super::{ETAG, RECORDED, UNRECORDED, record, recorded};
use crate::error::{self, Blame as _, artifact as words};
use crate::session::Session;

/// The artifact as it is now; nothing where its object is gone before its time.
pub(super) async fn refresh(
    artifact: Artifact,
    cx: &Context<Artifact>,
) -> Result<Option<Artifact>, Diagnostics> {
    let session = cx.provider.open().await?;
    let (Some(place), Some(storage)) = (artifact.place(), session.storage().await) else {
        return Ok(Some(artifact));
    };
    let artifact = recorded_as(artifact, cx, &session, &place).await?;
    match storage.find(&ObjectName::from(&place)).await {
        Ok(Some(held)) => {
            Box::pin(compare(artifact, cx, &session, &storage, &held)).await.map(Some)
        }
        Ok(None) => Ok(gone(artifact, cx, &session)),
        Err(S3Error::NoBucket { .. }) => Ok(gone(artifact, cx, &session)),
        Err(
            error @ (S3Error::Denied { .. } | S3Error::NoCredentials { .. } | S3Error::NoRegion),
        ) => {
            cx.warn(words::unseen(&place, &error));
            Ok(Some(artifact))
        }
        Err(error) => Err(error::s3(&error, Artifact::BUCKET)),
    }
}

/// With what the ledger says of it.
async fn recorded_as(
    artifact: Artifact,
    cx: &Context<Artifact>,
    session: &Session<'_>,
    place: &ArtifactPlace,
) -> Result<Artifact, Diagnostics> {
    match record::find(session, place).await?.record() {
        Some(record) => {
            cx.private().remove(UNRECORDED);
            let artifact_type = record.artifact.artifact_type.to_string();
            Ok(Artifact { artifact_type, ..artifact })
        }
        None => {
            cx.warn(words::unrecorded(place));
            cx.private().keep(UNRECORDED, Some(true));
            Ok(artifact)
        }
    }
}

/// The object is there: is it what was stored?
async fn compare(
    artifact: Artifact,
    cx: &Context<Artifact>,
    session: &Session<'_>,
    storage: &Storage,
    held: &Held,
) -> Result<Artifact, Diagnostics> {
    let (Some(place), Some(before)) = (artifact.place(), artifact.content()) else {
        return Ok(artifact);
    };
    let stored = recorded(cx).unwrap_or(before.checksum);
    let content = if is_as_before(&artifact, cx, held) {
        before
    } else {
        storage.content_of(&ObjectName::from(&place), held).await.blame(Artifact::BUCKET)?
    };
    cx.private().keep(ETAG, held.known_by_etag());
    let other = content.checksum != stored;
    cx.private().keep(RECORDED, other.then_some(stored));
    if other {
        cx.warn(words::changed_outside(&place, stored, content.checksum, held));
    }
    Ok(artifact.described(content, held, session.now()))
}

/// Whether the description alone shows that the object is the one that the state describes.
pub(super) fn is_as_before(artifact: &Artifact, cx: &Context<Artifact>, held: &Held) -> bool {
    let (Some(size), checksum) = (artifact.size_bytes.get(), artifact.s3_checksum.get()) else {
        return false;
    };
    let etag: Option<String> = cx.private().value(ETAG);
    held.is_still(*size, checksum.and_then(Option::as_deref), etag.as_deref())
}

/// The object is not there: it expired as it should, or somebody removed it.
fn gone(artifact: Artifact, cx: &Context<Artifact>, session: &Session<'_>) -> Option<Artifact> {
    let days = i64::try_from(artifact.retention_days).unwrap_or(i64::MAX);
    let end = artifact.uploaded_at.get().map(|at| at.0.plus_seconds(days.saturating_mul(86_400)));
    let expired = end.is_some_and(|end| end <= session.now());
    if expired {
        // What is not there any more cannot be recorded.
        cx.private().remove(UNRECORDED);
    }
    cx.warn(if expired { words::expired(&artifact) } else { words::deleted_outside(&artifact) });
    expired.then_some(artifact)
}

/// An artifact that is in S3 already.
pub(super) async fn import(
    key: ImportKey<Artifact>,
    cx: &Context<Artifact>,
) -> Result<Artifact, Diagnostics> {
    let place = imported(key)?;
    let session = cx.provider.open().await?;
    let storage = session.known_storage().await?;
    let object = ObjectName::from(&place);
    let held = storage.find(&object).await.blame(Artifact::BUCKET)?;
    let Some(held) = held else {
        // What cannot be read suggests nothing.
        let near = artifact::near(&session.ledger(), &place).await.ok().flatten();
        return Err(words::no_object(&place, near.as_ref()));
    };
    let recorded = record::find(&session, &place).await?;
    let record = recorded.record();
    let same = record.is_some_and(|it| it.s3_checksum == held.checksum.map(|it| it.to_string()));
    let content = match record {
        Some(record) if same && held.checksum.is_some() => {
            Content { checksum: record.artifact.checksum, size_bytes: record.artifact.size_bytes }
        }
        _ => storage.content_of(&object, &held).await.blame(Artifact::BUCKET)?,
    };
    cx.private().keep(ETAG, held.known_by_etag());
    let artifact_type = record.map(|it| it.artifact.artifact_type.to_string()).unwrap_or_default();
    let artifact = Artifact { artifact_type, ..Artifact::unplanned(&place) };
    record::check(&recorded, content)?;
    Ok(artifact.described(content, &held, session.now()))
}

fn imported(key: ImportKey<Artifact>) -> Result<ArtifactPlace, Diagnostics> {
    let uri = key.text(|it| {
        let bucket = it.bucket.known().map(ToString::to_string).unwrap_or_default();
        format!("s3://{bucket}/{}", it.key.known().map_or("", String::as_str))
    });
    uri.parse().blame(Artifact::BUCKET)
}
