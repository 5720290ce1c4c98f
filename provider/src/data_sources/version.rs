//! `pipeline_version`: the newest version that satisfies what is asked.

use pipeline_core::base::path::SubProjectPath;
use pipeline_core::base::suggest::did_you_mean;
use pipeline_core::git::GitError;
use pipeline_core::tag::State;
use pipeline_core::tag::releases::{Release, Releases};
use pipeline_core::version::VersionConstraint;
use pipeline_core::{CommitSha, TagName};
use tfplugin::{Computed, DataContext, DataSource, Diagnostic, Diagnostics, Model, Path, Text};

use super::selection::{Selection, idle_prerelease, passed_over, states};
use crate::error;
use crate::pipeline::Pipeline;

/// The newest version of a sub-project that satisfies a constraint and a state.
///
/// "Newest" is the highest by SemVer precedence, not the latest in time.
#[derive(Debug, Clone, Model)]
pub struct VersionData {
    /// Path of the sub-project in the repository; empty for the root project.
    #[tf(default = "")]
    pub sub_project_path: Text<SubProjectPath>,
    /// Constraint such as `~> 1.4` or `>= 1.2, < 2.0`. All versions where absent.
    pub constraint: Option<Text<VersionConstraint>>,
    /// State that a state tag must give the version: `stable`, `unstable` or `deprecated`.
    pub state: Option<Text<State>>,
    /// Whether pre-releases count although the constraint does not name one.
    #[tf(default = false)]
    pub include_prerelease: bool,
    /// Whole version with its sub-project path, such as `api/v1.2.3`.
    pub full_version: Computed<String>,
    /// Version alone, such as `v1.2.3`.
    pub semver: Computed<String>,
    /// Major number.
    pub major: Computed<u64>,
    /// Minor number.
    pub minor: Computed<u64>,
    /// Patch number.
    pub patch: Computed<u64>,
    /// Pre-release, such as `rc.1`; null for a release.
    pub prerelease: Computed<Option<String>>,
    /// Name of the version's tag.
    pub tag_name: Computed<Text<TagName>>,
    /// Commit that the tag points at.
    pub commit_sha: Computed<Text<CommitSha>>,
    /// States that state tags give the version, sorted.
    pub states: Computed<Vec<String>>,
}

impl DataSource for VersionData {
    const NAME: &'static str = "pipeline_version";
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
        let all = truth.releases.of(&self.sub_project_path).rev();
        let admitted: Vec<Release> =
            all.filter(|release| self.selection().admits(release)).cloned().collect();
        for release in &admitted {
            // A listing does not tell whether a tag leads to a commit.
            match session.repository.check_commit(release.commit).await {
                Ok(()) => return Ok(self.found(release)),
                Err(GitError::WrongKind { .. }) => {}
                Err(error) => return Err(error::git(&error, &Path::root())),
            }
        }
        Err(self.not_found(&truth.releases))
    }
}

impl VersionData {
    fn selection(&self) -> Selection<'_> {
        Selection {
            constraint: self.constraint.as_ref(),
            state: self.state.as_ref(),
            include_prerelease: self.include_prerelease,
        }
    }

    fn found(self, release: &Release) -> Self {
        let version = &release.version;
        Self {
            full_version: version.to_string().into(),
            semver: version.semver().into(),
            major: version.major().into(),
            minor: version.minor().into(),
            patch: version.patch().into(),
            prerelease: version.prerelease().map(|part| part.to_string()).into(),
            tag_name: Text(release.tag_name.clone()).into(),
            commit_sha: Text(release.commit).into(),
            states: states(release).into(),
            ..self
        }
    }

    fn not_found(&self, releases: &Releases) -> Diagnostics {
        let project = &*self.sub_project_path;
        let there: Vec<String> =
            releases.of(project).rev().take(5).map(|release| release.version.to_string()).collect();
        let found = if there.is_empty() {
            let names: Vec<&str> = releases.sub_projects().map(SubProjectPath::as_str).collect();
            let near = did_you_mean(project.as_str(), names.iter().copied());
            let next = match near {
                Some(near) => format!("Did you mean \"{near}\"?"),
                None => "Next: check the path, or create the first version tag.".to_owned(),
            };
            let others = passed_over(releases).map_or_else(String::new, |it| format!(", but {it}"));
            return Diagnostic::error(
                Self::SUB_PROJECT_PATH,
                "The sub-project has no version",
                format!(
                    "Found no version tag of sub-project \"{project}\"{others}; expected one such as \"{}\". {next}",
                    project.join("v1.0.0")
                ),
            )
            .into();
        } else {
            there.join(", ")
        };
        Diagnostic::error(
            Self::CONSTRAINT,
            "No version satisfies what is asked",
            format!(
                "Found {found} (newest first); expected a version {}. Next: relax what is asked, or tag \
                 such a version.",
                self.selection().told()
            ),
        )
        .into()
    }
}
