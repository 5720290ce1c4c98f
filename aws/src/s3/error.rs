//! What can go wrong with S3: what is the case, and what to do about it.

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use thiserror::Error;

use super::{ObjectName, Storage};
use crate::clock::{self, Skew};
use crate::misfit::{self, Misfit};
use pipeline_core::artifact::BucketName;
use pipeline_core::artifact::rules::Content;

/// Why S3 did not do what it was asked to.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum S3Error {
    /// There is no such bucket.
    #[error("there is no bucket `{bucket}`")]
    NoBucket {
        /// The bucket.
        bucket: BucketName,
    },
    /// The bucket is in another region than the one that was asked.
    #[error("bucket `{bucket}` is in region {}, and region {} was asked", shown(.region), shown(.asked))]
    OtherRegion {
        /// The bucket.
        bucket: BucketName,
        /// Where it is, as far as S3 says.
        region: Option<String>,
        /// Where it was looked for.
        asked: Option<String>,
    },
    /// The credentials may not do this.
    #[error("S3 denies {call} on {target} ({said})")]
    Denied {
        /// The request.
        call: &'static str,
        /// On what.
        target: String,
        /// The permission that is missing.
        permission: String,
        /// The words of S3.
        said: String,
    },
    /// This machine and S3 do not have the same time.
    #[error("S3 refuses every request ({said})")]
    Skewed {
        /// What was found out.
        said: String,
    },
    /// Settings of this machine cannot be followed, so that nothing was asked.
    #[error("S3 cannot be asked ({said})")]
    Unsettled {
        /// Which, and why.
        said: String,
    },
    /// Nobody said in which region to ask.
    #[error("no AWS region is known")]
    NoRegion,
    /// There are no credentials, or they are of no use.
    #[error("there are no usable AWS credentials ({said})")]
    NoCredentials {
        /// What was found out.
        said: String,
    },
    /// No answer came. What was asked may have been done all the same.
    #[error("S3 did not answer {call} on {target} ({said})")]
    Unreachable {
        /// The request.
        call: &'static str,
        /// On what.
        target: String,
        /// What was found out.
        said: String,
    },
    /// S3 asked to slow down, or failed itself, each time.
    #[error("S3 could not do {call} on {target}, although it was asked several times ({said})")]
    Busy {
        /// The request.
        call: &'static str,
        /// On what.
        target: String,
        /// The words of S3.
        said: String,
    },
    /// The object is in a storage class that has to be restored before it can be read.
    #[error("{target} is in a storage class that cannot be read at once")]
    Frozen {
        /// The object.
        target: String,
    },
    /// The store does not know what it was asked for.
    #[error("the store at this endpoint does not know {call} as it is needed ({said})")]
    NotImplemented {
        /// The request.
        call: &'static str,
        /// The words of the store.
        said: String,
    },
    /// The object changed, or ended early, while it was read.
    #[error("{target} could not be read to its end ({said})")]
    Broken {
        /// The object.
        target: String,
        /// What was found out.
        said: String,
    },
    /// Something else.
    #[error("S3 refused {call} on {target}: {said}")]
    Refused {
        /// The request.
        call: &'static str,
        /// On what.
        target: String,
        /// The words of S3.
        said: String,
    },
}

/// An object that does not hold what it was to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The object.
    pub object: ObjectName,
    /// What it holds; `None`: it is not there.
    pub found: Option<Content>,
    /// What it was to hold.
    pub meant: Content,
}

impl Mismatch {
    fn found(&self) -> String {
        self.found.map_or_else(|| "nothing".to_owned(), |it| format!("SHA-256 `{}`", it.checksum))
    }
}

