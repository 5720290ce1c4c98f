//! The HCL of `pipeline_artifact`, and the values in it that follow from where it lies.

use pipeline_aws::s3::{Held, S3Checksum, media_type};
use pipeline_core::artifact::rules::Content;
use pipeline_core::artifact::{
    ArtifactPath, ArtifactPlace, ArtifactRecord, ArtifactType, RETENTION_DAYS, Recording,
};
use pipeline_core::{BucketName, CommitSha, Sha256, Timestamp, Violations};
use tfplugin::{Computed, Model, Text};

/// A built file in S3, under the commit that it was built from: `s3://bucket/commit/path`.
///
/// The file is uploaded once, never over another object, and S3 itself checks the SHA-256 of what
/// arrives, of each part where the file is large. An object that is there already with the same bytes
/// is taken for the artifact. What was uploaded is recorded in git.
///
/// An artifact of a commit never changes: other bytes need another commit or another path. Each
/// refresh asks S3 for its checksum, which tells a changed object whatever the encryption of the
/// bucket.
///
/// The credentials need `s3:PutObject`, `s3:GetObject`, `s3:ListBucket` and `s3:AbortMultipartUpload`.
/// In a bucket with a KMS key they need `kms:GenerateDataKey` too, and `kms:Decrypt` to compare what lies
/// there.
/// With `s3:GetBucketVersioning`, `s3:GetEncryptionConfiguration` and `s3:GetLifecycleConfiguration` it
/// also says what the bucket lacks. A lifecycle rule that aborts incomplete uploads removes the
/// parts of one whose process was killed.
///
/// Destroying it forgets it: the object stays in S3 until the lifecycle of the bucket removes it, and
/// the record stays in git.
#[derive(Debug, Clone, Model)]
pub struct Artifact {
    /// Name of the bucket. It should keep versions, encrypt with AES-256, expire objects after
    /// `retention_days`, and abort incomplete multipart uploads.
    #[tf(identity, requires_replace)]
    pub bucket: Text<BucketName>,
    /// Commit that the file was built from: a commit, tag, branch or any other revision. It is resolved
    /// at every plan; another commit is another artifact.
    pub r#ref: String,
    /// Path of the file, from the directory that Terraform runs in; in a module it begins with
    /// `${path.module}`. Once the file is uploaded it need not be there any more.
    pub source: String,
    /// SHA-256 that the file must have, in hexadecimal digits. While it is not known, because another
    /// resource builds the file in the same apply, the file need not be there when planning.
    pub source_hash: Option<Text<Sha256>>,
    /// Path under the commit, such as `api/build.zip`. Defaults to the name of the file.
    #[tf(optional, requires_replace)]
    pub path: Computed<Text<ArtifactPath>>,
    /// What it is, such as `package`, `binary` or `lambda-layer`.
    #[tf(validate = artifact_type)]
    pub artifact_type: String,
    /// How many days the bucket is to keep it. A bucket whose lifecycle says something else is warned
    /// of, and an object that is gone after that time is no drift.
    #[tf(default = RETENTION_DAYS, validate = retention_days)]
    pub retention_days: u64,
    /// Commit that the file was built from.
    #[tf(use_state_for_unknown)]
    pub commit_sha: Computed<Text<CommitSha>>,
    /// Key of the object: the commit, a slash and the path.
    #[tf(identity, use_state_for_unknown)]
    pub key: Computed<String>,
    /// Where it lies: `s3://bucket/commit/path`.
    #[tf(use_state_for_unknown)]
    pub s3_uri: Computed<String>,
    /// SHA-256 of the bytes that S3 holds, in hexadecimal digits.
    #[tf(use_state_for_unknown)]
    pub checksum: Computed<Text<Sha256>>,
    /// S3's own SHA-256 checksum, in Base64: of the whole object, or, followed by `-` and their number,
    /// of the checksums of its parts. Null for an object that somebody else stored without one.
    #[tf(use_state_for_unknown)]
    pub s3_checksum: Computed<Option<String>>,
    /// Size in bytes.
    #[tf(use_state_for_unknown)]
    pub size_bytes: Computed<u64>,
    /// Media type of the object, after the ending of `path`.
    #[tf(use_state_for_unknown)]
    pub content_type: Computed<Option<String>>,
    /// When S3 stored it, in UTC.
    #[tf(use_state_for_unknown)]
    pub uploaded_at: Computed<Text<Timestamp>>,
    /// Version of the object; null in a bucket that keeps no versions.
    #[tf(use_state_for_unknown)]
    pub version_id: Computed<Option<String>>,
}

