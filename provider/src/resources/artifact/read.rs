//! What became of an artifact: refresh and import ask S3, and believe its checksum alone.

use pipeline_aws::s3::{Held, ObjectName, S3Checksum, S3Error, Storage};
use pipeline_core::Sha256;
use pipeline_core::artifact::ArtifactPlace;
use pipeline_core::artifact::rules::Content;
use tfplugin::{Context, Diagnostic, Diagnostics, ImportKey, Text};

use super::model::Artifact;
use super::{ETAG, RECORDED, UNRECORDED, record, recorded};
use crate::error;
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
            cx.warn(unseen(&place, &error));
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
            cx.warn(unrecorded(place));
            cx.private().set(UNRECORDED, b"true".to_vec());
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
        content_of(storage, &place, held).await?
    };
    remember(cx, held);
    if content.checksum == stored {
        cx.private().remove(RECORDED);
    } else {
        cx.private().set(RECORDED, stored.to_string().into_bytes());
        cx.warn(changed(&place, stored, content.checksum, held));
    }
    Ok(artifact.described(content, held, session.now()))
}

/// Whether the description alone shows that the object is the one that the state describes.
fn is_as_before(artifact: &Artifact, cx: &Context<Artifact>, held: &Held) -> bool {
    let size = artifact.size_bytes.get() == Some(&held.size_bytes);
    let known = artifact.s3_checksum.get().cloned().flatten();
    match (held.checksum, known) {
        (Some(found), Some(known)) => size && found.to_string() == known,
        (None, None) => size && cx.private().get(ETAG).as_deref() == Some(held.etag.as_bytes()),
        _ => false,
    }
}

/// An object without a checksum of S3 is known again by its ETag: it was not written since.
fn remember(cx: &Context<Artifact>, held: &Held) {
    match held.checksum {
        Some(_) => cx.private().remove(ETAG),
        None => cx.private().set(ETAG, held.etag.clone().into_bytes()),
    }
}

async fn content_of(
    storage: &Storage,
    place: &ArtifactPlace,
    held: &Held,
) -> Result<Content, Diagnostics> {
    let content = storage.content_of(&ObjectName::from(place), held).await;
    content.map_err(|error| error::s3(&error, Artifact::BUCKET))
}

/// The object is not there: it expired as it should, or somebody removed it.
fn gone(artifact: Artifact, cx: &Context<Artifact>, session: &Session<'_>) -> Option<Artifact> {
    let days = i64::try_from(artifact.retention_days).unwrap_or(i64::MAX);
    let end = artifact.uploaded_at.get().map(|at| at.0.plus_seconds(days.saturating_mul(86_400)));
    let expired = end.is_some_and(|end| end <= session.now());
    cx.warn(if expired { expired_one(&artifact) } else { deleted(&artifact) });
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
    let found = storage.find(&ObjectName::from(&place)).await;
    let held = found.map_err(|error| error::s3(&error, Artifact::BUCKET))?;
    let held = held.ok_or_else(|| nothing_there(&place))?;
    let recorded = record::find(&session, &place).await?;
    let record = recorded.record();
    let same = record.is_some_and(|it| it.s3_checksum == held.checksum.map(|it| it.to_string()));
    let content = match record {
        Some(record) if same && held.checksum.is_some() => {
            Content { checksum: record.artifact.checksum, size_bytes: record.artifact.size_bytes }
        }
        _ => content_of(&storage, &place, &held).await?,
    };
    remember(cx, &held);
    let artifact_type = record.map(|it| it.artifact.artifact_type.to_string()).unwrap_or_default();
    let artifact = Artifact { artifact_type, ..Artifact::unplanned(&place) };
    record::check(&recorded, content)?;
    Ok(artifact.described(content, &held, session.now()))
}

fn imported(key: ImportKey<Artifact>) -> Result<ArtifactPlace, Diagnostics> {
    let bad = |violations| error::violations_at(&violations, Artifact::BUCKET);
    match key {
        ImportKey::Id(id) => id.parse().map_err(bad),
        ImportKey::Identity(draft) => {
            let bucket = draft.bucket.known().map(|Text(bucket)| bucket.clone());
            let key = draft.key.known().cloned().unwrap_or_default();
            match bucket {
                Some(bucket) => ArtifactPlace::of_key(bucket, &key).map_err(bad),
                None => key.parse().map_err(bad),
            }
        }
    }
}

fn changed(place: &ArtifactPlace, stored: Sha256, found: Sha256, held: &Held) -> Diagnostic {
    let when = held.stored_at.map_or_else(String::new, |at| format!(", written at {at}"));
    let next = match (&held.version_id, held.checksum) {
        (Some(version), _) => format!(
            "Next: remove that version (`aws s3api delete-object --bucket {} --key '{}' --version-id \
             {version}`) so that the artifact's own shows again; no plan of Terraform overwrites it.",
            place.bucket(),
            place.key()
        ),
        (None, Some(S3Checksum::Whole(_) | S3Checksum::Parts { .. }) | None) => {
            "Next: remove the object, so that apply uploads the artifact again; no plan of Terraform \
             overwrites it."
                .to_owned()
        }
    };
    Diagnostic::warning(
        Artifact::BUCKET,
        "The artifact was changed outside Terraform",
        format!(
            "Found `{place}` with SHA-256 `{found}`{when}; expected `{stored}`, as it was stored (ART003). \
             {next}"
        ),
    )
}

fn deleted(artifact: &Artifact) -> Diagnostic {
    let uri = artifact.s3_uri.get().cloned().unwrap_or_default();
    Diagnostic::warning(
        Artifact::BUCKET,
        "The artifact was deleted outside Terraform",
        format!(
            "Found no object `{uri}`; expected it for {} days from its upload (ART004). Next: apply uploads \
             it again where the file is still there; in a bucket that keeps versions, removing the delete \
             marker brings it back too.",
            artifact.retention_days
        ),
    )
}

fn expired_one(artifact: &Artifact) -> Diagnostic {
    let uri = artifact.s3_uri.get().cloned().unwrap_or_default();
    Diagnostic::warning(
        Artifact::BUCKET,
        "The artifact expired",
        format!(
            "Found no object `{uri}`; it was to be kept for {} days, and they are over (ART004). Its record \
             stays. Next: nothing; `-replace` uploads it again where it is still needed.",
            artifact.retention_days
        ),
    )
}

fn unseen(place: &ArtifactPlace, error: &S3Error) -> Diagnostic {
    Diagnostic::warning(
        Artifact::BUCKET,
        "The artifact could not be looked at",
        format!(
            "Found that {error}; expected to compare `{place}` with what was stored (ART003). Whether it is \
             still there and unchanged is not known. Next: {}",
            error.next()
        ),
    )
}

fn unrecorded(place: &ArtifactPlace) -> Diagnostic {
    Diagnostic::warning(
        Artifact::BUCKET,
        "The artifact is not in the ledger",
        format!(
            "Found no record of `{place}`; expected the one that was made when it was stored. Next: apply \
             writes it again."
        ),
    )
}

fn nothing_there(place: &ArtifactPlace) -> Diagnostics {
    Diagnostic::error(
        Artifact::BUCKET,
        "There is no such artifact",
        format!(
            "Found no object `{place}`; expected an existing one to import. Next: check bucket, commit and \
             path with `aws s3 ls s3://{}/{}/`.",
            place.bucket(),
            place.commit()
        ),
    )
    .into()
}
