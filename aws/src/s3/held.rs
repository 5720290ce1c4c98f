//! What S3 holds: an object by its description, and by its bytes where the description does not say
//! enough.

use std::fmt;

use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::types::{ChecksumMode, ChecksumType};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{Context, SHA256};

use super::error::{Call, answer};
use super::{ObjectName, Payload, S3Error, Storage, payload};
use pipeline_core::Timestamp;
use pipeline_core::artifact::Sha256;
use pipeline_core::artifact::rules::Content;

/// The SHA-256 checksum that S3 keeps of an object. It prints as S3 writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum S3Checksum {
    /// Of all its bytes.
    Whole(Sha256),
    /// Of the checksums of its parts, one after the other.
    Parts {
        /// The SHA-256 of the checksums.
        digest: Sha256,
        /// How many parts there are.
        count: u32,
    },
}

impl S3Checksum {
    /// Reads what S3 wrote; `None` where it is no SHA-256 checksum.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (digest, count) = match text.split_once('-') {
            Some((digest, count)) => (digest, Some(count.parse().ok()?)),
            None => (text, None),
        };
        let digest = Sha256::from_bytes(STANDARD.decode(digest).ok()?.try_into().ok()?);
        Some(count.map_or(Self::Whole(digest), |count| Self::Parts { digest, count }))
    }
}

impl fmt::Display for S3Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(digest) => f.write_str(&base64(digest)),
            Self::Parts { digest, count } => write!(f, "{}-{count}", base64(digest)),
        }
    }
}

/// A checksum as S3's headers have it.
pub(super) fn base64(checksum: &Sha256) -> String {
    STANDARD.encode(checksum.as_bytes())
}

/// An object as S3 describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// How many bytes it has.
    pub size_bytes: u64,
    /// S3's own SHA-256, where it was stored with one.
    pub checksum: Option<S3Checksum>,
    /// Changes with every writing. It is no checksum.
    pub etag: String,
    /// Its version, in a bucket that keeps versions.
    pub version_id: Option<String>,
    /// When it was stored.
    pub stored_at: Option<Timestamp>,
    /// Its media type.
    pub content_type: Option<String>,
}

impl From<HeadObjectOutput> for Held {
    fn from(it: HeadObjectOutput) -> Self {
        let checksum = it.checksum_sha256().and_then(S3Checksum::read);
        // Only the type tells a checksum of checksums where the number of parts is left out.
        let composite = it.checksum_type() == Some(&ChecksumType::Composite);
        let stored_at = it.last_modified().and_then(|at| Timestamp::from_unix_seconds(at.secs()));
        Self {
            size_bytes: it.content_length().and_then(|size| size.try_into().ok()).unwrap_or(0),
            checksum: checksum.filter(|it| !composite || matches!(it, S3Checksum::Parts { .. })),
            etag: it.e_tag().unwrap_or_default().to_owned(),
            version_id: it.version_id().filter(|id| *id != "null").map(str::to_owned),
            stored_at,
            content_type: it.content_type().map(str::to_owned),
        }
    }
}

impl Held {
    /// Whether it is the object of this size, which S3 gave this checksum; the ETag tells where it gave none.
    #[must_use]
    pub fn is_still(&self, size_bytes: u64, checksum: Option<&str>, etag: Option<&str>) -> bool {
        self.size_bytes == size_bytes
            && match (self.checksum, checksum) {
                (Some(found), Some(known)) => found.to_string() == known,
                (None, None) => etag == Some(&self.etag),
                _ => false,
            }
    }

    /// The ETag, by which an object without a checksum is known again: it was not written since.
    #[must_use]
    pub fn known_by_etag(&self) -> Option<&str> {
        self.checksum.is_none().then_some(&*self.etag)
    }
}

/// How often the bytes of an object are asked for, when they break off.
const READINGS: u32 = 3;

impl Storage {
    /// The object of this name; `None`: there is none.
    ///
    /// # Errors
    /// When S3 cannot be asked. Without the permission to list the bucket, S3 denies to say that an
    /// object is not there.
    pub async fn find(&self, object: &ObjectName) -> Result<Option<Held>, S3Error> {
        match self.head(object, Some(ChecksumMode::Enabled)).await {
            // With a KMS key the checksum is told only to those who may decrypt. The rest is told.
            Err(S3Error::Denied { .. }) => self.head(object, None).await,
            told => told,
        }
    }

    async fn head(
        &self,
        object: &ObjectName,
        mode: Option<ChecksumMode>,
    ) -> Result<Option<Held>, S3Error> {
        let asked = self.client.head_object().bucket(object.bucket.as_str()).key(&object.key);
        match asked.set_checksum_mode(mode).send().await {
            Ok(found) => Ok(Some(found.into())),
            Err(error) if answer(&error).0 == Some(404) => Ok(None),
            Err(error) => {
                let call = Call::on("HeadObject", "s3:GetObject", object);
                Err(self.failure(call, &error))
            }
        }
    }

    /// The SHA-256 and the size of an object: from its description, or else by reading it.
    ///
    /// # Errors
    /// When it cannot be read, or changed meanwhile.
    pub async fn content_of(&self, object: &ObjectName, held: &Held) -> Result<Content, S3Error> {
        if let Some(S3Checksum::Whole(checksum)) = held.checksum {
            return Ok(Content { checksum, size_bytes: held.size_bytes });
        }
        let mut tried = 1;
        loop {
            match self.read(object, held).await {
                Err(S3Error::Broken { .. }) if tried < READINGS => tried += 1,
                done => return done,
            }
        }
    }

    /// The SHA-256 of what lies at a place where a payload is to go; `None`: nothing does.
    ///
    /// # Errors
    /// As [`Storage::find`] and [`Storage::content_of`].
    pub async fn found_before(
        &self,
        object: &ObjectName,
        payload: &Payload,
    ) -> Result<Option<Sha256>, S3Error> {
        let Some(held) = self.find(object).await? else { return Ok(None) };
        if payload.is_held_by(&held) == Some(true) {
            return Ok(Some(payload.content().checksum));
        }
        self.content_of(object, &held).await.map(|content| Some(content.checksum))
    }

    async fn read(&self, object: &ObjectName, held: &Held) -> Result<Content, S3Error> {
        let asked = self.client.get_object().bucket(object.bucket.as_str()).key(&object.key);
        let answer = asked.if_match(&held.etag).send().await;
        let call = Call::on("GetObject", "s3:GetObject", object);
        let mut body = answer.map_err(|error| self.failure(call, &error))?.body;
        let broken = |said: String| S3Error::Broken { target: object.to_string(), said };
        let (mut hash, mut size_bytes) = (Context::new(&SHA256), 0);
        while let Some(piece) = body.try_next().await.map_err(|error| broken(error.to_string()))? {
            hash.update(&piece);
            size_bytes += piece.len() as u64;
        }
        if size_bytes != held.size_bytes {
            return Err(broken(format!("{size_bytes} of {} bytes came", held.size_bytes)));
        }
        Ok(Content { checksum: payload::finish(hash), size_bytes })
    }
}
