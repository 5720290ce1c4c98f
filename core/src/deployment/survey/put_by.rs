//! Who put there what an environment runs: a deployment, or somebody who moved its tag by hand.

use std::fmt;

use super::Survey;
use crate::Tag;
use crate::deployment::{Deployment, Scope};
use crate::git::{GitError, Repository, Signature};

/// Who put there what an environment runs.
#[derive(Debug)]
pub enum PutBy<'a> {
    /// A deployment on record.
    Deployment(&'a Deployment),
    /// Somebody who moved the tag; only an annotated tag says who and when.
    Hand(Option<Signature>),
}

/// Who put there what an environment runs.
///
/// # Errors
/// When the repository cannot be read.
pub async fn put_by<'a>(
    repository: &Repository,
    survey: &'a Survey,
) -> Result<PutBy<'a>, GitError> {
    if let Some(record) = survey.deployed_by() {
        return Ok(PutBy::Deployment(record));
    }
    let Scope { environment, sub_project_path, .. } = survey.scope();
    let tag = Tag::of_environment(sub_project_path.clone(), environment.clone());
    let found = repository.tag(tag.name().as_str()).await?;
    Ok(PutBy::Hand(found.and_then(|tag| tag.tagger)))
}

impl fmt::Display for PutBy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deployment(record) => {
                write!(f, "deployed by {} in {}", record.triggered_by, record.id)?;
                record.progress.completed_at().map_or(Ok(()), |at| write!(f, " at {at}"))
            }
            Self::Hand(Some(Signature { name, time, .. })) => {
                write!(f, "since {name} moved its tag there at {time}, outside any deployment")
            }
            Self::Hand(None) => f.write_str(
                "since somebody moved its tag there outside any deployment (git does not say who or \
                 when, because the tag is not annotated)",
            ),
        }
    }
}
