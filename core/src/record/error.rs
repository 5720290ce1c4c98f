//! What can be wrong with a record.

use crate::base::foreign;
use crate::base::violation::Violations;

/// Why a record cannot be read or written. It does not name the ref; whoever knows it adds it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The ref holds no record at all.
    #[error("there is no {kind} record: {found}")]
    NoRecord {
        /// What was to be read.
        kind: &'static str,
        /// What is there instead.
        found: String,
    },
    /// The bytes are not JSON.
    #[error("the {kind} record is not JSON: {said}")]
    NotJson {
        /// What was to be read.
        kind: &'static str,
        /// What the parser says.
        said: String,
    },
    /// The value is JSON, and not an object.
    #[error("the {kind} record is not a JSON object")]
    NotAnObject {
        /// What was to be read or written.
        kind: &'static str,
    },
    /// It is a record of something else.
    #[error("found a record of kind `{found}`; expected one of kind `{kind}`")]
    OtherKind {
        /// What was to be read.
        kind: &'static str,
        /// What the record says it is.
        found: String,
    },
    /// It does not say by which schema it was written.
    #[error("the {kind} record has no `schema_version`, a number from 1")]
    NoVersion {
        /// What was to be read.
        kind: &'static str,
    },
    /// It was written by a newer version of this software.
    #[error(
        "the {kind} record has schema version {found}, and this version knows up to {known}; \
         upgrade to {}",
        release.as_deref().map_or_else(
            || "the release that wrote it".to_owned(),
            |release| format!("release {release} or newer")
        )
    )]
    Newer {
        /// What was to be read.
        kind: &'static str,
        /// The version of the record.
        found: u64,
        /// The newest version that is known.
        known: u64,
        /// The first release that reads it, where the record says so.
        release: Option<String>,
    },
    /// A field is missing or of another type, or a rule is broken.
    #[error("the {kind} record is not valid: {said}")]
    Invalid {
        /// What was to be read.
        kind: &'static str,
        /// Which field, in the words of the parser.
        said: String,
    },
    /// Its fields are what they should be, and do not go together or do not belong where it lies.
    #[error("the {kind} record breaks a rule: {faults}")]
    Broken {
        /// What was to be read.
        kind: &'static str,
        /// The rules.
        faults: Violations,
    },
    /// It lies where another record belongs.
    #[error("the {kind} record belongs at `{key}`, and lies elsewhere")]
    Elsewhere {
        /// What was to be read.
        kind: &'static str,
        /// Where on its shelf it belongs.
        key: String,
    },
    /// Its JSON is larger than what anybody reads.
    #[error("the {kind} record has {bytes} bytes; at most {most} are read")]
    TooLarge {
        /// What was to be written.
        kind: &'static str,
        /// The size of its JSON.
        bytes: usize,
        /// The most that is read.
        most: u64,
    },
    /// The value has no JSON.
    #[error("the {kind} record cannot be written: {said}")]
    Unwritable {
        /// What was to be written.
        kind: &'static str,
        /// What the printer says.
        said: String,
    },
}

impl RecordError {
    /// What serde read, or why it could not.
    pub(crate) fn invalid_unless<T>(
        kind: &'static str,
        read: Result<T, serde_json::Error>,
    ) -> Result<T, Self> {
        // Serde repeats what it found: names of fields, and words that are none of a list.
        read.map_err(|error| Self::Invalid { kind, said: foreign::text(&error.to_string()) })
    }
}
