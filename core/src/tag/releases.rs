//! What the tags of a repository say together: versions, their states, and which environment points
//! where.
//!
//! Built from a listing of tags, once, in time linear in their number. Tags that the grammar does not
//! know are counted and left out: a repository may have tags of its own.

use std::collections::{BTreeMap, BTreeSet};

use super::{State, TagGrammar, TagKind, TagName};
use crate::base::name::EnvironmentName;
use crate::base::path::SubProjectPath;
use crate::base::revision::CommitSha;
use crate::base::suggest::did_you_mean;
use crate::version::Version;

/// One released version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The version.
    pub version: Version,
    /// Its tag, which has the same text.
    pub tag_name: TagName,
    /// The commit that the version tag points at.
    pub commit: CommitSha,
    /// The states that state tags give it.
    pub states: BTreeSet<State>,
}

/// All versions, states and environment pointers of a repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Releases {
    versions: BTreeMap<SubProjectPath, BTreeMap<Version, Release>>,
    pointers: BTreeMap<SubProjectPath, BTreeMap<EnvironmentName, CommitSha>>,
    strange: BTreeMap<Version, &'static str>,
    passed_over: PassedOver,
}

/// Tags that the grammar does not know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PassedOver {
    /// How many there are.
    pub count: usize,
    /// Some of them, each of another form: `1.2.3` and `1.3.0` are of one.
    forms: BTreeMap<String, String>,
}

impl PassedOver {
    /// So many examples are kept.
    const EXAMPLES: usize = 5;

    /// Some of them, each of another form.
    pub fn examples(&self) -> impl Iterator<Item = &str> {
        self.forms.values().map(String::as_str)
    }

    fn add(&mut self, name: &str) {
        self.count += 1;
        if self.forms.len() < Self::EXAMPLES {
            self.forms.entry(form(name)).or_insert_with(|| name.to_owned());
        }
    }
}

/// A name with one `0` for each number.
fn form(name: &str) -> String {
    let mut form = String::new();
    for letter in name.chars().map(|letter| if letter.is_ascii_digit() { '0' } else { letter }) {
        if letter != '0' || !form.ends_with('0') {
            form.push(letter);
        }
    }
    form
}

impl Releases {
    /// Reads a listing of tags: short name, and the commit that the tag leads to.
    pub fn read<'a>(
        grammar: &TagGrammar,
        tags: impl IntoIterator<Item = (&'a str, CommitSha)>,
    ) -> Self {
        let mut releases = Self::default();
        let mut states = Vec::new();
        for (name, commit) in tags {
            let Ok(tag) = grammar.parse(name) else {
                releases.passed_over.add(name);
                continue;
            };
            match tag.kind().clone() {
                TagKind::Version(version) => {
                    releases.add_version(version, tag.name().clone(), commit);
                }
                TagKind::State { version, state } => states.push((version, state)),
                TagKind::Environment { path, name } => {
                    releases.pointers.entry(path).or_default().insert(name, commit);
                }
            }
        }
        for (version, state) in states {
            releases.add_state(&version, state);
        }
        releases
    }