/// Why something was not stored.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// An object with other bytes lies there already. Nothing was overwritten.
    #[error("{} holds {} already; expected SHA-256 `{}`", .0.object, .0.found(), .0.meant.checksum)]
    Taken(Box<Mismatch>),
    /// S3 took the bytes and now holds others, or none.
    #[error("{} was stored and holds {} now; expected SHA-256 `{}`", .0.object, .0.found(), .0.meant.checksum)]
    NotHeld(Box<Mismatch>),
    /// The file is not what it was when it was hashed.
    #[error("the file changed while it was uploaded, and nothing was stored")]
    FileChanged,
    /// The file cannot be read.
    #[error("the file cannot be read: {said}")]
    File {
        /// What the machine says.
        said: String,
    },
    /// No object can be that large.
    #[error("{size_bytes} bytes are more than an object can have")]
    TooLarge {
        /// The size of the file.
        size_bytes: u64,
    },
    /// The store overwrites objects although it was asked not to.
    #[error(
        "the store at this endpoint ignores `If-None-Match: *` on bucket `{bucket}` and would overwrite \
         what others wrote"
    )]
    Overwrites {
        /// The bucket.
        bucket: BucketName,
    },
    /// The person interrupted.
    #[error(
        "the upload was interrupted and nothing was stored{}",
        leftover.as_ref().map_or_else(String::new, |id| format!(
            ", but its parts could not be removed (upload ID `{id}`)"
        ))
    )]
    Interrupted {
        /// The upload whose parts S3 still keeps.
        leftover: Option<String>,
    },
    /// S3 failed.
    #[error(transparent)]
    S3(#[from] S3Error),
}

impl S3Error {
    /// What to do about it, as a sentence.
    #[must_use]
    pub fn next(&self) -> String {
        let fixed = match self {
            Self::Denied { permission, .. } => {
                return format!("Allow `{permission}` to these credentials, or use others.");
            }
            Self::OtherRegion { region: Some(region), .. } => {
                return format!("Set `region = \"{region}\"` in the provider's `aws` block.");
            }
            Self::OtherRegion { .. } => "Set the bucket's region in the provider's `aws` block.",
            Self::NoBucket { .. } => "Create the bucket, or check its name and the account.",
            Self::Skewed { .. } => clock::NEXT,
            Self::Unsettled { .. } => misfit::NEXT,
            Self::NoRegion => "Set `region` in the provider's `aws` block, or `AWS_REGION`.",
            Self::NoCredentials { .. } => {
                "Log in to AWS, or set `profile` or `assume_role` in the provider's `aws` block."
            }
            Self::Unreachable { .. } => {
                "Check the network, the region, and the `endpoint_url` of the provider's `aws` block."
            }
            Self::Busy { .. } | Self::Broken { .. } => "Try again in a while.",
            Self::Frozen { .. } => "Restore the object from its storage class.",
            Self::NotImplemented { .. } => {
                "Use a store that knows conditional writes and SHA-256 checksums, as AWS does."
            }
            Self::Refused { .. } => "See what S3 says.",
        };
        fixed.to_owned()
    }
}

impl StoreError {
    /// What to do about it, as a sentence.
    #[must_use]
    pub fn next(&self) -> String {
        let fixed = match self {
            Self::S3(error) => return error.next(),
            Self::Taken(_) => "Use another key, or find out who wrote the object.",
            Self::NotHeld(_) => "Find out who else writes to this key.",
            Self::FileChanged => "Build the file first, and apply then.",
            Self::File { .. } => "See to the file.",
            Self::TooLarge { .. } => "Split the file.",
            Self::Overwrites { .. } => "Use a store that knows conditional writes, as AWS does.",
            Self::Interrupted { leftover: None } => "Apply again: it begins anew.",
            Self::Interrupted { .. } => {
                "Apply again: it begins anew. Let the bucket's lifecycle abort incomplete uploads."
            }
        };
        fixed.to_owned()
    }
}

fn shown(region: &Option<String>) -> String {
    region.as_ref().map_or_else(|| "another one".to_owned(), |name| format!("`{name}`"))
}

/// A request, for messages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) name: &'static str,
    pub(super) permission: &'static str,
    pub(super) bucket: &'a BucketName,
    pub(super) key: Option<&'a str>,
}

impl<'a> Call<'a> {
    pub(super) fn on(name: &'static str, permission: &'static str, object: &'a ObjectName) -> Self {
        Self { name, permission, bucket: &object.bucket, key: Some(&object.key) }
    }

    fn target(&self) -> String {
        match self.key {
            Some(key) => format!("s3://{}/{key}", self.bucket),
            None => format!("bucket `{}`", self.bucket),
        }
    }
}

/// The status and the code of a failure, where S3 answered.
pub(super) fn answer<E: ProvideErrorMetadata>(error: &SdkError<E>) -> (Option<u16>, Option<&str>) {
    let status = error.raw_response().map(|raw| raw.status().as_u16());
    (status, error.as_service_error().and_then(ProvideErrorMetadata::code))
}

