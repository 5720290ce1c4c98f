//! The HCL of `pipeline_version_tag`, and the values in it that follow from the name.

use pipeline_core::{CommitSha, Tag, TagName, TagParts, Timestamp, Violation};
use tfplugin::{Computed, Model, Text};

use crate::parts::TaggedVersion;

/// A git tag that means something: a version (`api/v1.2.3`), a state of a version
/// (`api/v1.2.3-stable`) or an environment's pointer (`api/production`).
///
/// Version and state tags never move; environment tags move by compare-and-swap. On a remote, tags of
/// resources that are applied at the same time share pushes, of three tags each where the remote is another
/// machine: GitHub starts no workflow for tags of which more than three come in one push.
///
/// Destroying a version or state tag forgets it: it stays in git. So does the old one where another
/// `tag_name` makes a new tag. The guide "Adopting existing tags and services" shows how tags that are there
/// are imported, all at once.
#[derive(Debug, Clone, Model)]
pub struct VersionTag {
    /// Name of the tag: `[<path>/]vMAJOR.MINOR.PATCH`, the same with `-stable`, `-unstable` or
    /// `-deprecated`, or `[<path>/]<environment>`.
    #[tf(identity, requires_replace)]
    pub tag_name: Text<TagName>,
    /// What to tag: a commit, branch, tag or any other revision. For a version or state tag it is
    /// resolved once, when the tag is made; for an environment tag at every plan. A new tag needs it. Where
    /// it is left out, a tag that was imported or made before stays where it is.
    #[tf(optional)]
    pub r#ref: Computed<String>,
    /// Message of the tag, without a signature. Where it is left out, a new tag's is its name, and a tag
    /// that was imported or made before keeps its own. Null for a lightweight tag, which has none.
    #[tf(optional)]
    pub message: Computed<Option<String>>,
    /// Commit that the tag points at.
    #[tf(use_state_for_unknown)]
    pub commit_sha: Computed<Text<CommitSha>>,
    /// Kind of tag: `version`, `environment` or `state`.
    #[tf(use_state_for_unknown)]
    pub tag_type: Computed<String>,
    /// Path of the sub-project in the repository; empty for the root project.
    #[tf(use_state_for_unknown)]
    pub sub_project_path: Computed<String>,
    /// Version, for version and state tags. The function `parse_version` takes the tag's name apart
    /// in full.
    #[tf(use_state_for_unknown)]
    pub version: Computed<Option<TaggedVersion>>,
    /// Environment, for environment tags.
    #[tf(use_state_for_unknown)]
    pub environment: Computed<Option<String>>,
    /// State, for state tags: `stable`, `unstable` or `deprecated`.
    #[tf(use_state_for_unknown)]
    pub state: Computed<Option<String>>,
    /// Whether the tag may move: true for environment tags alone.
    #[tf(use_state_for_unknown)]
    pub is_movable: Computed<bool>,
    /// When the tag was made, in UTC. A lightweight tag does not say; it is as old as its commit.
    #[tf(use_state_for_unknown)]
    pub created_at: Computed<Option<Text<Timestamp>>>,
    /// When the tag last moved, in UTC; null for a tag that never did.
    #[tf(use_state_for_unknown)]
    pub updated_at: Computed<Option<Text<Timestamp>>>,
}

impl VersionTag {
    /// With the values that follow from the name.
    pub(super) fn described(self, tag: &Tag) -> Self {
        Self {
            tag_type: tag.tag_type().to_string().into(),
            sub_project_path: tag.sub_project_path().to_string().into(),
            version: tag.version().map(TaggedVersion::from).into(),
            environment: tag.environment().map(ToString::to_string).into(),
            state: tag.state().map(|state| state.to_string()).into(),
            is_movable: tag.is_movable().into(),
            ..self
        }
    }

    /// A tag of which only the name is known, with the values that follow from it.
    pub(crate) fn of(tag: &Tag) -> Self {
        Self::blank(tag.name().clone()).described(tag)
    }

    /// Where it stands.
    pub(super) fn commit(&self) -> Option<CommitSha> {
        self.commit_sha.get().map(|sha| sha.0)
    }

    /// What it says; `None` for a lightweight tag, and for one that is left to say its name.
    pub(super) fn says(&self) -> Option<&str> {
        self.message.get()?.as_deref()
    }

    /// Whether it wants another message than there is. Without one it takes what the tag says.
    pub(super) fn rewrites(&self, prior: &Self) -> bool {
        self.says().is_some_and(|wanted| !prior.reads(wanted))
    }

    /// Whether this is its message, as git keeps it: without the line breaks at the end.
    pub(super) fn reads(&self, message: &str) -> bool {
        let kept = |text: &str| text.trim_end_matches('\n').to_owned();
        kept(self.says().unwrap_or_default()) == kept(message)
    }
}

impl VersionTag {
    /// What the state says against the name of the tag (TAG004 to TAG006, TAG008). It decides whether a tag
    /// may move, and somebody may have edited it by hand.
    pub(super) fn faults(&self, tag: &Tag) -> Vec<Violation> {
        let right = TagParts::from(tag);
        let version = self.version.get().map(|it| it.as_ref().map(|it| it.semver.clone()));
        let said = TagParts {
            tag_type: self.tag_type.get().cloned().unwrap_or(right.tag_type),
            sub_project_path: self
                .sub_project_path
                .get()
                .cloned()
                .unwrap_or(right.sub_project_path),
            semver: version.unwrap_or(right.semver),
            environment: self.environment.get().cloned().unwrap_or(right.environment),
            state: self.state.get().cloned().unwrap_or(right.state),
            is_movable: self.is_movable.get().copied().unwrap_or(right.is_movable),
            updated_at: self.updated_at.get().and_then(|it| it.as_ref().map(|time| time.0)),
        };
        said.faults(tag)
    }
}
