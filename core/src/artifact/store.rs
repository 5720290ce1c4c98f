//! The store that holds artifacts, as core asks it: the seam to S3 and its like (ART003).
//!
//! What a store holds is never taken from whoever stored it. Storing is not this seam's: see the adapters.

use std::future::Future;

use super::ArtifactPlace;
use super::rules::Content;

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
