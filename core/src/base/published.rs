//! Whether a remote has a commit on record: under a branch or a tag.

/// Whether a branch or a tag of the remote leads to a commit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Published {
    /// One does; or there is no remote.
    #[default]
    Yes,
    /// None does: a tag would be all that leads there.
    No {
        /// The ref of a server's trial merge, such as `refs/pull/7/merge`, where the commit is one.
        trial: Option<String>,
    },
    /// Too little of the history is here, and the remote did not say.
    Unknown,
}
