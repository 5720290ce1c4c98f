//! A tag as it stands in a repository: its name, its commit and its times.

use serde::{Deserialize, Serialize};

use super::{Tag, TagGrammar, TagType};
use crate::base::revision::CommitSha;
use crate::base::rule::RuleId;
use crate::base::timestamp::Timestamp;
use crate::base::violation::{Findings, Violation, Violations, quoted};
use crate::version::{Version, VersionParts};

/// A tag on a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionTag {
    tag: Tag,
    commit_sha: CommitSha,
    created_at: Timestamp,
    updated_at: Option<Timestamp>,
}

impl VersionTag {
    /// A tag on a commit, created at this time.
    #[must_use]
    pub const fn new(tag: Tag, commit_sha: CommitSha, created_at: Timestamp) -> Self {
        Self { tag, commit_sha, created_at, updated_at: None }
    }

    /// The same tag, moved at this time.
    ///
    /// # Errors
    /// TAG008 for a tag that cannot be moved.
    pub fn moved_at(mut self, time: Timestamp) -> Result<Self, Violations> {
        if !self.tag.is_movable() {
            return Err(moved_immutable(&self.tag, time).into());
        }
        self.updated_at = Some(time);
        Ok(self)
    }

    /// Name and meaning.
    #[must_use]
    pub const fn tag(&self) -> &Tag {
        &self.tag
    }

    /// The commit it stands on.
    #[must_use]
    pub const fn commit_sha(&self) -> CommitSha {
        self.commit_sha
    }

    /// When it was created.
    #[must_use]
    pub const fn created_at(&self) -> Timestamp {
        self.created_at
    }

    /// When it was last moved.
    #[must_use]
    pub const fn updated_at(&self) -> Option<Timestamp> {
        self.updated_at
    }
}

fn moved_immutable(tag: &Tag, time: Timestamp) -> Violation {
    Violation::new(
        RuleId::TAG008,
        format!("`{time}` for the {} tag `{tag}`", tag.tag_type()),
        "no time of a move, because only environment tags move",
        "Leave `updated_at` out.",
    )
    .under("updated_at")
}

/// The attributes of a tag in document 001. They are read with [`VersionTagParts::check`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VersionTagParts {
    /// The whole name.
    pub tag_name: String,
    /// `version`, `environment` or `state`.
    pub tag_type: String,
    /// The sub-project; empty at the root.
    #[serde(default)]
    pub sub_project_path: String,
    /// The version, of a version or state tag.
    #[serde(default)]
    pub version: Option<VersionParts>,
    /// The environment, of an environment tag.
    #[serde(default)]
    pub environment: Option<String>,
    /// The state, of a state tag.
    #[serde(default)]
    pub state: Option<String>,
    /// The commit.
    pub commit_sha: String,
    /// Whether the tag can be moved.
    pub is_movable: bool,
    /// When it was created.
    pub created_at: String,
    /// When it was last moved.
    #[serde(default)]
    pub updated_at: Option<String>,
}

impl From<&VersionTag> for VersionTagParts {
    fn from(version_tag: &VersionTag) -> Self {
        let tag = version_tag.tag();
        Self {
            tag_name: tag.to_string(),
            tag_type: tag.tag_type().to_string(),
            sub_project_path: tag.sub_project_path().to_string(),
            version: tag.version().map(VersionParts::from),
            environment: tag.environment().map(ToString::to_string),
            state: tag.state().map(|state| state.to_string()),
            commit_sha: version_tag.commit_sha().to_string(),
            is_movable: tag.is_movable(),
            created_at: version_tag.created_at().to_string(),
            updated_at: version_tag.updated_at().map(|time| time.to_string()),
        }
    }
}

impl VersionTagParts {
    /// Reads the parts, which have to agree with each other and with the name.
    ///
    /// # Errors
    /// TAG004 to TAG006 for parts that do not go with the type, TAG008 for the time of a move of
    /// an immutable tag, and whatever is wrong with the parts themselves.
    pub fn check(&self, grammar: &TagGrammar) -> Result<VersionTag, Violations> {
        let mut findings = Findings::new();
        let tag = findings.take("tag_name", grammar.parse(&self.tag_name));
        let tag_type = findings.take("tag_type", self.tag_type.parse());
        let commit_sha = findings.take("commit_sha", self.commit_sha.parse());
        let created_at = findings.take("created_at", self.created_at.parse());
        let updated_at = self.updated_at.as_ref().map(|time| time.parse());
        let updated_at = findings.take_option("updated_at", updated_at);
        if let (Some(tag), Some(tag_type)) = (&tag, tag_type) {
            findings.extend(self.disagreements(tag, tag_type));
        }
        let (Some(tag), Some(commit_sha), Some(created_at)) = (tag, commit_sha, created_at) else {
            return Err(findings.fail());
        };
        if let (Some(time), false) = (updated_at, tag.is_movable()) {
            findings.push(moved_immutable(&tag, time));
        }
        findings.finish(VersionTag { tag, commit_sha, created_at, updated_at })
    }

    fn disagreements(&self, tag: &Tag, tag_type: TagType) -> Vec<Violation> {
        let rule = match tag_type {
            TagType::Version => RuleId::TAG004,
            TagType::Environment => RuleId::TAG005,
            TagType::State => RuleId::TAG006,
        };
        let mut findings = Findings::new();
        if tag_type != tag.tag_type() {
            findings.push(differs(rule, "tag_type", &self.tag_type, tag.tag_type().as_str()));
            return findings.into_vec();
        }
        let mut compare = |field, found: &str, right: &str| {
            findings.require(found == right, || differs(rule, field, found, right));
        };
        compare("is_movable", word(self.is_movable), word(tag.is_movable()));
        compare("sub_project_path", &self.sub_project_path, tag.sub_project_path().as_str());
        let environment = tag.environment().map_or("", |name| name.as_str());
        compare("environment", self.environment.as_deref().unwrap_or_default(), environment);
        let state = tag.state().map_or("", super::State::as_str);
        compare("state", self.state.as_deref().unwrap_or_default(), state);
        findings.extend(self.version_fault(tag.version(), rule));
        findings.into_vec()
    }

    fn version_fault(&self, right: Option<&Version>, rule: RuleId) -> Vec<Violation> {
        let found = match self.version.clone().map(Version::try_from).transpose() {
            Ok(found) => found,
            Err(faults) => return faults.under("version").into_iter().collect(),
        };
        if found.as_ref() == right {
            return Vec::new();
        }
        let text = |version: Option<&Version>| version.map(ToString::to_string).unwrap_or_default();
        vec![differs(rule, "version", &text(found.as_ref()), &text(right))]
    }
}

const fn word(truth: bool) -> &'static str {
    if truth { "true" } else { "false" }
}

fn differs(rule: RuleId, field: &'static str, found: &str, right: &str) -> Violation {
    let show = |text: &str| if text.is_empty() { "nothing".to_owned() } else { quoted(text) };
    let (found, right) = (show(found), show(right));
    let next = format!("Set `{field}` to {right}, or correct the name or the type of the tag.");
    let expected = format!("{right}, as the name of the tag says");
    Violation::new(rule, found, expected, next).under(field)
}
