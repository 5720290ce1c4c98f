//! What runs in an environment: told by the deployments on record and by the environment's tag. Pure.
//!
//! The ledger knows what was deployed. The tag decides only where a person moved it since.

use std::fmt;

use super::{Deployment, Status};
use crate::base::id::DeploymentId;
use crate::base::name::{EnvironmentName, RegionName};
use crate::base::path::SubProjectPath;
use crate::base::revision::CommitSha;
use crate::version::Version;

/// Where a version runs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scope {
    /// The environment.
    pub environment: EnvironmentName,
    /// The sub-project that is deployed to it.
    pub sub_project_path: SubProjectPath,
    /// The region, where deployments name one.
    pub region: Option<RegionName>,
}

/// What runs somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// The commit.
    pub commit: CommitSha,
    /// Its version, where a record or a version tag names one.
    pub version: Option<Version>,
    /// Who put it there.
    pub origin: Origin,
}

/// Who put there what runs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// This deployment.
    Deployment(DeploymentId),
    /// Somebody who moved the environment's tag there by hand.
    Tag,
}

/// Where the environment's tag stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagPlace {
    /// The environment has no tag that moves.
    None,
    /// It should have one, and there is none.
    Missing,
    /// On this commit.
    On(CommitSha),
}

/// The import ID: `staging`, `staging/api` or `staging/api@eu-west`.
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { environment, sub_project_path: project, region } = self;
        write!(f, "{environment}")?;
        if !project.is_root() {
            write!(f, "/{project}")?;
        }
        region.as_ref().map_or(Ok(()), |region| write!(f, "@{region}"))
    }
}

impl Scope {
    /// Whether a deployment put something where this scope looks: the same region, or the whole
    /// environment at once.
    #[must_use]
    pub fn contains(&self, deployment: &Deployment) -> bool {
        let Self { environment, sub_project_path, region } = self;
        deployment.environment == *environment
            && deployment.version.sub_project_path() == sub_project_path
            && (deployment.region.is_none() || deployment.region == *region)
    }
}

impl TagPlace {
    /// The commit that the tag stands on.
    #[must_use]
    pub const fn commit(self) -> Option<CommitSha> {
        match self {
            Self::On(commit) => Some(commit),
            Self::None | Self::Missing => None,
        }
    }
}

impl Running {
    fn by(deployment: &Deployment) -> Self {
        Self {
            commit: deployment.commit_sha,
            version: Some(deployment.version.clone()),
            origin: Origin::Deployment(deployment.id.clone()),
        }
    }
}

/// The newest of the successes that put something where `scope` looks. Without a region, the one that
/// moved the environment's tag speaks for the whole environment.
#[must_use]
pub(super) fn last_success<'a>(
    scope: &Scope,
    successes: &[&'a Deployment],
    tag: TagPlace,
) -> Option<&'a Deployment> {
    let speaks_for_all =
        |it: &Deployment| scope.region.is_none() && tag != TagPlace::None && it.will_move_env_tag;
    let of_project = |it: &Deployment| {
        it.status() == Status::Succeeded
            && it.environment == scope.environment
            && it.version.sub_project_path() == &scope.sub_project_path
    };
    let wanted = |it: &&&Deployment| of_project(it) && (scope.contains(it) || speaks_for_all(it));
    successes.iter().rev().find(wanted).copied()
}

