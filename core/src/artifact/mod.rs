//! Built artifacts as document 004 describes them: what was built from which commit, where it lies
//! in S3, and the SHA-256 of its bytes.
//!
//! What is recorded is what the store says that it holds ([`ObjectStore`]), not what somebody claims.

mod change;
mod checksum;
mod kind;
mod place;
mod record;
pub mod rules;
mod store;
mod survey;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use change::{ArtifactPlan, Recording, check_record, is_recorded, plan};
pub use checksum::Sha256;
pub use kind::ArtifactType;
pub use place::{ArtifactPath, ArtifactPlace, BucketName};
pub use record::ArtifactRecord;
pub use store::ObjectStore;
pub use survey::{ArtifactSurvey, StoredSurvey, near, survey};

use crate::base::revision::CommitSha;
use crate::base::rule::RuleId;
use crate::base::timestamp::Timestamp;
use crate::base::violation::{Findings, Violation, Violations, quoted};

/// How many days an artifact is kept where nothing else is said.
pub const RETENTION_DAYS: u32 = 90;

/// The metadata of one artifact.
///
/// The commit is part of the place, so that an artifact cannot lie under another commit than its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactMetadata {
    /// Where it lies, and so which commit it was built from.
    pub place: ArtifactPlace,
    /// When it was stored.
    pub timestamp: Timestamp,
    /// What kind of thing it is.
    pub artifact_type: ArtifactType,
    /// How many bytes it has.
    pub size_bytes: u64,
    /// The SHA-256 of its bytes.
    pub checksum: Sha256,
}

impl ArtifactMetadata {
    /// The commit that it was built from.
    #[must_use]
    pub const fn commit_sha(&self) -> CommitSha {
        self.place.commit()
    }

    /// Reads the words of document 004.
    ///
    /// # Errors
    /// ART001 to ART003, each at its field; what is no such object at all breaks ART003 as a whole.
    pub fn from_json(json: &serde_json::Value) -> Result<Self, Violations> {
        let flat = Flat::deserialize(json).map_err(|error| {
            let expected = "the metadata of an artifact";
            let next = "Write `commit_sha`, `timestamp`, `s3_path`, `artifact_type`, `size_bytes` and \
                        `checksum`.";
            Violation::new(RuleId::ART003, quoted(&error.to_string()), expected, next)
        })?;
        Self::try_from(flat)
    }
}

/// The words of document 004.
#[derive(Serialize, Deserialize)]
struct Flat {
    commit_sha: String,
    timestamp: Timestamp,
    s3_path: String,
    artifact_type: ArtifactType,
    size_bytes: i64,
    checksum: Sha256,
}

impl From<&ArtifactMetadata> for Flat {
    fn from(it: &ArtifactMetadata) -> Self {
        Self {
            commit_sha: it.commit_sha().to_string(),
            timestamp: it.timestamp,
            s3_path: it.place.to_string(),
            artifact_type: it.artifact_type.clone(),
            size_bytes: i64::try_from(it.size_bytes).unwrap_or(i64::MAX),
            checksum: it.checksum,
        }
    }
}

impl TryFrom<Flat> for ArtifactMetadata {
    type Error = Violations;
    fn try_from(flat: Flat) -> Result<Self, Violations> {
        let mut findings = Findings::new();
        let commit = flat.commit_sha.parse::<CommitSha>();
        let commit = findings.take("commit_sha", commit.map_err(|bad| bad.as_rule(RuleId::ART001)));
        let place = findings.take("s3_path", flat.s3_path.parse::<ArtifactPlace>());
        let size = findings.take("size_bytes", size(flat.size_bytes));
        let (Some(commit), Some(place), Some(size_bytes)) = (commit, place, size) else {
            return Err(findings.fail());
        };
        findings.require(place.commit() == commit, || elsewhere(&place, commit));
        findings.finish(Self {
            place,
            timestamp: flat.timestamp,
            artifact_type: flat.artifact_type,
            size_bytes,
            checksum: flat.checksum,
        })
    }
}

fn size(bytes: i64) -> Result<u64, Violations> {
    u64::try_from(bytes).map_err(|_| {
        let expected = "the number of bytes that S3 holds";
        let next = "Write the size of the object.";
        Violation::new(RuleId::ART003, format!("`{bytes}`"), expected, next).into()
    })
}

fn elsewhere(place: &ArtifactPlace, commit: CommitSha) -> Violation {
    Violation::new(
        RuleId::ART002,
        quoted(&place.to_string()),
        format!("a place under `s3://{}/{commit}/`", place.bucket()),
        "Store the artifact under the commit that it was built from.",
    )
    .under("s3_path")
}

impl Serialize for ArtifactMetadata {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Flat::from(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ArtifactMetadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(Flat::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
