//! What the ledger knows of the artifact of one place, and what the store holds there.

use super::rules::Content;
use super::{ArtifactPlace, ArtifactRecord, ObjectStore};
use crate::base::suggest::did_you_mean;
use crate::ledger::{Ledger, LedgerError, Recorded, RefStore, Shelf, Slot};

impl<S: RefStore> Ledger<S> {
    /// All artifacts.
    #[must_use]
    pub fn artifacts(&self) -> Shelf<ArtifactRecord> {
        self.shelf()
    }

    /// The artifact of one place.
    #[must_use]
    pub fn artifact(&self, place: &ArtifactPlace) -> Slot<ArtifactRecord> {
        self.artifacts().slot(&ArtifactRecord::key_of(place))
    }
}

/// What was found of one artifact. Only [`survey`] makes it.
#[derive(Debug, Clone)]
pub struct ArtifactSurvey {
    pub(super) place: ArtifactPlace,
    pub(super) recorded: Recorded<ArtifactRecord>,
}

impl ArtifactSurvey {
    /// Where the artifact lies.
    #[must_use]
    pub const fn place(&self) -> &ArtifactPlace {
        &self.place
    }

    /// What is recorded of it.
    #[must_use]
    pub fn record(&self) -> Option<&ArtifactRecord> {
        self.recorded.record()
    }
}

/// What was found of one artifact, in the ledger and in the store. Only [`ArtifactSurvey::ask`] makes it.
#[derive(Debug, Clone)]
pub struct StoredSurvey {
    pub(super) survey: ArtifactSurvey,
    pub(super) held: Option<Content>,
}

impl ArtifactSurvey {
    /// Asks the store what it holds at this place.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub async fn ask<O: ObjectStore>(self, store: &O) -> Result<StoredSurvey, O::Error> {
        let held = store.content(&self.place).await?;
        Ok(StoredSurvey { survey: self, held })
    }
}

/// Reads what is recorded of the artifact of this place.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn survey<S: RefStore>(
    ledger: &Ledger<S>,
    place: &ArtifactPlace,
) -> Result<ArtifactSurvey, LedgerError> {
    ledger.check_room(&ledger.artifact(place)).await?;
    let recorded = Recorded::read(ledger, ledger.artifact(place)).await?;
    Ok(ArtifactSurvey { place: place.clone(), recorded })
}

/// The recorded artifact that may have been meant by a place where there is none: of two of bucket, commit and
/// path as they were given, and the third nearly so.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn near<S: RefStore>(
    ledger: &Ledger<S>,
    place: &ArtifactPlace,
) -> Result<Option<ArtifactPlace>, LedgerError> {
    let (entries, _) = ledger.survey(&ledger.artifacts()).await?;
    let mut places: Vec<_> = entries.into_iter().map(|it| it.record.artifact.place).collect();
    let wanted = parts(place);
    let found = (0..wanted.len()).find_map(|slip| {
        let fits = |other: &[String; 3]| {
            let same = |part: &usize| *part == slip || other.get(*part) == wanted.get(*part);
            (0..wanted.len()).all(|part| same(&part))
        };
        let others: Vec<[String; 3]> = places.iter().map(parts).collect();
        let names = others.iter().filter(|other| fits(other)).filter_map(|other| other.get(slip));
        let near = did_you_mean(wanted.get(slip)?, names.map(String::as_str))?.to_owned();
        others.iter().position(|other| fits(other) && other.get(slip) == Some(&near))
    });
    Ok(found.map(|number| places.swap_remove(number)))
}

/// What may be misspelt of a place, the likeliest first.
fn parts(place: &ArtifactPlace) -> [String; 3] {
    [place.path().to_string(), place.commit().to_string(), place.bucket().to_string()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::{ArtifactMetadata, Sha256};
    use crate::git::Signature;
    use crate::ledger::Staged;
    use crate::ledger::memory::Remote;
    use crate::{Actor, Timestamp};

    fn place(text: &str) -> ArtifactPlace {
        text.replace("AAA", &"a".repeat(38)).parse().unwrap()
    }

    fn recorded(text: &str, timestamp: Timestamp) -> ArtifactRecord {
        let artifact = ArtifactMetadata {
            place: place(text),
            timestamp,
            artifact_type: "package".parse().unwrap(),
            size_bytes: 1,
            checksum: Sha256::of(b"x"),
        };
        let recorded_by = Actor::unknown();
        ArtifactRecord { artifact, s3_checksum: None, version_id: None, recorded_by }
    }

    #[tokio::test]
    async fn the_artifact_that_was_perhaps_meant() {
        let ledger = Ledger::new(Remote::new().store());
        let time = Timestamp::from_unix_seconds(0).unwrap();
        let (name, email) = ("Ana".to_owned(), "ana@example.com".to_owned());
        let by = Signature { name, email, time };
        let there = ["s3://builds/AAA00/app.zip", "s3://builds/AAA00/site.zip"];
        for text in there {
            let record = recorded(text, time);
            let slot = ledger.artifact(&record.artifact.place);
            let update = ledger.stage(&slot, None, &record, &by, "recorded").unwrap();
            ledger.commit(Staged::new(vec![update])).await.unwrap();
        }
        for (wanted, expected) in [
            ("s3://builds/AAA00/ap.zip", Some(there[0])),
            ("s3://builds/AAA01/site.zip", Some(there[1])),
            ("s3://build/AAA00/site.zip", Some(there[1])),
            ("s3://build/AAA00/app.tar", None),
            ("s3://builds/AAA00/other", None),
        ] {
            let near = near(&ledger, &place(wanted)).await.unwrap();
            assert_eq!(near, expected.map(place), "{wanted}");
        }
    }
}
