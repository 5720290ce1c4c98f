//! What a plan and an apply say of the bucket (ART004): once in a walk, and never as an error.

use pipeline_aws::s3::{S3Error, Storage};
use pipeline_core::artifact::ArtifactPlace;
use pipeline_core::artifact::rules::check_bucket;
use tfplugin::{Diagnostic, Diagnostics, Path};

use super::model::Artifact;
use crate::error::{self, artifact as words};
use crate::session::Session;

/// Warnings about the bucket, unless this walk gave them already.
///
/// # Errors
/// When the bucket is in another region: that is wrong now and at apply.
pub(super) async fn look(
    session: &Session<'_>,
    storage: &Storage,
    place: &ArtifactPlace,
    retention_days: u64,
) -> Result<Vec<Diagnostic>, Diagnostics> {
    let days = u32::try_from(retention_days).unwrap_or(u32::MAX);
    if !session.is_first_look(place.bucket(), days) {
        return Ok(Vec::new());
    }
    match storage.facts(place.bucket()).await {
        Ok(facts) => {
            let found = check_bucket(place.bucket(), &facts, &place.key(), days);
            let told = |it| error::violation_under(it, &Path::root());
            Ok(found.iter().map(told).collect())
        }
        Err(error @ S3Error::OtherRegion { .. }) => Err(error::s3(&error, Artifact::BUCKET)),
        Err(error) => Ok(vec![words::bucket_unseen(place, &error)]),
    }
}
