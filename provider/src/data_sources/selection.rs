//! Which releases a data source is about: by constraint, state and pre-release.

use pipeline_core::TagGrammar;
use pipeline_core::base::violation::quoted;
use pipeline_core::tag::State;
use pipeline_core::tag::releases::{Release, Releases};
use pipeline_core::version::VersionConstraint;
use tfplugin::{Diagnostic, Path, Text};

/// That pre-releases were asked for where no tag can be one, blamed on `path`.
pub(super) fn idle_prerelease(
    include_prerelease: bool,
    grammar: &TagGrammar,
    path: impl Into<Path>,
) -> Option<Diagnostic> {
    (include_prerelease && !grammar.allow_prerelease).then(|| {
        Diagnostic::warning(
            path,
            "No tag counts as a pre-release",
            "Found `include_prerelease = true` where the provider block does not set \
             `allow_prerelease_tags`; expected both, because tags such as `v1.2.3-rc.1` are no version tags \
             otherwise. Next: set `allow_prerelease_tags = true` in the provider block, or leave \
             `include_prerelease` out.",
        )
    })
}

/// That there are tags, but none that is a version, blamed on `path`.
pub(super) fn only_other_tags(releases: &Releases, path: impl Into<Path>) -> Option<Diagnostic> {
    let passed_over = passed_over(releases)?;
    Some(Diagnostic::warning(
        path,
        "No version was found among the tags",
        format!(
            "Found {passed_over}, and no version that is asked for; expected version tags such as `v1.2.3`, \
             or `api/v1.2.3` of the sub-project `api`. Next: tag versions so, beside the tags that there are \
             if these are needed."
        ),
    ))
}

/// The tags that were passed over, in words, where there are some.
pub(super) fn passed_over(releases: &Releases) -> Option<String> {
    let found = releases.passed_over();
    let examples: Vec<String> = found.examples().map(quoted).collect();
    let examples = examples.join(", ");
    match found.count {
        0 => None,
        1 => Some(format!("1 tag of another form, {examples}")),
        count => Some(format!("{count} tags of other forms, such as {examples}")),
    }
}

/// What is asked of a release.
pub(super) struct Selection<'a> {
    /// All releases where absent.
    pub(super) constraint: Option<&'a Text<VersionConstraint>>,
    /// Whether a state tag must give this state.
    pub(super) state: Option<&'a Text<State>>,
    /// Whether pre-releases count although no constraint names them.
    pub(super) include_prerelease: bool,
}

impl Selection<'_> {
    /// Whether `release` is one of those asked for.
    pub(super) fn admits(&self, release: &Release) -> bool {
        let named = self.constraint.is_some_and(|constraint| constraint.matches(&release.version));
        let in_range = match self.constraint {
            None => true,
            Some(_) if named => true,
            // A constraint that names no pre-release admits those of the releases that it admits.
            Some(constraint) if self.include_prerelease => {
                constraint.matches(&release.version.clone().with_prerelease(None))
            }
            Some(_) => false,
        };
        in_range
            && (named || self.include_prerelease || !release.version.is_prerelease())
            && self.state.is_none_or(|state| release.states.contains(state))
    }

    /// What was asked for, in words.
    pub(super) fn told(&self) -> String {
        let mut words = Vec::new();
        if let Some(constraint) = self.constraint {
            words.push(format!("that satisfies \"{constraint}\""));
        }
        if let Some(state) = self.state {
            words.push(format!("with a {state} tag"));
        }
        if !self.include_prerelease {
            words.push("that is no pre-release".to_owned());
        }
        words.join(", ")
    }
}

/// The states of a release as words, sorted.
pub(super) fn states(release: &Release) -> Vec<String> {
    release.states.iter().map(ToString::to_string).collect()
}
