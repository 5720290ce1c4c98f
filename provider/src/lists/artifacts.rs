//! `pipeline_artifact` as a list resource: what is recorded.

use pipeline_core::artifact::{ArtifactRecord, ArtifactType, BucketName};
use pipeline_core::{CommitSha, Sha256};
use tfplugin::{Halt, List, ListContext, Model, Path, Text};

use crate::error::{self, Blame as _};
use crate::resources::Artifact;

/// Artifacts that are recorded, by commit. S3 is not asked: whether an object is still there turns out when it is
/// imported.
///
/// Nobody records which file an artifact was uploaded from, nor how long it is kept: a generated configuration names a
/// file after the artifact, and keeps the default of `retention_days`.
#[derive(Debug, Clone, Model)]
pub struct Artifacts {
    /// Name of the bucket. All buckets where absent.
    pub bucket: Option<Text<BucketName>>,
    /// Commit that the files were built from. All commits where absent.
    pub commit_sha: Option<Text<CommitSha>>,
    /// What they are, such as `package`, `binary` or `lambda-layer`.
    pub artifact_type: Option<Text<ArtifactType>>,
    /// SHA-256 of the bytes, in hexadecimal digits: finds where a file was stored.
    pub checksum: Option<Text<Sha256>>,
}

impl List for Artifacts {
    type Resource = Artifact;

    async fn list(self, cx: &ListContext<Self>) -> Result<(), Halt> {
        let session = cx.provider.open().await?;
        let (ledger, all) = (session.ledger(), session.ledger().artifacts());
        let shelf = self.commit_sha.as_ref().map_or(all, |it| ledger.artifacts().within(it));
        let (entries, broken) = ledger.survey(&shelf).await.blame(Path::root())?;
        broken.iter().for_each(|record| cx.warn(error::unusable(Path::root(), record)));
        for record in entries.into_iter().map(|entry| entry.record) {
            if self.admits(&record) {
                cx.give(record.artifact.place.to_string(), Artifact::of(&record)).await?;
            }
        }
        Ok(())
    }
}

impl Artifacts {
    fn admits(&self, record: &ArtifactRecord) -> bool {
        let it = &record.artifact;
        self.bucket.as_ref().is_none_or(|bucket| bucket.0 == *it.place.bucket())
            && self.artifact_type.as_ref().is_none_or(|wanted| wanted.0 == it.artifact_type)
            && self.checksum.as_ref().is_none_or(|wanted| wanted.0 == it.checksum)
    }
}
