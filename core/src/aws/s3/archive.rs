//! The archive: a bucket that takes records of the ledger before they are deleted (RET003).
//!
//! Each writing of a record has a key of its own, so that the archive never has to overwrite. What may
//! be deleted afterwards is [`crate::policy::archive`]'s to say.

use super::{ObjectName, Payload, S3Error, Storage, StoreError};
use crate::model::artifact::BucketName;
use crate::policy::archive::{Archived, Archiving, Expired};

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
        let name = record.name.as_str().trim_start_matches("refs/");
        let key = format!("{}{name}/{}.json", self.prefix, record.object);
        ObjectName { bucket: self.bucket.clone(), key }
    }

    /// Puts a record into the archive, or finds it there, and sees that S3 holds its bytes.
    ///
    /// # Errors
    /// When the archive does not take it, or does not show that it has it. Then nothing may be deleted.
    pub async fn store(&self, record: &Expired, bytes: &[u8]) -> Result<Archived, StoreError> {
        let object = self.place(record);
        let payload = Payload::bytes(bytes.to_vec())?;
        let never = std::future::pending();
        // It comes back only when S3 hashed those bytes itself, or gave them back.
        self.storage.store(&object, &payload, "application/json", never).await?;
        let checksum = payload.content().checksum;
        Ok(Archived::verified(record.clone(), object.to_string(), checksum))
    }

    /// As [`Archive::store`], in the words of the policy that decides what may be deleted.
    pub async fn archive(&self, record: &Expired, bytes: &[u8]) -> Archiving {
        match self.store(record, bytes).await {
            Ok(archived) => Archiving::Done(archived),
            Err(error) => Archiving::Failed { reason: error.to_string(), next: error.next() },
        }
    }
}
