//! Reading the name of a tag: which of the three kinds it is, or what it should have been.

use super::{State, Tag, TagKind, TagName};
use crate::base::name::EnvironmentName;
use crate::base::path::SubProjectPath;
use crate::base::rule::RuleId;
use crate::base::suggest::did_you_mean;
use crate::base::violation::{Findings, Violation, Violations, one_of, quoted};
use crate::version::Version;

/// Which names are tags of this repository; set by the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagGrammar {
    /// Whether a pre-release such as `v1.2.3-rc.1` is a version tag.
    pub allow_prerelease: bool,
    /// The environments that have movable tags.
    pub environment_names: Vec<EnvironmentName>,
}

/// The environments that have tags where nothing else is configured.
const DEFAULT_NAMES: [&str; 5] = ["production", "staging", "canary", "sandbox", "performance"];

impl Default for TagGrammar {
    fn default() -> Self {
        let environment_names = DEFAULT_NAMES.iter().filter_map(|name| name.parse().ok()).collect();
        Self { allow_prerelease: false, environment_names }
    }
}

impl TagGrammar {
    /// Reads a tag name.
    ///
    /// # Errors
    /// TAG001, TAG002 or TAG003 by what the name looks most like, TAG013 when git would not
    /// accept it, VER002 and VER003 for faults within its parts.
    pub fn parse(&self, name: &str) -> Result<Tag, Violations> {
        let tag_name: TagName = name.parse()?;
        let (path, last) = SubProjectPath::split(name);
        let mut findings = Findings::new();
        let path = findings.take("sub_project_path", path);
        let kind = findings.take("tag_name", self.kind(last, path.unwrap_or_default()));
        match kind {
            Some(kind) => findings.finish(Tag { name: tag_name, kind }),
            None => Err(findings.fail()),
        }
    }

    /// Whether this environment has movable tags.
    #[must_use]
    pub fn has_tags(&self, environment: &EnvironmentName) -> bool {
        self.environment_names.contains(environment)
    }

    fn kind(&self, last: &str, path: SubProjectPath) -> Result<TagKind, Violations> {
        if let Some(name) = self.environment_names.iter().find(|name| name.as_str() == last) {
            return Ok(TagKind::Environment { path, name: name.clone() });
        }
        if let Some((version, state)) = state_suffix(last) {
            return state_tag(last, version, state, path);
        }
        if looks_like_version(last) {
            return self.version_tag(last, path);
        }
        Err(self.unknown(last).into())
    }

    fn version_tag(&self, last: &str, path: SubProjectPath) -> Result<TagKind, Violations> {
        let version = Version::parse_semver(last, path).map_err(as_tag_fault)?;
        if version.is_prerelease() && !self.allow_prerelease {
            return Err(refused_prerelease(last, &version).into());
        }
        Ok(TagKind::Version(version))
    }

    fn unknown(&self, last: &str) -> Violation {
        let names: Vec<&str> = self.environment_names.iter().map(EnvironmentName::as_str).collect();
        let next = match did_you_mean(last, names.iter().copied()) {
            Some(near) => format!("Did you mean `{near}`?"),
            None if last.parse::<EnvironmentName>().is_ok() => format!(
                "Add `{last}` to `environment_tag_names` if it is an environment with a tag, \
                 or write a version such as `v1.2.3`."
            ),
            None => "Write a version such as `v1.2.3`, a state tag such as `v1.2.3-stable`, \
                     or an environment."
                .to_owned(),
        };
        let expected =
            format!("a version, a state tag, or an environment, which is {}", one_of(&names));
        Violation::new(RuleId::TAG002, quoted(last), expected, next)
    }
}

/// Splits off a suffix that is a state name; such a tag is never a pre-release.
fn state_suffix(last: &str) -> Option<(&str, State)> {
    let (version, word) = last.rsplit_once('-')?;
    let state = State::ALL.iter().find(|state| state.as_str() == word)?;
    Some((version, *state))
}

fn state_tag(
    last: &str,
    version: &str,
    state: State,
    path: SubProjectPath,
) -> Result<TagKind, Violations> {
    let version = Version::parse_semver(version, path).map_err(|faults| {
        if faults.breaks(RuleId::VER001) { faults.as_rule(RuleId::TAG003) } else { faults }
    })?;
    if version.is_prerelease() {
        return Err(state_of_prerelease(last).into());
    }
    Ok(TagKind::State { version, state })
}

pub(super) fn state_of_prerelease(name: &str) -> Violation {
    Violation::new(
        RuleId::TAG003,
        quoted(name),
        "a state of a release, because pre-releases have no state tags",
        "Tag the release, as in `v1.2.3-stable`, or leave the state out.",
    )
}

fn looks_like_version(last: &str) -> bool {
    let digits = last.strip_prefix(['v', 'V']).unwrap_or(last);
    digits.starts_with(|c: char| c.is_ascii_digit())
}

fn as_tag_fault(faults: Violations) -> Violations {
    if faults.breaks(RuleId::VER001) { faults.as_rule(RuleId::TAG001) } else { faults }
}

fn refused_prerelease(last: &str, version: &Version) -> Violation {
    let word = last.split_once('-').map_or("", |(_, suffix)| suffix);
    let next = match did_you_mean(word, State::WORDS.iter().copied()) {
        Some(near) => {
            let release = version.clone().with_prerelease(None).semver();
            return Violation::new(
                RuleId::TAG003,
                quoted(last),
                format!("a state, which is {}", one_of(State::WORDS)),
                format!("Did you mean `{release}-{near}`?"),
            );
        }
        None => "Set `allow_prerelease_tags = true` to allow it, or tag the release.",
    };
    Violation::new(
        RuleId::TAG001,
        format!("the pre-release {}", quoted(last)),
        "a release, because pre-release tags are not allowed here",
        next,
    )
}