impl Storage {
    /// What a failure of the SDK means.
    pub(super) fn failure<E>(&self, call: Call<'_>, error: &SdkError<E>) -> S3Error
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let (status, code) = answer(error);
        let (name, target, said) = (call.name, call.target(), said(error));
        let (bucket, raw) = (|| call.bucket.clone(), error.raw_response());
        match (status, code) {
            (None, _) if let Some(misfit) = Misfit::behind(error) => {
                S3Error::Unsettled { said: misfit.to_string() }
            }
            (None, _) if self.region.is_none() => S3Error::NoRegion,
            (None, _) if is_credentials(&said) => S3Error::NoCredentials { said },
            (None, _) => S3Error::Unreachable { call: name, target, said },
            (_, Some("NoSuchBucket")) => S3Error::NoBucket { bucket: bucket() },
            (Some(404), None | Some("NotFound")) if call.key.is_none() => {
                S3Error::NoBucket { bucket: bucket() }
            }
            (Some(301 | 307 | 400), _) if let Some(region) = self.elsewhere(error) => {
                S3Error::OtherRegion { bucket: bucket(), region, asked: self.region.clone() }
            }
            _ if let Some(skew) = error.as_service_error().and_then(|it| Skew::told(it, raw)) => {
                S3Error::Skewed { said: format!("{skew}; {said}") }
            }
            (_, Some("ExpiredToken" | "InvalidAccessKeyId" | "SignatureDoesNotMatch")) => {
                S3Error::NoCredentials { said }
            }
            (Some(401 | 403), _) => {
                let permission = missing(&said).unwrap_or(call.permission).to_owned();
                S3Error::Denied { call: name, target, permission, said }
            }
            (_, Some("InvalidObjectState")) => S3Error::Frozen { target },
            (Some(501), _) => S3Error::NotImplemented { call: name, said },
            (Some(429 | 500..), _) | (_, Some("SlowDown" | "InternalError")) => {
                S3Error::Busy { call: name, target, said }
            }
            _ => S3Error::Refused { call: name, target, said },
        }
    }

    /// Where the bucket is, when S3 says that it is not here.
    fn elsewhere<E: ProvideErrorMetadata>(&self, error: &SdkError<E>) -> Option<Option<String>> {
        let header = error.raw_response().and_then(|raw| raw.headers().get("x-amz-bucket-region"));
        let region =
            header.map(str::to_owned).filter(|region| Some(region) != self.region.as_ref());
        let (status, code) = answer(error);
        let moved = matches!(
            code,
            Some(
                "PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraint"
            )
        );
        (region.is_some() || moved || matches!(status, Some(301 | 307))).then_some(region)
    }
}

/// The permission that S3 says is missing: behind a request to S3 it may be one of KMS.
fn missing(said: &str) -> Option<&str> {
    let (_, rest) = said.split_once("not authorized to perform: ")?;
    let name = rest.split_whitespace().next()?.trim_end_matches(['.', ',']);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b":*-".contains(&byte);
    (name.contains(':') && name.bytes().all(plain)).then_some(name)
}

fn said<E>(error: &SdkError<E>) -> String
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let status = error.raw_response().map(|raw| raw.status().as_u16());
    match error.as_service_error().map(|it| (it.code(), it.message())) {
        Some((Some(code), Some(text))) => format!("{code}: {}", text.trim_end_matches('.')),
        Some((Some(code), None)) => code.to_owned(),
        _ => match status {
            // The answer to a HEAD has no body to take a reason from.
            Some(status) => format!("status {status}"),
            None => causes(error),
        },
    }
}

/// What each cause says, from the outermost to the innermost, in one line.
fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut said: Vec<String> = Vec::new();
    let mut cause = Some(error);
    while let Some(error) = cause {
        let words: Vec<String> = error.to_string().split_whitespace().map(Into::into).collect();
        let text = words.join(" ");
        // Many wrap the text of their cause into their own.
        if !said.last().is_some_and(|last| last.contains(&text)) {
            said.push(text);
        }
        cause = error.source();
    }
    said.join(": ").trim_end_matches('.').to_owned()
}

/// Without credentials nothing is sent, and only the words of the SDK tell.
fn is_credentials(said: &str) -> bool {
    said.to_lowercase().contains("credential")
}
