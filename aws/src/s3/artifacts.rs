//! Artifacts in S3, as `core` asks for them before it records one (ART003).

use pipeline_core::artifact::rules::Content;
use pipeline_core::artifact::{ArtifactPlace, ObjectStore};

use super::{Held, ObjectName, S3Error, Storage};

impl ObjectStore for Storage {
    type Error = S3Error;

    async fn content(&self, place: &ArtifactPlace) -> Result<Option<Content>, S3Error> {
        Remembering { storage: self, known: |_: &Held| None }.content(place).await
    }
}

/// S3, and what is known already of objects by their description.
///
/// Whoever may write to a bucket with a KMS key, but not decrypt what is in it, cannot read what was just
/// stored: then the description has to say that it is that very writing.
#[derive(Debug)]
pub struct Remembering<'a, K> {
    /// S3.
    pub storage: &'a Storage,
    /// The bytes of an object of this description; `None`: they have to be asked for.
    pub known: K,
}

impl<K: Fn(&Held) -> Option<Content> + Sync> ObjectStore for Remembering<'_, K> {
    type Error = S3Error;

    async fn content(&self, place: &ArtifactPlace) -> Result<Option<Content>, S3Error> {
        let object = ObjectName::from(place);
        let Some(held) = self.storage.find(&object).await? else { return Ok(None) };
        match (self.known)(&held) {
            Some(known) => Ok(Some(known)),
            None => self.storage.content_of(&object, &held).await.map(Some),
        }
    }
}
