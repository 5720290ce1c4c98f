//! `pipeline_version_tag` as a list resource: the tags that mean something.

use pipeline_core::base::path::SubProjectPath;
use pipeline_core::tag::{State, TagKind, TagType};
use pipeline_core::version::VersionConstraint;
use pipeline_core::{EnvironmentName, Tag};
use tfplugin::{Diagnostic, Halt, List, ListContext, Model, Text};

use crate::resources::{VersionTag, version_tag};

/// Tags that mean something: versions, states of versions and environments' pointers. Tags of other forms are
/// passed over.
///
/// Tags come one by one, by name, however many there are. Every argument narrows the list; each of them is
/// optional.
#[derive(Debug, Clone, Model)]
pub struct VersionTags {
    /// Path of the sub-project in the repository; empty for the root project. All sub-projects where absent.
    pub sub_project_path: Option<Text<SubProjectPath>>,
    /// Kind of tag: `version`, `environment` or `state`. All kinds where absent.
    pub tag_type: Option<Text<TagType>>,
    /// Constraint such as `~> 1.4` or `>= 1.2, < 2.0` on the version of a version or state tag. A pre-release
    /// satisfies only a constraint that names one.
    pub constraint: Option<Text<VersionConstraint>>,
    /// State that a state tag gives: `stable`, `unstable` or `deprecated`.
    pub state: Option<Text<State>>,
    /// Environment that an environment tag points for.
    pub environment: Option<Text<EnvironmentName>>,
}

impl List for VersionTags {
    type Resource = VersionTag;

    async fn list(self, cx: &ListContext<Self>) -> Result<(), Halt> {
        let session = cx.provider.open().await?;
        let snapshot = session.snapshot().await?;
        for (name, target) in snapshot.tags() {
            let Ok(tag) = session.settings.grammar.parse(name) else { continue };
            if !self.admits(&tag) || snapshot.strange(target.target()).is_some() {
                continue;
            }
            let shown = format!("{name} at {}", target.target().to_commit().short());
            if !cx.wants_objects {
                cx.give(shown, VersionTag::of(&tag)).await?;
                continue;
            }
            // One that cannot be read hides no other.
            match version_tag::found(&session, &tag).await {
                Ok(Some(found)) => cx.give(shown, found).await?,
                Ok(None) => {}
                Err(problems) => problems.into_iter().for_each(|it: Diagnostic| cx.warn(it)),
            }
        }
        Ok(())
    }
}

impl VersionTags {
    fn admits(&self, tag: &Tag) -> bool {
        let of_version =
            |it: &Text<VersionConstraint>| tag.version().is_some_and(|version| it.matches(version));
        let of_state =
            |it: &Text<State>| matches!(tag.kind(), TagKind::State { state, .. } if *state == **it);
        let of_environment = |it: &Text<EnvironmentName>| matches!(tag.kind(), TagKind::Environment { name, .. } if *name == **it);
        let of_project = |it: &Text<SubProjectPath>| *tag.sub_project_path() == **it;
        self.sub_project_path.as_ref().is_none_or(of_project)
            && self.tag_type.as_ref().is_none_or(|it| tag.tag_type() == **it)
            && self.constraint.as_ref().is_none_or(of_version)
            && self.state.as_ref().is_none_or(of_state)
            && self.environment.as_ref().is_none_or(of_environment)
    }
}
