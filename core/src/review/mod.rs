//! Reviews: how a person records what they decided about a version, under their own name, and withdraws it.
//!
//! What a review says is [`approval`](crate::approval)'s, and so is what it is worth for a deployment.

mod audit;
mod rules;
mod survey;

use std::str::FromStr;

use crate::base::actor::Actor;
use crate::{CommitSha, EnvironmentName, Version, Violations};

pub use rules::ReviewFacts;
pub use survey::{Announced, survey, survey_removal};

/// What was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A version, by its tag.
    Version(Version),
    /// A commit, as the ledger files it.
    Commit(CommitSha),
}

impl FromStr for Subject {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        text.parse().map(Self::Commit).or_else(|_| text.parse().map(Self::Version))
    }
}

/// The parts of `environment/version/person`, where a commit may stand for the version. A version may have slashes,
/// and ends where one is read.
#[must_use]
pub fn parts(id: &str) -> Option<(EnvironmentName, Subject, Actor)> {
    let (environment, rest) = id.split_once('/')?;
    let (subject, person) = rest.match_indices('/').find_map(|(at, _)| {
        let subject = rest.get(..at)?.parse().ok()?;
        Some((subject, rest.get(at + 1..)?))
    })?;
    Some((environment.parse().ok()?, subject, person.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_taken_apart() {
        let version = |text: &str| Subject::Version(text.parse().unwrap());
        let read = |id: &str| parts(id).map(|(_, subject, person)| (subject, person.to_string()));
        let of = |subject, person: &str| Some((subject, person.to_owned()));
        assert_eq!(read("production/api/v1.2.3/ada"), of(version("api/v1.2.3"), "ada"));
        assert_eq!(read("production/v1.2.3/Ada Example"), of(version("v1.2.3"), "Ada Example"));
        assert_eq!(read("live/v1.2.3/team/ada"), of(version("v1.2.3"), "team/ada"));
        let commit = "a".repeat(40);
        let subject = Subject::Commit(commit.parse().unwrap());
        assert_eq!(read(&format!("production/{commit}/ada")), of(subject, "ada"));
        for bad in ["production", "production/api/ada", "production/v1.2.3", "P/v1.2.3/ada"] {
            assert_eq!(parts(bad), None, "{bad}");
        }
    }
}
