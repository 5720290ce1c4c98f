//! S3 as this process reaches it: one connection, shared by all resources.

use pipeline_aws::s3::{Archive, Storage};
use pipeline_core::BucketName;
use tfplugin::{Diagnostic, Diagnostics, Path};

use super::Session;
use crate::config::{ArchiveChoice, Config};

impl Session<'_> {
    /// S3. `None` while the provider block's `aws` is not known: a plan then says nothing of it.
    pub async fn storage(&self) -> Option<Storage> {
        self.pipeline.storage().await
    }

    /// S3, for what cannot go on without it.
    ///
    /// # Errors
    /// While the provider block's `aws` is not known.
    pub async fn known_storage(&self) -> Result<Storage, Diagnostics> {
        self.pipeline.known_storage().await
    }

    /// Where records go before they are deleted; `None`: nowhere, because no archive is configured.
    ///
    /// # Errors
    /// While the provider block's `archive` or `aws` is not known.
    pub async fn archive(&self) -> Result<Option<Archive>, Diagnostics> {
        match &self.settings.archive {
            ArchiveChoice::None => Ok(None),
            ArchiveChoice::Is(archive) => Ok(Some(archive.archive(self.known_storage().await?))),
            ArchiveChoice::Unknown => Err(unknown_archive()),
        }
    }

    /// Whether nobody looked yet in this walk whether the bucket keeps objects for so many days.
    #[must_use]
    pub fn is_first_look(&self, bucket: &BucketName, days: u32) -> bool {
        self.pipeline.planned().buckets.insert((bucket.clone(), days))
    }
}

fn unknown_archive() -> Diagnostics {
    Diagnostic::error(
        Path::from(Config::ARCHIVE),
        "The archive is not known yet",
        "The provider block's `archive` depends on something that is only known after apply; expected \
         values that are known, because nothing is deleted before it is in the archive (RET003). Next: \
         apply what they depend on first, for example with `-target`.",
    )
    .into()
}
