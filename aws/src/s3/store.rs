//! Storing something exactly once: looking, writing with `If-None-Match: *`, and looking again.
//!
//! Whatever is lost on the way, the last look decides: an object with the same bytes is what was
//! wanted, whoever wrote it; one with other bytes is somebody else's and stays.

use std::time::Duration;

use aws_sdk_s3::operation::put_object::PutObjectError;

use aws_sdk_s3::error::SdkError;

use super::error::{Call, answer};
use super::held::base64;
use super::{Held, Mismatch, ObjectName, Payload, S3Error, Storage, StoreError, uploading};

/// What is in the store now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The object.
    pub held: Held,
    /// Whether it was there before.
    pub existed: bool,
}

/// How a writing ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Written {
    /// The object is new.
    New {
        /// Its ETag, where S3 confirmed the checksum of what it wrote.
        etag: Option<String>,
    },
    /// Something was there before.
    Exists,
}

/// How often a writing is begun anew while others write to the same key.
pub(super) const CONTESTS: u32 = 5;

/// The pause before a writing is begun anew for the `n`-th time.
pub(super) fn pause(n: u32) -> Duration {
    Duration::from_millis(100 << n.min(6))
}

impl Storage {
    /// Stores the payload as a new object, or finds that it is there already. `stop` ends when the
    /// person interrupts.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when the object has other bytes; it is not touched. Whenever this fails,
    /// nothing of ours is there, or the next call finds it.
    pub async fn store(
        &self,
        object: &ObjectName,
        payload: &Payload,
        content_type: &str,
        stop: impl Future<Output = ()> + Send,
    ) -> Result<Stored, StoreError> {
        match self.find(object).await {
            Ok(Some(held)) => return self.judge(object, payload, held, true).await,
            // Denied may only mean "not there": the writing decides.
            Ok(None) | Err(S3Error::Denied { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        self.see_create_only(object).await?;
        let written = if payload.plan().is_whole() {
            tokio::select! {
                biased;
                () = stop => Err(StoreError::Interrupted { leftover: None }),
                written = self.put(object, payload, content_type) => written,
            }
        } else {
            self.put_parts(object, payload, content_type, stop).await
        };
        self.settle(object, payload, written).await
    }

    /// What became of a writing: the object itself says.
    async fn settle(
        &self,
        object: &ObjectName,
        payload: &Payload,
        written: Result<Written, StoreError>,
    ) -> Result<Stored, StoreError> {
        let meant = payload.content();
        match written {
            Ok(written) => match self.find(object).await? {
                Some(held) => self.see(object, payload, held, &written).await,
                None => {
                    let lost = Mismatch { object: object.clone(), found: None, meant };
                    Err(StoreError::NotHeld(Box::new(lost)))
                }
            },
            // It may have arrived although no answer came.
            Err(StoreError::S3(lost @ (S3Error::Unreachable { .. } | S3Error::Busy { .. }))) => {
                match self.find(object).await {
                    Ok(Some(held)) => self.judge(object, payload, held, true).await,
                    _ => Err(lost.into()),
                }
            }
            Err(error) => Err(error),
        }
    }

    /// Whether the object is what was written. Whoever may write to a bucket with a KMS key, but not
    /// decrypt what is in it, sees no checksum; then S3's word for this very writing is enough.
    async fn see(
        &self,
        object: &ObjectName,
        payload: &Payload,
        held: Held,
        written: &Written,
    ) -> Result<Stored, StoreError> {
        let found = held.clone();
        let judged = self.judge(object, payload, held, *written == Written::Exists).await;
        match (judged, written) {
            (Err(StoreError::S3(S3Error::Denied { .. })), Written::New { etag: Some(etag) })
                if *etag == found.etag =>
            {
                Ok(Stored { held: found, existed: false })
            }
            (judged, _) => judged,
        }
    }

    /// Whether an object is what was to be stored.
    async fn judge(
        &self,
        object: &ObjectName,
        payload: &Payload,
        held: Held,
        existed: bool,
    ) -> Result<Stored, StoreError> {
        let meant = payload.content();
        if payload.is_held_by(&held) == Some(true) {
            return Ok(Stored { held, existed });
        }
        let found = self.content_of(object, &held).await?;
        if found == meant {
            return Ok(Stored { held, existed });
        }
        let other = Box::new(Mismatch { object: object.clone(), found: Some(found), meant });
        Err(if existed { StoreError::Taken(other) } else { StoreError::NotHeld(other) })
    }

    /// Writes the payload in one piece.
    pub(super) async fn put(
        &self,
        object: &ObjectName,
        payload: &Payload,
        content_type: &str,
    ) -> Result<Written, StoreError> {
        let mut contests = 0;
        loop {
            match self.put_once(object, payload, content_type).await? {
                Some(written) => return Ok(written),
                None if contests < CONTESTS => {
                    tokio::time::sleep(pause(contests)).await;
                    contests += 1;
                }
                None => return Err(contested(object).into()),
            }
        }
    }

    /// `None`: somebody else is writing to the same key just now.
    async fn put_once(
        &self,
        object: &ObjectName,
        payload: &Payload,
        content_type: &str,
    ) -> Result<Option<Written>, StoreError> {
        let Some(whole) = payload.plan().parts().next() else { return Ok(None) };
        let content = payload.content();
        let ours = base64(&content.checksum);
        let asked = self
            .client
            .put_object()
            .bucket(object.bucket.as_str())
            .key(&object.key)
            .content_type(content_type)
            .content_length(i64::try_from(content.size_bytes).unwrap_or(i64::MAX))
            .checksum_sha256(ours.clone())
            .if_none_match("*")
            .body(payload.body(whole).await?);
        match asked.customize().config_override(uploading(content.size_bytes)).send().await {
            Ok(done) => {
                let confirmed = done.checksum_sha256() == Some(&ours);
                let etag = done.e_tag().filter(|_| confirmed).map(str::to_owned);
                Ok(Some(Written::New { etag }))
            }
            Err(error) => self.refused(object, &error),
        }
    }

    fn refused(
        &self,
        object: &ObjectName,
        error: &SdkError<PutObjectError>,
    ) -> Result<Option<Written>, StoreError> {
        match answer(error) {
            (Some(412), _) => Ok(Some(Written::Exists)),
            (Some(409), _) => Ok(None),
            (_, Some("BadDigest" | "XAmzContentChecksumMismatch")) => Err(StoreError::FileChanged),
            _ => Err(self.failure(Call::on("PutObject", "s3:PutObject", object), error).into()),
        }
    }
}

/// Others went on writing to the same key.
pub(super) fn contested(object: &ObjectName) -> S3Error {
    S3Error::Busy {
        call: "PutObject",
        target: object.to_string(),
        said: "others write to the same key".to_owned(),
    }
}
