//! Whether a store that is not AWS honours `If-None-Match: *`: one that does not would overwrite what
//! others wrote, and say that all is well.
//!
//! A small object beside the first one of a bucket is created twice: a store that lets the second
//! writing pass is refused. The object stays, so that the next look costs one request.

use super::{ObjectName, Payload, Storage, StoreError};
use crate::s3::store::Written;

/// The name of the object, in the folder of the object that is to be written.
const NAME: &str = ".create-only";

impl Storage {
    /// Sees that objects are not overwritten; once for each bucket, and never for AWS, which says so.
    pub(super) async fn see_create_only(&self, object: &ObjectName) -> Result<(), StoreError> {
        if !self.foreign || self.is_proven(object) {
            return Ok(());
        }
        let folder = object.key.rsplit_once('/').map_or("", |(folder, _)| folder);
        let key = format!("{folder}/{NAME}").trim_start_matches('/').to_owned();
        let probe = ObjectName { bucket: object.bucket.clone(), key };
        let text = Payload::bytes(b"objects here are never overwritten\n".to_vec())?;
        for _ in 0..2 {
            match self.put(&probe, &text, "text/plain").await {
                Ok(Written::New { .. }) => {}
                Ok(Written::Exists) => {
                    self.prove(object);
                    return Ok(());
                }
                // Whoever may not write here may still write the object itself.
                Err(_) => return Ok(()),
            }
        }
        Err(StoreError::Overwrites { bucket: object.bucket.clone() })
    }

    fn is_proven(&self, object: &ObjectName) -> bool {
        self.proven.lock().is_ok_and(|proven| proven.contains(&object.bucket))
    }

    fn prove(&self, object: &ObjectName) {
        if let Ok(mut proven) = self.proven.lock() {
            proven.insert(object.bucket.clone());
        }
    }
}
