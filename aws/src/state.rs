//! States of Terraform in S3: read whole, never locked and never written.

use aws_config::{Region, SdkConfig};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::types::BucketVersioningStatus;
use thiserror::Error;

use super::fault::{Fault, FaultKind};
use super::{Connection, endpoint};
use pipeline_core::artifact::BucketName;
use pipeline_core::terraform_state::StateFile;
use pipeline_core::terraform_state::local::StateBytes;
use pipeline_core::{Timestamp, Violations};

const SERVICE: &str = "S3";
const GET: &str = "GetObject";

/// How often a state is asked for when its bytes break off.
const READINGS: u32 = 3;

/// Why a state in S3 could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StateError {
    /// S3 does not give it.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// It is too large to be a state.
    #[error("{0}")]
    TooLarge(Violations),
}

/// A bucket with states in it.
#[derive(Debug)]
pub struct StateBucket<'a> {
    config: &'a SdkConfig,
    client: Client,
    bucket: &'a BucketName,
}

impl<'a> StateBucket<'a> {
    /// A bucket, in `region` where it is named, else in the connection's.
    ///
    /// # Errors
    /// Nobody says in which region it is.
    pub async fn open(
        connection: &'a Connection,
        region: Option<&str>,
        bucket: &'a BucketName,
    ) -> Result<Self, Fault> {
        let config = connection.config().await;
        let region = region.map(|name| Region::new(name.to_owned()));
        let Some(region) = region.or_else(|| config.region().cloned()) else {
            return Err(Fault::no_region(SERVICE, GET));
        };
        let settings = Builder::from(config)
            .region(region)
            .force_path_style(endpoint::is_foreign(config, SERVICE))
            .build();
        Ok(Self { config, client: Client::from_conf(settings), bucket })
    }

    /// The bytes of an object.
    ///
    /// # Errors
    /// S3 does not give it, or it is too large to be a state.
    pub async fn read(&self, key: &str) -> Result<StateBytes, StateError> {
        let mut tried = 1;
        loop {
            let asked = self.client.get_object().bucket(self.bucket.to_string()).key(key);
            let answer = match asked.send().await {
                Ok(answer) => answer,
                Err(error) => return Err(self.fault(GET, &error).await.into()),
            };
            // The SDK repeats a call, and not the reading of its answer.
            match collect(answer).await {
                Err(StateError::Fault(_)) if tried < READINGS => tried += 1,
                read => return read,
            }
        }
    }

    /// Whether the bucket keeps the versions of its objects.
    ///
    /// # Errors
    /// S3 does not tell.
    pub async fn is_versioned(&self) -> Result<bool, Fault> {
        let asked = self.client.get_bucket_versioning().bucket(self.bucket.to_string());
        match asked.send().await {
            Ok(answer) => Ok(answer.status() == Some(&BucketVersioningStatus::Enabled)),
            Err(error) => Err(self.fault("GetBucketVersioning", &error).await),
        }
    }

    async fn fault<E>(&self, call: &'static str, error: &SdkError<E, HttpResponse>) -> Fault
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let fault = Fault::of(self.config, SERVICE, call, error).await;
        let moved = matches!(fault.kind, FaultKind::Refused);
        let raw = error.raw_response().filter(|_| moved);
        match raw.and_then(|raw| raw.headers().get("x-amz-bucket-region")) {
            Some(region) => Fault {
                kind: FaultKind::Elsewhere,
                said: format!("bucket `{}` is in region `{region}`", self.bucket),
                ..fault
            },
            None => fault,
        }
    }
}

/// Reads the body, and not more of it than a state can have.
async fn collect(answer: GetObjectOutput) -> Result<StateBytes, StateError> {
    let size = answer.content_length().and_then(|size| u64::try_from(size).ok());
    StateFile::check_size(size.unwrap_or_default()).map_err(StateError::TooLarge)?;
    let last_updated =
        answer.last_modified().and_then(|at| Timestamp::from_unix_seconds(at.secs()));
    let mut bytes = Vec::new();
    let mut body = answer.body;
    while let Some(chunk) = body.next().await {
        bytes.extend_from_slice(&chunk.map_err(|error| broken(&error))?);
        let read = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        StateFile::check_size(read).map_err(StateError::TooLarge)?;
    }
    Ok(StateBytes { bytes, last_updated })
}

fn broken(error: &dyn std::error::Error) -> Fault {
    let said = format!("the answer broke off: {error}");
    Fault { service: SERVICE, call: GET, kind: FaultKind::Unreachable, said }
}
