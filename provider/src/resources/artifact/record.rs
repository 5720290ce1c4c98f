//! The record of an artifact in the ledger: what it says, and writing it.

use pipeline_core::RuleId;
use pipeline_core::artifact::ArtifactPlace;
use pipeline_core::artifact::ArtifactRecord;
use pipeline_core::artifact::rules::{Elsewhere, check_unchanged};
use pipeline_core::ledger::Entry;
use tfplugin::{Diagnostic, Diagnostics, Path};

use super::model::Artifact;
use crate::error;
use crate::session::Session;

/// The record of the artifact at this place, where there is one.
///
/// # Errors
/// When the ledger cannot be read.
pub(super) async fn find(
    session: &Session<'_>,
    place: &ArtifactPlace,
) -> Result<Option<Entry<ArtifactRecord>>, Diagnostics> {
    let ledger = session.ledger();
    let found = ledger.read(&ledger.artifact(place)).await;
    found.map_err(|error| error::ledger(&error, &Path::root()))
}

/// OWN020: a record of this place speaks of the same bytes.
///
/// # Errors
/// When it speaks of others.
pub(super) fn check(
    place: &ArtifactPlace,
    artifact: &Artifact,
    entry: Option<&Entry<ArtifactRecord>>,
) -> Result<(), Diagnostics> {
    let recorded = entry.map(|entry| entry.record.artifact.checksum);
    let (Some(recorded), Some(content)) = (recorded, artifact.content()) else { return Ok(()) };
    let other = check_unchanged(place, content.checksum, recorded, Elsewhere::Record);
    other.map_or(Ok(()), |other| Err(error::violations_at(&other.into(), Artifact::SOURCE)))
}

/// Writes the record, unless the ledger has it already.
///
/// # Errors
/// When the record of this place is of other bytes, or the ledger cannot be written.
pub(super) async fn write(session: &Session<'_>, artifact: &Artifact) -> Result<(), Diagnostics> {
    let metadata = artifact.metadata().ok_or_else(incomplete)?;
    let before = find(session, &metadata.place).await?;
    check(&metadata.place, artifact, before.as_ref())?;
    let record = ArtifactRecord {
        artifact: metadata,
        s3_checksum: artifact.s3_checksum.get().cloned().flatten(),
        version_id: artifact.version_id.get().cloned().flatten(),
        recorded_by: session.actor(),
    };
    let same = |entry: &Entry<ArtifactRecord>| {
        let recorded_by = record.recorded_by.clone();
        ArtifactRecord { recorded_by, ..entry.record.clone() } == record
    };
    if before.as_ref().is_some_and(same) {
        return Ok(());
    }
    let (ledger, by) = (session.ledger(), session.signature());
    let slot = ledger.artifact(&record.artifact.place);
    let message = format!("record artifact {}", record.artifact.place.path());
    let expected = before.map(|entry| entry.object);
    let update = ledger.stage(&slot, expected, &record, &by, &message);
    session.commit(vec![update.map_err(|error| error::ledger(&error, &Path::root()))?]).await
}

fn incomplete() -> Diagnostics {
    Diagnostic::error(
        Path::root(),
        "The artifact cannot be recorded",
        format!(
            "Found an artifact that is not wholly known; expected all of its metadata ({}). Next: plan \
             again with refresh.",
            RuleId::ART003
        ),
    )
    .into()
}
