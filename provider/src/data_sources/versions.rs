//! `pipeline_versions`: every version that satisfies what is asked.

use std::collections::BTreeSet;

use pipeline_core::base::path::SubProjectPath;
use pipeline_core::tag::State;
use pipeline_core::tag::releases::{Release, Releases};
use pipeline_core::version::VersionConstraint;
use tfplugin::{Computed, DataContext, DataSource, Diagnostics, Model, Path, Text};

use super::selection::{Selection, idle_prerelease, only_other_tags, states};
use crate::pipeline::Pipeline;

/// All versions of a sub-project, or of all, that satisfy a constraint and a state.
#[derive(Debug, Clone, Model)]
pub struct Versions {
    /// Path of the sub-project in the repository; empty for the root project. All sub-projects where
    /// absent.
    pub sub_project_path: Option<Text<SubProjectPath>>,
    /// Constraint such as `~> 1.4` or `>= 1.2, < 2.0`. All versions where absent.
    pub constraint: Option<Text<VersionConstraint>>,
    /// State that a state tag must give the version: `stable`, `unstable` or `deprecated`.
    pub state: Option<Text<State>>,
    /// Whether pre-releases count although the constraint does not name one.
    #[tf(default = false)]
    pub include_prerelease: bool,
    /// Versions, by sub-project, newest first.
    pub versions: Computed<Vec<FoundVersion>>,
    /// Paths of all sub-projects that have a version, sorted.
    pub sub_project_paths: Computed<Vec<String>>,
    /// Number of tags that are neither a version nor a state nor an environment's, and were passed over.
    pub unrecognized_tag_count: Computed<u64>,
    /// Some of the tags that were passed over, each of another form; five at most.
    pub unrecognized_tags: Computed<Vec<String>>,
}

/// One version.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct FoundVersion {
    /// Whole version with its sub-project path, such as `api/v1.2.3`.
    pub full_version: String,
    /// Path of the sub-project in the repository; empty for the root project.
    pub sub_project_path: String,
    /// Version alone, such as `v1.2.3`.
    pub semver: String,
    /// Major number.
    pub major: u64,
    /// Minor number.
    pub minor: u64,
    /// Patch number.
    pub patch: u64,
    /// Pre-release, such as `rc.1`; null for a release.
    pub prerelease: Option<String>,
    /// Name of the version's tag.
    pub tag_name: String,
    /// Commit that the tag points at.
    pub commit_sha: String,
    /// States that state tags give the version, sorted.
    pub states: Vec<String>,
    /// Environments whose tags point at the version's commit, sorted.
    pub environments: Vec<String>,
}

impl DataSource for Versions {
    const NAME: &'static str = "pipeline_versions";
    type Provider = Pipeline;

    async fn read(self, cx: &DataContext<Self>) -> Result<Self, Diagnostics> {
        let session = cx.provider.open().await?;
        let truth = session.truth().await?;
        let grammar = &session.settings.grammar;
        if let Some(idle) =
            idle_prerelease(self.include_prerelease, grammar, Self::INCLUDE_PRERELEASE)
        {
            cx.warn(idle);
        }
        let versions = self.select(&truth.releases);
        let projects: Vec<String> =
            truth.releases.sub_projects().map(ToString::to_string).collect();
        if versions.is_empty()
            && let Some(warning) = only_other_tags(&truth.releases, Path::root())
        {
            cx.warn(warning);
        }
        let others = truth.releases.passed_over();
        let examples: Vec<String> = others.examples().map(str::to_owned).collect();
        Ok(Self {
            versions: versions.into(),
            sub_project_paths: projects.into(),
            unrecognized_tag_count: u64::try_from(others.count).unwrap_or(u64::MAX).into(),
            unrecognized_tags: examples.into(),
            ..self
        })
    }
}

impl Versions {
    fn select(&self, releases: &Releases) -> Vec<FoundVersion> {
        let selection = Selection {
            constraint: self.constraint.as_ref(),
            state: self.state.as_ref(),
            include_prerelease: self.include_prerelease,
        };
        let wanted = |project: &&SubProjectPath| {
            self.sub_project_path.as_ref().is_none_or(|path| **path == **project)
        };
        let admitted = |release: &&Release| selection.admits(release);
        releases
            .sub_projects()
            .filter(wanted)
            .flat_map(|project| releases.of(project).rev().filter(admitted))
            .map(|release| found(release, releases))
            .collect()
    }
}

fn found(release: &Release, releases: &Releases) -> FoundVersion {
    let version = &release.version;
    let project = version.sub_project_path();
    let environments: BTreeSet<String> = releases
        .pointers_of(project)
        .filter(|(_, commit)| *commit == release.commit)
        .map(|(environment, _)| environment.to_string())
        .collect();
    FoundVersion {
        full_version: version.to_string(),
        sub_project_path: project.to_string(),
        semver: version.semver(),
        major: version.major(),
        minor: version.minor(),
        patch: version.patch(),
        prerelease: version.prerelease().map(|part| part.to_string()),
        tag_name: version.to_string(),
        commit_sha: release.commit.to_string(),
        states: states(release),
        environments: environments.into_iter().collect(),
    }
}
