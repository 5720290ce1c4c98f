//! S3 as a store of things that are written once: objects are created and never overwritten, and S3's
//! own SHA-256 checksums say what it holds.
//!
//! - [`Storage`]: one connection; [`Storage::find`] looks, [`Storage::store`] writes
//! - [`Payload`]: bytes on this machine, hashed before they are sent
//! - [`Held`]: an object as S3 describes it
//! - [`Archive`]: where records of the ledger go before they are deleted
//!
//! An ETag is never taken for a checksum: with a KMS key or several parts it is none. Nothing is
//! deleted here. What the bytes mean is not known here either.

mod archive;
mod artifacts;
mod bucket;
mod error;
mod held;
mod media;
mod multipart;
mod parts;
mod payload;
mod probe;
mod store;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;

pub use archive::Archive;
pub use artifacts::Remembering;
pub use error::{Mismatch, S3Error, StoreError};
pub use held::{Held, S3Checksum};
pub use media::media_type;
pub use parts::{Part, PartPlan};
pub use payload::Payload;
pub use store::Stored;

use crate::endpoint;
use pipeline_core::artifact::{ArtifactPlace, BucketName};

/// An object: a bucket and a key. It prints as its S3 URI.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectName {
    /// The bucket.
    pub bucket: BucketName,
    /// The key.
    pub key: String,
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

impl From<&ArtifactPlace> for ObjectName {
    fn from(place: &ArtifactPlace) -> Self {
        Self { bucket: place.bucket().clone(), key: place.key() }
    }
}

/// A connection to S3. Clones share it.
#[derive(Debug, Clone)]
pub struct Storage {
    client: Client,
    region: Option<String>,
    /// Whether it is something else than AWS that answers.
    foreign: bool,
    /// Buckets that are known to refuse to overwrite when asked to.
    proven: Arc<Mutex<BTreeSet<BucketName>>>,
}

/// How long one attempt of a request without a large body may take.
const ATTEMPT: Duration = Duration::from_secs(30);

/// The slowest upload that is waited for, in bytes per second.
const SLOWEST: u64 = 64 * 1024;

impl Storage {
    /// A connection by this configuration. No I/O happens here.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        let foreign = endpoint::is_foreign(config, "S3");
        let settings = Builder::from(config)
            .force_path_style(foreign)
            .timeout_config(attempts_of(ATTEMPT))
            .build();
        Self {
            client: Client::from_conf(settings),
            region: config.region().map(ToString::to_string),
            foreign,
            proven: Arc::default(),
        }
    }
}

/// The SDK's time-out for reading covers the sending of the body too, so it says nothing here; each
/// attempt has its own time instead, and a body that stalls is given up by the SDK.
fn attempts_of(time: Duration) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .disable_read_timeout()
        .disable_operation_timeout()
        .operation_attempt_timeout(time)
        .build()
}

/// What an upload of so many bytes overrides.
fn uploading(bytes: u64) -> Builder {
    let time = ATTEMPT + Duration::from_secs(bytes / SLOWEST);
    Builder::default().timeout_config(attempts_of(time))
}

#[cfg(test)]
mod tests;
