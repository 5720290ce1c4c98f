//! What is said of artifacts: their file, their bucket, their object and their record.

use pipeline_aws::s3::{Held, S3Checksum, S3Error, StoreError};
use pipeline_core::artifact::ArtifactPlace;
use pipeline_core::base::violation::quoted;
use pipeline_core::{RuleId, Sha256};
use tfplugin::{Diagnostic, Diagnostics, Path};

use crate::resources::Artifact;

/// `near`: a file there with a like name.
pub(crate) fn no_file(source: &str, near: Option<&str>) -> Diagnostic {
    let meant =
        near.map_or_else(String::new, |near| format!("Did you mean {}? Else ", quoted(near)));
    Diagnostic::error(
        Artifact::SOURCE,
        "The file is not there",
        format!(
            "Found no file `{source}`; expected the built file. Next: {meant}build it first. Where another \
             resource builds it in the same apply, set `source_hash` to a value of that resource that is \
             only known after it: the file is then looked for when it is uploaded."
        ),
    )
}

pub(crate) fn file_changed(source: &str, planned: Sha256, found: Sha256) -> Diagnostics {
    Diagnostic::error(
        Artifact::SOURCE,
        "The file changed since the plan",
        format!(
            "Found `{source}` with SHA-256 `{found}`; expected `{planned}`, as planned. Nothing was \
             uploaded. Next: plan again, after the build."
        ),
    )
    .into()
}

pub(crate) fn unreadable_file(source: &str, error: &StoreError) -> Diagnostics {
    Diagnostic::error(
        Artifact::SOURCE,
        "The file cannot be read",
        format!(
            "Found `{source}`, but {error}; expected a file that can be read. Next: see to the file."
        ),
    )
    .into()
}

pub(crate) fn bucket_unseen(place: &ArtifactPlace, error: &S3Error) -> Diagnostic {
    let bucket = place.bucket();
    let (summary, next) = match error {
        S3Error::NoBucket { .. } => (
            "The bucket does not exist yet",
            "nothing where the same apply makes it and this resource refers to it; else create it."
                .to_owned(),
        ),
        _ => ("The bucket could not be looked at", error.next()),
    };
    Diagnostic::warning(
        Artifact::BUCKET,
        summary,
        format!(
            "Found that {error}; expected to see the settings of bucket `{bucket}`. Whether the artifact can \
             be stored will show when it is applied. Next: {next}"
        ),
    )
}

pub(crate) fn frozen(target: &str) -> Diagnostic {
    Diagnostic::warning(
        Artifact::SOURCE,
        "An object that cannot be read lies there already",
        format!(
            "Found {target} in a storage class that has to be restored; expected nothing, or an object that \
             can be compared with the file. Next: restore it, or use another `path`."
        ),
    )
}

/// The file is there, whatever kept its record from being written.
pub(crate) fn not_yet_recorded(artifact: &Artifact) -> Diagnostic {
    let uri = artifact.s3_uri.get().cloned().unwrap_or_default();
    Diagnostic::warning(
        Artifact::BUCKET,
        "The file is in S3 and not recorded",
        format!(
            "Found `{uri}`, of which git has no record yet; expected both. Next: apply again, which finds the \
             file there and records it."
        ),
    )
}

pub(crate) fn kept(artifact: &Artifact) -> Diagnostic {
    let uri = artifact.s3_uri.get().cloned().unwrap_or_default();
    Diagnostic::warning(
        Artifact::BUCKET,
        "The artifact stays in S3",
        format!(
            "`{uri}` is an artifact of a commit, which others may deploy or roll back to: Terraform forgets \
             it, git keeps its record, and the lifecycle of the bucket removes it in time (ART004). Next: \
             nothing; `terraform import` takes it back."
        ),
    )
}

pub(crate) fn incomplete() -> Diagnostics {
    Diagnostic::error(
        Path::root(),
        "The artifact cannot be recorded",
        format!(
            "Found an artifact that is not wholly known; expected all of its metadata ({}). Next: plan \
             again with refresh.",
            RuleId::ART003
        ),
    )
    .into()
}

pub(crate) fn changed_outside(
    place: &ArtifactPlace,
    stored: Sha256,
    found: Sha256,
    held: &Held,
) -> Diagnostic {
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

pub(crate) fn deleted_outside(artifact: &Artifact) -> Diagnostic {
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

pub(crate) fn expired(artifact: &Artifact) -> Diagnostic {
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

pub(crate) fn unseen(place: &ArtifactPlace, error: &S3Error) -> Diagnostic {
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

pub(crate) fn unrecorded(place: &ArtifactPlace) -> Diagnostic {
    Diagnostic::warning(
        Artifact::BUCKET,
        "The artifact is not in the ledger",
        format!(
            "Found no record of `{place}`; expected the one that was made when it was stored. Next: apply \
             writes it again."
        ),
    )
}

/// `near`: an artifact on record with a like name.
pub(crate) fn no_object(place: &ArtifactPlace, near: Option<&ArtifactPlace>) -> Diagnostics {
    let meant = near.map_or_else(String::new, |near| format!("Did you mean `{near}`? Else "));
    Diagnostic::error(
        Artifact::BUCKET,
        "There is no such artifact",
        format!(
            "Found no object `{place}`; expected an existing one to import. Next: {meant}check bucket, \
             commit and path with `aws s3 ls s3://{}/{}/`.",
            place.bucket(),
            place.commit()
        ),
    )
    .into()
}
