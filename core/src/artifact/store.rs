//! The store that holds artifacts, as core asks it: the seam to S3 and its like (ART003).
//!
//! What a store holds is never taken from whoever stored it. Storing is not this seam's: see the adapters.

use std::future::Future;

use super::ArtifactPlace;
use super::rules::Content;
use super::survey::ArtifactSurvey;

/// Where artifacts lie.
pub trait ObjectStore {
    /// Why it cannot be asked.
    type Error;

    /// The bytes that lie at a place now; `None`: nothing does.
    fn content(
        &self,
        place: &ArtifactPlace,
    ) -> impl Future<Output = Result<Option<Content>, Self::Error>> + Send;
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
