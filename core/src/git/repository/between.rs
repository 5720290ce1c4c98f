//! The commits between two others: what a deployment brought, what a promotion would bring.

use super::Repository;
use super::fetch::Part;
use crate::git::error::GitError;
use crate::git::object_id::ObjectId;
use crate::{CommitSha, Timestamp};

/// More commits than these are counted but not told: nobody reads them, and a walk has to end.
const MOST: usize = 5_000;

/// A commit in the history of one that is not in the history of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCommit {
    /// Which.
    pub commit: CommitSha,
    /// When it was committed, by its own word; `None` outside the calendar.
    pub committed_at: Option<Timestamp>,
    /// The first line of its message.
    pub summary: String,
}

impl Repository {
    /// The commits that `head` has in its history, itself among them, and `base` has not; newest first, at
    /// most five thousand. `None` where this clone does not hold the whole history: a shallow clone would
    /// tell too few.
    ///
    /// # Errors
    /// When one of the two is missing and cannot be fetched.
    pub async fn between(
        &self,
        base: CommitSha,
        head: CommitSha,
    ) -> Result<Option<Vec<NewCommit>>, GitError> {
        let (old, new) = (ObjectId::from(base), ObjectId::from(head));
        if old == new {
            return Ok(Some(Vec::new()));
        }
        self.bring(old, Part::Alone).await?;
        self.bring(new, Part::Alone).await?;
        let walked = self.parts.objects.with(|git2| {
            if git2.is_shallow() {
                return Ok(None);
            }
            let mut walk = git2.revwalk()?;
            walk.push(new.to_oid())?;
            walk.hide(old.to_oid())?;
            let commits = walk.take(MOST).map(|id| git2.find_commit(id?).map(|it| told(&it)));
            commits.collect::<Result<Vec<_>, git2::Error>>().map(Some)
        });
        match walked {
            // A parent that this clone does not hold.
            Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
            other => other.map_err(|error| GitError::local("walk a history", error)),
        }
    }
}

fn told(commit: &git2::Commit<'_>) -> NewCommit {
    let summary = commit.summary_bytes().unwrap_or_default();
    NewCommit {
        commit: ObjectId::from_oid(commit.id()).to_commit(),
        committed_at: Timestamp::from_unix_seconds(commit.committer().when().seconds()),
        summary: String::from_utf8_lossy(summary).into_owned(),
    }
}
