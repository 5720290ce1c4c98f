//! Recording an artifact: what forbids it, and the transaction.
//!
//! Pure, apart from making the objects that the transaction points refs at.

use super::rules::{Content, Elsewhere, check_held, check_unchanged};
use super::survey::{ArtifactSurvey, StoredSurvey};
use super::{ArtifactRecord, ArtifactType, Sha256};
use crate::base::actor::Author;
use crate::base::checked::Checked;
use crate::base::timestamp::Timestamp;
use crate::base::violation::Violation;
use crate::ledger::{Ledger, LedgerError, RefStore, Staged};

/// What is to be said of an artifact that was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// What kind of thing it is.
    pub artifact_type: ArtifactType,
    /// The bytes that were meant.
    pub meant: Content,
    /// When they were stored.
    pub stored_at: Timestamp,
    /// S3's own SHA-256 checksum, where it keeps one.
    pub s3_checksum: Option<String>,
    /// The version of the object, in a bucket that keeps versions.
    pub version_id: Option<String>,
}

/// What recording an artifact would do.
#[derive(Debug, Clone)]
pub struct ArtifactPlan {
    found: StoredSurvey,
    recording: Recording,
}

/// OWN020: what is recorded of this place speaks of the same bytes.
#[must_use]
pub fn check_record(survey: &ArtifactSurvey, bytes: Sha256) -> Option<Violation> {
    let recorded = survey.record()?.artifact.checksum;
    check_unchanged(&survey.place, bytes, recorded, Elsewhere::Record)
}

/// Whether the ledger says all of this already, whoever recorded it: then the store need not be asked.
#[must_use]
pub fn is_recorded(survey: &ArtifactSurvey, recording: &Recording) -> bool {
    survey.record().is_some_and(|before| {
        let by = before.recorded_by.clone();
        before.says_as(&ArtifactRecord::new(survey.place.clone(), recording.clone(), by))
    })
}

/// Says what recording an artifact would do.
#[must_use]
pub const fn plan(found: StoredSurvey, recording: Recording) -> ArtifactPlan {
    ArtifactPlan { found, recording }
}

impl ArtifactPlan {
    /// Proof that nothing forbids it (ART003, OWN020).
    ///
    /// # Errors
    /// All that does.
    pub fn check(self) -> Result<Checked<Self>, Vec<Violation>> {
        let (StoredSurvey { survey, held }, meant) = (&self.found, self.recording.meant);
        let held = check_held(&survey.place, meant, *held);
        let found: Vec<Violation> =
            held.into_iter().chain(check_record(survey, meant.checksum)).collect();
        if found.is_empty() { Ok(Checked::new(self)) } else { Err(found) }
    }
}

impl Checked<ArtifactPlan> {
    /// The transaction; nothing where the ledger says the same already, whoever recorded it.
    ///
    /// # Errors
    /// When an object cannot be made.
    pub fn stage<S: RefStore>(
        self,
        ledger: &Ledger<S>,
        author: &Author,
    ) -> Result<Staged, LedgerError> {
        let ArtifactPlan { found, recording } = self.into_change();
        let ArtifactSurvey { place, recorded } = found.survey;
        let message = format!("record artifact {}", place.path());
        let record = ArtifactRecord::new(place, recording, author.actor.clone());
        let same = |before: &ArtifactRecord| before.says_as(&record);
        recorded.stage(ledger, &record, same, author, &message, None)
    }
}
