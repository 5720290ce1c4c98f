//! What somebody wants of a tag, and what is to be done for it.

use super::Tag;
use super::rules::TagAction;
use crate::CommitSha;

/// What somebody wants of a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagRequest {
    /// The tag.
    pub tag: Tag,
    /// Where the tag stands as far as they know; `None`: they know of none.
    pub seen: Option<CommitSha>,
    /// Where it is to stand; `None`: it is to be deleted.
    pub to: Option<CommitSha>,
    /// Whether it gets another message.
    pub rewrites: bool,
    /// Its message; its name where there is none.
    pub message: Option<String>,
    /// Whether it is made again in place of itself: deleted, then created.
    pub replaces: bool,
}

impl TagRequest {
    /// A new tag.
    #[must_use]
    pub const fn create(tag: Tag, commit: CommitSha) -> Self {
        Self { tag, seen: None, to: Some(commit), rewrites: false, message: None, replaces: false }
    }

    /// A tag deleted, where it was seen.
    #[must_use]
    pub const fn delete(tag: Tag, seen: CommitSha) -> Self {
        Self { tag, seen: Some(seen), to: None, rewrites: false, message: None, replaces: false }
    }

    /// What is to be done to a tag that stands here; `None`: nothing.
    pub(super) fn action(&self, existing: Option<CommitSha>) -> Option<TagAction> {
        match (self.seen, existing, self.to) {
            (_, Some(from), None) => Some(TagAction::Delete { from }),
            (_, None, None) => None,
            (None, Some(from), Some(to)) if self.replaces => Some(TagAction::Replace { from, to }),
            (None, _, Some(commit)) | (Some(_), None, Some(commit)) => {
                Some(TagAction::Create { commit })
            }
            (Some(_), Some(from), Some(to)) if from == to && self.rewrites => {
                Some(TagAction::Rewrite { commit: to })
            }
            (Some(_), Some(from), Some(to)) => Some(TagAction::Move { from, to }),
        }
    }
}
