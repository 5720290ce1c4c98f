//! What a plan and an apply say of the bucket (ART004): once in a walk, and never as an error.

use pipeline_aws::s3::{S3Error, Storage};
use pipeline_core::artifact::ArtifactPlace;
use pipeline_core::artifact::rules::check_bucket;
use tfplugin::{Diagnostic, Diagnostics, Path};

use super::model::Artifact;
use crate::error;
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
        Err(error) => Ok(vec![unseen(place, &error)]),
    }
}

fn unseen(place: &ArtifactPlace, error: &S3Error) -> Diagnostic {
    let bucket = place.bucket();
    let (summary, next) = match error {
        S3Error::NoBucket { .. } => (
            "The bucket does not exist yet",
            "nothing where the same apply makes it and this resource refers to it; else create it."
                .to_owned(),
        ),
        _ => ("The bucket could not be looked at", error.next()),
    };
    Diagnostic::warning(
        Artifact::BUCKET,
        summary,
        format!(
            "Found that {error}; expected to see the settings of bucket `{bucket}`. Whether the artifact can \
             be stored will show when it is applied. Next: {next}"
        ),
    )
}
