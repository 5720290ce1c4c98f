//! Annotated tags, and who made them.

use super::object_id::ObjectId;
use crate::base::actor::Author;
use crate::{CommitSha, Timestamp};

/// Who made a tag, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The person's or machine's name.
    pub name: String,
    /// The e-mail address; may be empty.
    pub email: String,
    /// When, to the second.
    pub time: Timestamp,
}

impl From<&Author> for Signature {
    fn from(author: &Author) -> Self {
        Self { name: author.actor.to_string(), email: author.email.clone(), time: author.at }
    }
}

/// A tag and what its object says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagObject {
    /// What the ref points at: the tag object, or the commit of a lightweight tag.
    pub object: ObjectId,
    /// The commit that the tag leads to.
    pub commit: CommitSha,
    /// Who made it; `None` for a lightweight tag.
    pub tagger: Option<Signature>,
    /// Its message, without the newline at its end; empty for a lightweight tag.
    pub message: String,
}

impl TagObject {
    /// Whether a tag object stands between the ref and the commit.
    #[must_use]
    pub const fn is_annotated(&self) -> bool {
        self.tagger.is_some()
    }

    /// When it was made, where it says so.
    #[must_use]
    pub fn created_at(&self) -> Option<Timestamp> {
        self.tagger.as_ref().map(|tagger| tagger.time)
    }
}
