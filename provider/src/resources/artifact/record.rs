//! The record of an artifact in the ledger, in Terraform's words.

use pipeline_aws::s3::{Held, Remembering};
use pipeline_core::artifact::rules::Content;
use pipeline_core::artifact::{self as artifacts, ArtifactPlace, ArtifactSurvey};
use tfplugin::{Context, Diagnostics, Path};

use super::model::Artifact;
use super::read::is_as_before;
use crate::error::{self, Blame as _, artifact as words};
use crate::session::Session;

/// What is recorded of the artifact of this place.
///
/// # Errors
/// When the ledger cannot be read.
pub(super) async fn find(
    session: &Session<'_>,
    place: &ArtifactPlace,
) -> Result<ArtifactSurvey, Diagnostics> {
    artifacts::survey(&session.ledger(), place).await.blame(Path::root())
}

/// OWN020: what is recorded of this place speaks of the same bytes.
///
/// # Errors
/// When it speaks of others.
pub(super) fn check(found: &ArtifactSurvey, content: Content) -> Result<(), Diagnostics> {
    let other = artifacts::check_record(found, content.checksum);
    error::refuse(other, Artifact::SOURCE)
}

/// Writes the record, unless the ledger has it already.
///
/// # Errors
/// When S3 holds other bytes or cannot be asked, the record of this place is of other bytes, or the ledger
/// cannot be written.
pub(super) async fn write(
    session: &Session<'_>,
    artifact: &Artifact,
    cx: &Context<Artifact>,
) -> Result<(), Diagnostics> {
    let (Some(place), Some(recording)) = (artifact.place(), artifact.recording()) else {
        return Err(words::incomplete());
    };
    let found = cx.stop.unless(find(session, &place)).await??;
    if artifacts::is_recorded(&found, &recording) {
        return Ok(());
    }
    let storage = session.known_storage().await?;
    let is_ours = |held: &Held| is_as_before(artifact, cx, held);
    let known = |held: &Held| artifact.content().filter(|_| is_ours(held));
    let store = Remembering { storage: &storage, known };
    let found = cx.stop.unless(found.ask(&store)).await?.blame(Artifact::BUCKET)?;
    let checked = artifacts::plan(found, recording).check().blame(Artifact::SOURCE)?;
    let staged = checked.stage(&session.ledger(), &session.author()).blame(Path::root())?;
    session.commit_unless(staged, &cx.stop).await.map(drop)
}
