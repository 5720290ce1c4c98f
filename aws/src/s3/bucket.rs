//! What a bucket is set to, as far as S3 tells: versioning, encryption, lifecycle.
//!
//! A setting that may not be read is a fact too; a bucket that is not there is an error.

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::types::{
    BucketVersioningStatus, ExpirationStatus, LifecycleRule, ServerSideEncryption,
    ServerSideEncryptionRule,
};

use super::error::{Call, answer};
use super::{S3Error, Storage};
use pipeline_core::artifact::BucketName;
use pipeline_core::artifact::rules::{BucketFacts, Encryption, Expiry, Setting};

impl Storage {
    /// Whether the bucket is there and these credentials may look at it.
    ///
    /// # Errors
    /// When it is not, or cannot be asked.
    pub async fn reach(&self, bucket: &BucketName) -> Result<(), S3Error> {
        let call = Call { name: "HeadBucket", permission: "s3:ListBucket", bucket, key: None };
        let asked = self.client.head_bucket().bucket(bucket.as_str()).send().await;
        asked.map(drop).map_err(|error| self.failure(call, &error))
    }

    /// The settings of the bucket.
    ///
    /// # Errors
    /// When there is no such bucket here, or S3 cannot be asked at all.
    pub async fn facts(&self, bucket: &BucketName) -> Result<BucketFacts, S3Error> {
        let (versioning, encryption, expiry) =
            tokio::join!(self.versioning(bucket), self.encryption(bucket), self.expiry(bucket));
        Ok(BucketFacts { versioning: versioning?, encryption: encryption?, expiry: expiry? })
    }

    async fn versioning(&self, bucket: &BucketName) -> Result<Setting<bool>, S3Error> {
        let call = call(bucket, "GetBucketVersioning", "s3:GetBucketVersioning");
        match self.client.get_bucket_versioning().bucket(bucket.as_str()).send().await {
            Ok(it) => Ok(Setting::Is(it.status() == Some(&BucketVersioningStatus::Enabled))),
            Err(error) => self.setting(call, &error, "", false),
        }
    }

    async fn encryption(&self, bucket: &BucketName) -> Result<Setting<Encryption>, S3Error> {
        let call = call(bucket, "GetBucketEncryption", "s3:GetEncryptionConfiguration");
        match self.client.get_bucket_encryption().bucket(bucket.as_str()).send().await {
            Ok(it) => {
                let set = it.server_side_encryption_configuration();
                let rules = set.map(|set| set.rules()).unwrap_or_default();
                Ok(Setting::Is(rules.iter().find_map(encryption).unwrap_or(Encryption::None)))
            }
            Err(error) => {
                let none = "ServerSideEncryptionConfigurationNotFoundError";
                self.setting(call, &error, none, Encryption::None)
            }
        }
    }

    async fn expiry(&self, bucket: &BucketName) -> Result<Setting<Vec<Expiry>>, S3Error> {
        let call = call(bucket, "GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration");
        let asked = self.client.get_bucket_lifecycle_configuration().bucket(bucket.as_str());
        match asked.send().await {
            Ok(it) => Ok(Setting::Is(it.rules().iter().filter_map(expiry).collect())),
            Err(error) => self.setting(call, &error, "NoSuchLifecycleConfiguration", Vec::new()),
        }
    }

    /// A setting that could not be had: absent, or not to be read.
    fn setting<T, E>(
        &self,
        call: Call<'_>,
        error: &SdkError<E>,
        absent: &str,
        nothing: T,
    ) -> Result<Setting<T>, S3Error>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        if answer(error).1 == Some(absent) {
            return Ok(Setting::Is(nothing));
        }
        match self.failure(call, error) {
            S3Error::Denied { said, .. }
            | S3Error::NotImplemented { said, .. }
            | S3Error::Refused { said, .. } => Ok(Setting::Unread { said }),
            failed => Err(failed),
        }
    }
}

fn call<'a>(bucket: &'a BucketName, name: &'static str, permission: &'static str) -> Call<'a> {
    Call { name, permission, bucket, key: None }
}

fn encryption(rule: &ServerSideEncryptionRule) -> Option<Encryption> {
    let set = rule.apply_server_side_encryption_by_default()?;
    Some(match set.sse_algorithm() {
        ServerSideEncryption::Aes256 => Encryption::Aes256,
        other => Encryption::Keys(other.as_str().to_owned()),
    })
}

/// The rule, where it is in force and removes objects after some days.
fn expiry(rule: &LifecycleRule) -> Option<Expiry> {
    let days = rule.expiration()?.days()?.try_into().ok()?;
    if rule.status() != &ExpirationStatus::Enabled {
        return None;
    }
    #[expect(deprecated, reason = "rules of old buckets have their prefix here")]
    let old = rule.prefix();
    let filter = rule.filter();
    let and = filter.and_then(|filter| filter.and());
    let prefix = filter.and_then(|it| it.prefix()).or(and.and_then(|it| it.prefix())).or(old);
    let sized = |least: Option<i64>, most: Option<i64>| least.is_some() || most.is_some();
    let narrowed = filter.is_some_and(|it| {
        it.tag().is_some() || sized(it.object_size_greater_than(), it.object_size_less_than())
    }) || and.is_some_and(|it| {
        !it.tags().is_empty() || sized(it.object_size_greater_than(), it.object_size_less_than())
    });
    Some(Expiry { prefix: prefix.unwrap_or_default().to_owned(), days, narrowed })
}
