//! The record of an artifact: its metadata, and what S3 said when it was stored.

use serde::{Deserialize, Serialize};

use super::ArtifactMetadata;
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

impl Record for ArtifactRecord {
    const KIND: &'static str = "artifact";
}
