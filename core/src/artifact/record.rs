//! The record of an artifact: its metadata, and what S3 said when it was stored.

use serde::{Deserialize, Serialize};

use super::rules::Content;
use super::{ArtifactMetadata, ArtifactPlace, Recording};
use crate::Actor;
use crate::record::Record;

/// An artifact as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArtifactRecord {
    /// The artifact.
    pub artifact: ArtifactMetadata,
    /// S3's own SHA-256 checksum: of the whole object, or, after `-` with their number, of its parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub s3_checksum: Option<String>,
    /// The version of the object, in a bucket that keeps versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// Who recorded it.
    pub recorded_by: Actor,
}

impl ArtifactRecord {
    /// Where the record of the artifact at this place lies on its shelf: artifacts of one commit beside
    /// each other.
    pub(super) fn key_of(place: &ArtifactPlace) -> String {
        format!("{}/{}", place.commit(), place.id())
    }

    /// Whether it says the same of the artifact, whoever recorded it.
    pub(super) fn says_as(&self, other: &Self) -> bool {
        let recorded_by = other.recorded_by.clone();
        Self { recorded_by, ..self.clone() } == *other
    }

    pub(super) fn new(place: ArtifactPlace, recording: Recording, recorded_by: Actor) -> Self {
        let Recording { artifact_type, meant, stored_at: timestamp, .. } = recording;
        let Content { checksum, size_bytes } = meant;
        Self {
            artifact: ArtifactMetadata { place, timestamp, artifact_type, size_bytes, checksum },
            s3_checksum: recording.s3_checksum,
            version_id: recording.version_id,
            recorded_by,
        }
    }
}

impl Record for ArtifactRecord {
    const KIND: &'static str = "artifact";
    const SHELF: &'static str = "artifacts";

    fn key(&self) -> Option<String> {
        Some(Self::key_of(&self.artifact.place))
    }
}
