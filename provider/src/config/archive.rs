//! The `archive` of the provider block: where records go before they are deleted (RET003).

use std::time::Duration;

use pipeline_aws::s3::{Archive, Storage};
use pipeline_core::BucketName;
use tfplugin::{Diagnostic, Field, FieldValue, Model, Path, Text};

use super::Config;

/// Where records of the ledger go before they are deleted.
#[derive(Debug, Clone, Model)]
pub struct ArchiveConfig {
    /// Name of the bucket. Objects in it are created and never overwritten.
    pub bucket: Text<BucketName>,
    /// What the keys begin with, such as `pipeline/`. Defaults to nothing.
    #[tf(validate = prefix)]
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
    match field.settled() {
        FieldValue::Unknown => ArchiveChoice::Unknown,
        FieldValue::Null => ArchiveChoice::None,
        FieldValue::Known(ArchiveConfig { bucket, prefix }) => {
            let (bucket, prefix) = (bucket.into_inner(), prefix.unwrap_or_default());
            ArchiveChoice::Is(ArchiveSettings { bucket, prefix })
        }
    }
}

fn prefix(prefix: &str) -> Result<(), String> {
    let dots = prefix.split('/').any(|part| matches!(part, "." | ".."));
    let odd = prefix.len() > LONGEST || prefix.starts_with('/') || dots;
    if !odd && !prefix.chars().any(char::is_control) {
        return Ok(());
    }
    Err(format!(
        "Found {prefix:?}; expected a prefix of keys of at most {LONGEST} bytes that does not begin with a \
         slash, without `.` and `..`. Next: write a prefix such as \"pipeline/\"."
    ))
}
