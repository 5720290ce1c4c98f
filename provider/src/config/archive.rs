//! The `archive` of the provider block: where records go before they are deleted (RET003).

use std::time::Duration;

use pipeline_aws::s3::{Archive, Storage};
use pipeline_core::BucketName;
use tfplugin::{Diagnostic, Diagnostics, Field, Model, Path};

use super::Config;
use crate::error;

/// Where records of the ledger go before they are deleted.
#[derive(Debug, Clone, Model)]
pub struct ArchiveConfig {
    /// Name of the bucket. Objects in it are created and never overwritten.
    pub bucket: String,
    /// What the keys begin with, such as `pipeline/`. Defaults to nothing.
    pub prefix: Option<String>,
}

/// The archive, already parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveSettings {
    /// The bucket.
    pub bucket: BucketName,
    /// What the keys begin with.
    pub prefix: String,
}

/// Whether there is an archive. One that is not known yet is not the same as none: without one, what
/// expires is deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArchiveChoice {
    /// There is none.
    None,
    /// A part of it is not known yet.
    Unknown,
    /// This one.
    Is(ArchiveSettings),
}

/// How long a plan waits for the archive's bucket.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest prefix: the rest of a key names the record.
const LONGEST: usize = 512;

impl ArchiveSettings {
    /// The archive over a connection.
    #[must_use]
    pub fn archive(&self, storage: Storage) -> Archive {
        Archive::new(storage, self.bucket.clone(), self.prefix.clone())
    }

    /// Whether the bucket can be reached now, as a warning where it cannot.
    pub async fn check(&self, storage: Storage) -> Option<Diagnostic> {
        let archive = self.archive(storage);
        let (found, next) = match tokio::time::timeout(PATIENCE, archive.reach()).await {
            Ok(Ok(())) => return None,
            Ok(Err(error)) => (error.to_string(), error.next()),
            Err(_) => (
                format!("S3 did not answer within {} seconds", PATIENCE.as_secs()),
                "Check the network and the credentials.".to_owned(),
            ),
        };
        Some(Diagnostic::warning(
            Path::from(Config::ARCHIVE).attribute("bucket"),
            "The archive could not be reached",
            format!(
                "Found that {found}; expected bucket `{}` to be there. Nothing that expires is deleted while \
                 the archive does not take it (RET003). Next: {next}",
                self.bucket
            ),
        ))
    }
}

/// What the block says.
pub(super) fn choice(field: &Field<ArchiveConfigDraft>) -> ArchiveChoice {
    let Some(draft) = field.known() else {
        return if field.is_unknown() { ArchiveChoice::Unknown } else { ArchiveChoice::None };
    };
    let bucket = draft.bucket.known().and_then(|bucket| bucket.parse().ok());
    match bucket {
        Some(bucket) if !draft.prefix.is_unknown() => {
            let prefix = draft.prefix.known().cloned().unwrap_or_default();
            ArchiveChoice::Is(ArchiveSettings { bucket, prefix })
        }
        _ => ArchiveChoice::Unknown,
    }
}

/// Checks what needs no AWS.
pub(super) fn validate(field: &Field<ArchiveConfigDraft>, out: &mut Diagnostics) {
    let Some(draft) = field.known() else { return };
    if let Some(Err(bad)) = draft.bucket.known().map(|name| name.parse::<BucketName>()) {
        out.extend(error::violations_at(&bad, draft.bucket.path().clone()));
    }
    let odd = |prefix: &&String| {
        let dots = prefix.split('/').any(|part| matches!(part, "." | ".."));
        prefix.len() > LONGEST
            || prefix.starts_with('/')
            || dots
            || prefix.chars().any(char::is_control)
    };
    if let Some(prefix) = draft.prefix.known().filter(odd) {
        out.push(draft.prefix.error(
            "Not a prefix of keys",
            format!(
                "Found \"{prefix}\"; expected at most {LONGEST} bytes that do not begin with a slash, \
                 without `.` and `..`. Next: write a prefix such as \"pipeline/\"."
            ),
        ));
    }
}