impl Artifact {
    /// Where it lies, as far as that is known.
    pub(super) fn place(&self) -> Option<ArtifactPlace> {
        let (commit, path) = (self.commit_sha.get()?, self.path.get()?);
        Some(ArtifactPlace::new(self.bucket.0.clone(), commit.0, path.0.clone()))
    }

    /// What it holds, as far as that is known.
    pub(super) fn content(&self) -> Option<Content> {
        let (checksum, size_bytes) = (self.checksum.get()?.0, *self.size_bytes.get()?);
        Some(Content { checksum, size_bytes })
    }

    /// With what follows from the place.
    pub(super) fn at(self, place: &ArtifactPlace) -> Self {
        Self {
            bucket: Text(place.bucket().clone()),
            path: Text(place.path().clone()).into(),
            commit_sha: Text(place.commit()).into(),
            key: place.key().into(),
            s3_uri: place.to_string().into(),
            ..self
        }
    }

    /// With what S3 says of the object; `now` where it does not say when it stored it.
    pub(super) fn described(self, content: Content, held: &Held, now: Timestamp) -> Self {
        Self {
            checksum: Text(content.checksum).into(),
            size_bytes: content.size_bytes.into(),
            s3_checksum: held.checksum.as_ref().map(S3Checksum::to_string).into(),
            content_type: held.content_type.clone().into(),
            uploaded_at: Text(held.stored_at.unwrap_or(now)).into(),
            version_id: held.version_id.clone().into(),
            ..self
        }
    }

    /// An artifact of which only the place is known. Which file it came from nobody knows: one of the same name is a
    /// guess, which a configuration can be written from.
    pub(super) fn unplanned(place: &ArtifactPlace) -> Self {
        let (bucket, revision) = (place.bucket().clone(), place.commit().to_string());
        let source = place.path().as_str().rsplit('/').next().unwrap_or_default().to_owned();
        Self::blank(bucket, revision, source, String::new()).at(place)
    }

    /// An artifact as it is recorded.
    pub(crate) fn of(record: &ArtifactRecord) -> Self {
        let it = &record.artifact;
        Self {
            artifact_type: it.artifact_type.to_string(),
            checksum: Text(it.checksum).into(),
            size_bytes: it.size_bytes.into(),
            s3_checksum: record.s3_checksum.clone().into(),
            content_type: Some(media_type(it.place.path().as_str()).to_owned()).into(),
            uploaded_at: Text(it.timestamp).into(),
            version_id: record.version_id.clone().into(),
            ..Self::unplanned(&it.place)
        }
    }

    /// What is recorded of it, once it is stored; `None`: something is not known, or not valid.
    pub(super) fn recording(&self) -> Option<Recording> {
        let content = self.content()?;
        Some(Recording {
            artifact_type: self.artifact_type.parse().ok()?,
            meant: content,
            stored_at: self.uploaded_at.get()?.0,
            s3_checksum: self.s3_checksum.get().cloned().flatten(),
            version_id: self.version_id.get().cloned().flatten(),
        })
    }
}

fn artifact_type(found: &str) -> Result<(), Violations> {
    found.parse::<ArtifactType>().map(drop)
}

const fn retention_days(days: &u64) -> Result<(), &'static str> {
    if *days > 0 {
        return Ok(());
    }
    Err(
        "Found 0 days; expected 1 or more, because artifacts are kept for at least a day. Next: write how \
         many days the bucket is to keep the artifact, such as 90. (ART004)",
    )
}
