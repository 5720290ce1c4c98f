//! What a document or a state says of a tag beside its name. All of it follows from the name: a [`Tag`]
//! cannot disagree with itself, what somebody wrote down can.

use super::{State, Tag, TagType};
use crate::base::rule::RuleId;
use crate::base::timestamp::Timestamp;
use crate::base::violation::{Findings, Violation, quoted};

/// The attributes of a tag in document 001, beside its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagParts {
    /// `version`, `environment` or `state`.
    pub tag_type: String,
    /// The sub-project; empty at the root.
    pub sub_project_path: String,
    /// The version without the sub-project, of a version or state tag.
    pub semver: Option<String>,
    /// The environment, of an environment tag.
    pub environment: Option<String>,
    /// The state, of a state tag.
    pub state: Option<String>,
    /// Whether the tag may move.
    pub is_movable: bool,
    /// When it last moved.
    pub updated_at: Option<Timestamp>,
}

impl From<&Tag> for TagParts {
    fn from(tag: &Tag) -> Self {
        Self {
            tag_type: tag.tag_type().to_string(),
            sub_project_path: tag.sub_project_path().to_string(),
            semver: tag.version().map(super::Version::semver),
            environment: tag.environment().map(ToString::to_string),
            state: tag.state().map(State::as_str).map(str::to_owned),
            is_movable: tag.is_movable(),
            updated_at: None,
        }
    }
}

impl TagParts {
    /// What does not go with the name: TAG004, TAG005 or TAG006 by the type of the tag, TAG008 for the time
    /// of a move that never was.
    #[must_use]
    pub fn faults(&self, tag: &Tag) -> Vec<Violation> {
        let rule = match tag.tag_type() {
            TagType::Version => RuleId::TAG004,
            TagType::Environment => RuleId::TAG005,
            TagType::State => RuleId::TAG006,
        };
        let right = Self::from(tag);
        let word = |truth: bool| Some(truth.to_string());
        let pairs = [
            ("tag_type", Some(self.tag_type.clone()), Some(right.tag_type)),
            ("sub_project_path", Some(self.sub_project_path.clone()), Some(right.sub_project_path)),
            ("version", self.semver.clone(), right.semver),
            ("environment", self.environment.clone(), right.environment),
            ("state", self.state.clone(), right.state),
            ("is_movable", word(self.is_movable), word(right.is_movable)),
        ];
        let mut findings = Findings::new();
        for (field, found, right) in pairs {
            findings.require(found == right, || differs(rule, tag, field, found, right));
        }
        let moved = self.updated_at.filter(|_| !tag.is_movable());
        findings.extend(moved.map(|time| moved_immutable(tag, time)));
        findings.into_vec()
    }
}

/// What to do about it: nobody writes these values by hand.
const NEXT: &str = "Forget the tag and import it again: all but its name is read from there.";

fn differs(
    rule: RuleId,
    tag: &Tag,
    field: &'static str,
    found: Option<String>,
    right: Option<String>,
) -> Violation {
    let show = |text: Option<String>| text.map_or_else(|| "nothing".to_owned(), |it| quoted(&it));
    let expected = format!("{}, by the name of the tag `{tag}`", show(right));
    Violation::new(rule, show(found), expected, NEXT).under(field)
}

fn moved_immutable(tag: &Tag, time: Timestamp) -> Violation {
    let found = format!("`{time}`");
    let expected = format!("no time of a move, because `{tag}` is a {} tag", tag.tag_type());
    Violation::new(RuleId::TAG008, found, expected, NEXT).under("updated_at")
}
