//! What the ledger knows of the artifact of one place, and what the store holds there.

use super::rules::Content;
use super::{ArtifactPlace, ArtifactRecord, ObjectStore};
use crate::ledger::{Ledger, LedgerError, Recorded, RefStore, Shelf, Slot};

impl<S: RefStore> Ledger<S> {
    /// All artifacts.
    #[must_use]
    pub fn artifacts(&self) -> Shelf<ArtifactRecord> {
        self.shelf()
    }

    /// The artifact of one place.
    #[must_use]
    pub fn artifact(&self, place: &ArtifactPlace) -> Slot<ArtifactRecord> {
        self.artifacts().slot(&ArtifactRecord::key_of(place))
    }
}

/// What was found of one artifact. Only [`survey`] makes it.
#[derive(Debug, Clone)]
pub struct ArtifactSurvey {
    pub(super) place: ArtifactPlace,
    pub(super) recorded: Recorded<ArtifactRecord>,
}

impl ArtifactSurvey {
    /// Where the artifact lies.
    #[must_use]
    pub const fn place(&self) -> &ArtifactPlace {
        &self.place
    }

    /// What is recorded of it.
    #[must_use]
    pub fn record(&self) -> Option<&ArtifactRecord> {
        self.recorded.record()
    }
}

/// What was found of one artifact, in the ledger and in the store. Only [`ArtifactSurvey::ask`] makes it.
#[derive(Debug, Clone)]
pub struct StoredSurvey {
    pub(super) survey: ArtifactSurvey,
    pub(super) held: Option<Content>,
}

impl ArtifactSurvey {
    /// Asks the store what it holds at this place.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub async fn ask<O: ObjectStore>(self, store: &O) -> Result<StoredSurvey, O::Error> {
        let held = store.content(&self.place).await?;
        Ok(StoredSurvey { survey: self, held })
    }
}

/// Reads what is recorded of the artifact of this place.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn survey<S: RefStore>(
    ledger: &Ledger<S>,
    place: &ArtifactPlace,
) -> Result<ArtifactSurvey, LedgerError> {
    ledger.check_room(&ledger.artifact(place)).await?;
    let recorded = Recorded::read(ledger, ledger.artifact(place)).await?;
    Ok(ArtifactSurvey { place: place.clone(), recorded })
}