    /// Takes tags that lead to no commit: short name, and the kind of what they lead to. They are no
    /// versions, and are only there to be named.
    #[must_use]
    pub fn with_strange<'a>(
        mut self,
        grammar: &TagGrammar,
        tags: impl IntoIterator<Item = (&'a str, &'static str)>,
    ) -> Self {
        for (name, kind) in tags {
            if let Ok(TagKind::Version(version)) = grammar.parse(name).map(|tag| tag.kind().clone())
            {
                self.strange.insert(version, kind);
            }
        }
        self
    }

    /// The tags that the grammar does not know.
    #[must_use]
    pub const fn passed_over(&self) -> &PassedOver {
        &self.passed_over
    }

    /// What the tag of this name leads to, where that is known to be no commit.
    #[must_use]
    pub fn strange(&self, version: &Version) -> Option<&'static str> {
        self.strange.get(version).copied()
    }

    fn add_version(&mut self, version: Version, tag_name: TagName, commit: CommitSha) {
        let states = BTreeSet::new();
        let release = Release { version: version.clone(), tag_name, commit, states };
        let project = version.sub_project_path().clone();
        self.versions.entry(project).or_default().insert(version, release);
    }

    /// A state tag without its version says nothing that could be used.
    fn add_state(&mut self, version: &Version, state: State) {
        let project = self.versions.get_mut(version.sub_project_path());
        if let Some(release) = project.and_then(|versions| versions.get_mut(version)) {
            release.states.insert(state);
        }
    }

    /// Sub-projects that have a version, sorted.
    pub fn sub_projects(&self) -> impl Iterator<Item = &SubProjectPath> {
        self.versions.keys()
    }

    /// Every version of one sub-project, lowest first.
    pub fn of(&self, project: &SubProjectPath) -> impl DoubleEndedIterator<Item = &Release> {
        self.versions.get(project).into_iter().flat_map(BTreeMap::values)
    }

    /// One version.
    #[must_use]
    pub fn get(&self, version: &Version) -> Option<&Release> {
        self.versions.get(version.sub_project_path())?.get(version)
    }

    /// The released version that may have been meant by one that is not released: the nearest of its
    /// sub-project, or of the sub-project with a near name; else the highest there.
    #[must_use]
    pub fn near(&self, wanted: &Version) -> Option<&Version> {
        let project = wanted.sub_project_path();
        let meant = match self.versions.get(project) {
            Some(versions) => versions,
            None => {
                let names = self.sub_projects().map(SubProjectPath::as_str);
                let near = did_you_mean(project.as_str(), names)?;
                self.versions.iter().find(|(name, _)| name.as_str() == near)?.1
            }
        };
        let names: Vec<String> = meant.keys().map(ToString::to_string).collect();
        let near = did_you_mean(&wanted.to_string(), names.iter().map(String::as_str));
        let near = near.and_then(|near| meant.keys().find(|version| version.to_string() == near));
        near.or_else(|| meant.keys().next_back())
    }

    /// The versions of one sub-project whose tags point at `commit`, lowest first.
    pub fn at(
        &self,
        project: &SubProjectPath,
        commit: CommitSha,
    ) -> impl DoubleEndedIterator<Item = &Release> {
        self.of(project).filter(move |release| release.commit == commit)
    }

    /// Where the environment's tag of one sub-project points.
    #[must_use]
    pub fn pointer(
        &self,
        project: &SubProjectPath,
        environment: &EnvironmentName,
    ) -> Option<CommitSha> {
        self.pointers.get(project)?.get(environment).copied()
    }

    /// The environment tags of one sub-project: environment, commit; sorted.
    pub fn pointers_of(
        &self,
        project: &SubProjectPath,
    ) -> impl Iterator<Item = (&EnvironmentName, CommitSha)> {
        self.pointers.get(project).into_iter().flatten().map(|(name, commit)| (name, *commit))
    }

    /// Every environment tag: sub-project, environment, commit; sorted.
    pub fn pointers(&self) -> impl Iterator<Item = (&SubProjectPath, &EnvironmentName, CommitSha)> {
        self.pointers.iter().flat_map(|(project, names)| {
            names.iter().map(move |(name, commit)| (project, name, *commit))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commit(digit: u8) -> CommitSha {
        CommitSha::from_bytes([digit; 20])
    }

    fn sample() -> Releases {
        let tags = [
            ("api/production", commit(2)),
            ("api/v1.10.0", commit(3)),
            ("api/v1.2.0", commit(2)),
            ("api/v1.2.0-deprecated", commit(2)),
            ("api/v1.2.0-stable", commit(2)),
            ("api/v9.9.9-stable", commit(2)),
            ("nightly", commit(9)),
            ("v1.0.0", commit(1)),
        ];
        Releases::read(&TagGrammar::default(), tags)
    }

    #[test]
    fn versions_are_in_order_of_precedence() {
        let api = "api".parse().unwrap();
        let releases = sample();
        let found: Vec<_> = releases.of(&api).map(|r| r.version.to_string()).collect();
        assert_eq!(found, ["api/v1.2.0", "api/v1.10.0"]);
        assert_eq!(
            releases.sub_projects().map(ToString::to_string).collect::<Vec<_>>(),
            ["", "api"]
        );
    }

    #[test]
    fn states_belong_to_their_version() {
        let releases = sample();
        let states =
            |version: &str| releases.get(&version.parse().unwrap()).map(|r| r.states.len());
        assert_eq!(states("api/v1.2.0"), Some(2));
        assert_eq!(states("api/v1.10.0"), Some(0));
        assert_eq!(states("api/v9.9.9"), None);
    }

    #[test]
    fn tags_of_other_forms_are_counted_and_shown() {
        assert_eq!(sample().passed_over().examples().collect::<Vec<_>>(), ["nightly"]);
        let names =
            ["1.2.3", "1.3.10", "@scope/pkg@1.2.3", "@scope/pkg@2.0.0", "v1", "v2", "v1.0.0"];
        let tags = names.map(|name| (name, commit(1)));
        let releases = Releases::read(&TagGrammar::default(), tags);
        let found = releases.passed_over();
        assert_eq!(found.count, 6);
        assert_eq!(found.examples().collect::<Vec<_>>(), ["1.2.3", "@scope/pkg@1.2.3", "v1"]);
        let many: Vec<String> =
            (b'a'..=b'z').map(|letter| format!("{}-{letter}", char::from(letter))).collect();
        let tags = many.iter().map(|name| (name.as_str(), commit(1)));
        let releases = Releases::read(&TagGrammar::default(), tags);
        assert_eq!(releases.passed_over().count, 26);
        assert_eq!(releases.passed_over().examples().count(), 5);
    }

    #[test]
    fn a_version_that_is_not_there_has_a_near_one() {
        let names = ["api/v1.2.3", "api/v2.0.0", "web/v1.0.0"];
        let tags = names.map(|name| (name, commit(b'a')));
        let releases = Releases::read(&TagGrammar::default(), tags);
        let near = |wanted: &str| releases.near(&wanted.parse().unwrap()).map(ToString::to_string);
        assert_eq!(near("api/v1.2.4").as_deref(), Some("api/v1.2.3"));
        assert_eq!(near("aip/v1.2.3").as_deref(), Some("api/v1.2.3"));
        assert_eq!(near("api/v10.20.30-rc.1").as_deref(), Some("api/v2.0.0"));
        assert_eq!(near("worker/v1.0.0"), None);
        assert_eq!(Releases::default().near(&"v1.0.0".parse().unwrap()), None);
    }

    #[test]
    fn pointers_lead_to_versions() {
        let (releases, api) = (sample(), "api".parse().unwrap());
        let production = "production".parse().unwrap();
        let commit = releases.pointer(&api, &production).unwrap();
        let running: Vec<_> = releases.at(&api, commit).map(|r| r.version.to_string()).collect();
        assert_eq!(running, ["api/v1.2.0"]);
        assert_eq!(releases.pointer(&SubProjectPath::root(), &production), None);
        assert_eq!(releases.pointers().count(), 1);
    }
}
