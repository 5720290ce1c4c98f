//! The archive: a bucket that takes records of the ledger before they are deleted (RET003).
//!
//! Each writing of a record has a key of its own, so that the archive never has to overwrite. What may
//! be deleted afterwards is [`pipeline_core::archive`]'s to say.

use super::{ObjectName, Payload, S3Error, Storage, StoreError};
use pipeline_core::archive::{self, Expired, Kept, NotKept};
use pipeline_core::artifact::BucketName;

/// Where records go before they are deleted.
#[derive(Debug, Clone)]
pub struct Archive {
    storage: Storage,
    bucket: BucketName,
    prefix: String,
}

impl Archive {
    /// The archive in this bucket; `prefix` is what its keys begin with, often with a slash at its end.
    #[must_use]
    pub const fn new(storage: Storage, bucket: BucketName, prefix: String) -> Self {
        Self { storage, bucket, prefix }
    }

    /// Whether the bucket can be reached.
    ///
    /// # Errors
    /// When it cannot.
    pub async fn reach(&self) -> Result<(), S3Error> {
        self.storage.reach(&self.bucket).await
    }

    /// Where this writing of a record goes.
    #[must_use]
    pub fn place(&self, record: &Expired) -> ObjectName {
        let name = record.name().as_str().trim_start_matches("refs/");
        let key = format!("{}{name}/{}.json", self.prefix, record.object());
        ObjectName { bucket: self.bucket.clone(), key }
    }

    async fn store(&self, record: &Expired, bytes: &[u8]) -> Result<Kept, StoreError> {
        let object = self.place(record);
        let payload = Payload::bytes(bytes.to_vec())?;
        let never = std::future::pending();
        // It comes back only when S3 hashed those bytes itself, or gave them back.
        self.storage.store(&object, &payload, "application/json", never).await?;
        Ok(Kept { uri: object.to_string(), checksum: payload.content().checksum })
    }
}

impl archive::Archive for Archive {
    async fn keep(&self, record: &Expired, bytes: &[u8]) -> Result<Kept, NotKept> {
        let stored = self.store(record, bytes).await;
        stored.map_err(|error| NotKept::Refused { said: error.to_string(), next: error.next() })
    }
}