/// What runs where `scope` looks. `successes` are deployments to the environment, in the order in
/// which they succeeded; `named` gives the version that tags name for a commit.
#[must_use]
pub fn what_runs(
    scope: &Scope,
    successes: &[&Deployment],
    tag: TagPlace,
    named: impl Fn(CommitSha) -> Option<Version>,
) -> Option<Running> {
    let last = last_success(scope, successes, tag);
    let whole = Scope { region: None, ..scope.clone() };
    let moved_it = |it: &&&Deployment| {
        it.will_move_env_tag && it.version.sub_project_path() == &whole.sub_project_path
    };
    let mover = successes.iter().rev().find(moved_it);
    match tag {
        TagPlace::None => last.map(Running::by),
        TagPlace::Missing => last.filter(|it| !it.will_move_env_tag).map(Running::by),
        TagPlace::On(commit) if mover.is_some_and(|it| it.commit_sha == commit) => {
            last.map(Running::by)
        }
        TagPlace::On(commit) => {
            // A person moved the tag. It says nothing where deployments leave it alone.
            if let Some(apart) = last.filter(|it| !it.will_move_env_tag) {
                return Some(Running::by(apart));
            }
            let known = successes.iter().rev().find(|it| {
                it.commit_sha == commit && it.version.sub_project_path() == &scope.sub_project_path
            });
            let version = known.map(|it| it.version.clone()).or_else(|| named(commit));
            Some(Running { commit, version, origin: Origin::Tag })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::timestamp::Timestamp;
    use crate::deployment::Progress;
    use crate::deployment::tests::deployment;

    fn commit(n: u8) -> CommitSha {
        CommitSha::from_bytes([n; 20])
    }

    /// A success of `api/v1.<n>.0`, which is commit n.
    fn success(n: u8, region: Option<&str>, will_move_env_tag: bool) -> Deployment {
        let at = |s: i64| Timestamp::from_unix_seconds(1_760_000_000 + s).unwrap();
        Deployment {
            id: DeploymentId::new(at(n.into()), "abc123").unwrap(),
            version: format!("api/v1.{n}.0").parse().unwrap(),
            commit_sha: commit(n),
            region: region.map(|name| name.parse().unwrap()),
            will_move_env_tag,
            progress: Progress::Succeeded { started_at: at(0), completed_at: at(n.into()) },
            ..deployment()
        }
    }

    fn scope(region: Option<&str>) -> Scope {
        Scope {
            environment: "production".parse().unwrap(),
            sub_project_path: "api".parse().unwrap(),
            region: region.map(|name| name.parse().unwrap()),
        }
    }

    fn runs(region: Option<&str>, successes: &[Deployment], tag: TagPlace) -> Option<(u8, Origin)> {
        let successes: Vec<&Deployment> = successes.iter().collect();
        let named = |_| Some("api/v9.0.0".parse().unwrap());
        let found = what_runs(&scope(region), &successes, tag, named)?;
        Some((found.commit.as_bytes()[0], found.origin))
    }

    fn by(it: &Deployment) -> Origin {
        Origin::Deployment(it.id.clone())
    }

    #[test]
    fn each_region_runs_what_was_deployed_to_it() {
        let all = [success(1, Some("us-east"), true), success(2, Some("eu-west"), false)];
        let tag = TagPlace::On(commit(1));
        assert_eq!(runs(Some("eu-west"), &all, tag), Some((2, by(&all[1]))));
        assert_eq!(runs(Some("us-east"), &all, tag), Some((1, by(&all[0]))));
        assert_eq!(
            runs(None, &all, tag),
            Some((1, by(&all[0]))),
            "who moved the tag speaks for all"
        );
        assert_eq!(runs(Some("ap-south"), &all, tag), None);
    }

    #[test]
    fn a_deployment_to_the_whole_environment_reaches_each_region() {
        let all = [success(1, Some("eu-west"), false), success(2, None, true)];
        let tag = TagPlace::On(commit(2));
        assert_eq!(runs(Some("eu-west"), &all, tag), Some((2, by(&all[1]))));
    }

    #[test]
    fn a_tag_that_a_person_moved_tells_what_runs() {
        let all = [success(1, None, true), success(2, None, true)];
        assert_eq!(runs(None, &all, TagPlace::On(commit(2))), Some((2, by(&all[1]))));
        assert_eq!(runs(None, &all, TagPlace::On(commit(1))), Some((1, Origin::Tag)));
        assert_eq!(runs(None, &all, TagPlace::On(commit(7))), Some((7, Origin::Tag)));
        let apart = [success(1, None, true), success(2, Some("eu-west"), false)];
        let moved = runs(Some("eu-west"), &apart, TagPlace::On(commit(7)));
        assert_eq!(moved, Some((2, by(&apart[1]))), "its deployments leave the tag alone");
    }

    #[test]
    fn the_record_names_the_version_and_tags_only_where_there_is_none() {
        let all = [success(1, None, true)];
        let successes: Vec<&Deployment> = all.iter().collect();
        let version = |tag| {
            let named = |_| Some("api/v9.0.0".parse().unwrap());
            what_runs(&scope(None), &successes, tag, named)?.version.map(|it| it.to_string())
        };
        assert_eq!(version(TagPlace::On(commit(1))).as_deref(), Some("api/v1.1.0"));
        assert_eq!(version(TagPlace::On(commit(7))).as_deref(), Some("api/v9.0.0"));
    }

    #[test]
    fn without_a_tag_the_ledger_tells() {
        let all = [success(1, None, true), success(2, Some("eu-west"), true)];
        assert_eq!(runs(None, &all, TagPlace::None), Some((1, by(&all[0]))));
        assert_eq!(runs(Some("eu-west"), &all, TagPlace::None), Some((2, by(&all[1]))));
        assert_eq!(runs(None, &all, TagPlace::Missing), None, "somebody deleted the tag");
        let apart = [success(2, Some("eu-west"), false)];
        assert_eq!(runs(Some("eu-west"), &apart, TagPlace::Missing), Some((2, by(&apart[0]))));
    }
}
