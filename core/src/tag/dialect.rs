//! A tag in the JSON of the documented systems: its name, and all that follows from it written out beside it.

use serde_json::{Value, json};

use super::{Tag, TagGrammar, TagParts};
use crate::base::dialect::{Dialect, Documented, Told};
use crate::base::fields::{Fields, flag, parsed, text};
use crate::base::revision::CommitSha;
use crate::base::timestamp::Timestamp;
use crate::base::violation::Violations;
use crate::version::{Version, dialect::of_parts};

/// A tag, where it points, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaggedCommit {
    /// The tag.
    pub tag: Tag,
    /// The commit that it points at.
    pub commit_sha: CommitSha,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it moved last.
    pub updated_at: Option<Timestamp>,
}

impl Documented for TaggedCommit {
    const DIALECTS: &'static [Dialect] = &[Dialect::D001];

    fn read(json: &Value, _: Dialect) -> Result<Self, Violations> {
        let mut fields = Fields::of(json)?;
        let tag = fields.must("tag_name", |it| TagGrammar::default().parse(&text(it)?));
        let tag_type = fields.must("tag_type", text);
        let sub_project_path = fields.must("sub_project_path", text);
        let version = fields.may("version", of_parts);
        let environment = fields.may("environment", text);
        let state = fields.may("state", text);
        let commit_sha = fields.must("commit_sha", parsed);
        let is_movable = fields.must("is_movable", flag);
        let created_at = fields.must("created_at", parsed);
        let updated_at = fields.may("updated_at", parsed);
        if let (Some(tag), Some(tag_type), Some(sub_project_path), Some(is_movable)) =
            (&tag, tag_type, sub_project_path, is_movable)
        {
            let semver = version.as_ref().map(Version::semver);
            let parts = TagParts {
                tag_type,
                sub_project_path,
                semver,
                environment,
                state,
                is_movable,
                updated_at,
            };
            fields.faults(parts.faults(tag));
        }
        let made = match (tag, commit_sha, created_at) {
            (Some(tag), Some(commit_sha), Some(created_at)) => {
                Some(Self { tag, commit_sha, created_at, updated_at })
            }
            _ => None,
        };
        fields.finish(made)
    }

    fn tell(&self, to: Dialect) -> Result<Told, Violations> {
        let parts = TagParts::from(&self.tag);
        let version = self.tag.version().map(|version| version.tell(to)).transpose()?;
        Ok(Told::whole(json!({
            "tag_name": self.tag.name().as_str(),
            "tag_type": parts.tag_type,
            "sub_project_path": parts.sub_project_path,
            "version": version.map(|told| told.json),
            "environment": parts.environment,
            "state": parts.state,
            "commit_sha": self.commit_sha,
            "is_movable": parts.is_movable,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        })))
    }
}
