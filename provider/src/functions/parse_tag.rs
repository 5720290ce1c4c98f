//! `parse_tag`.

use pipeline_core::tag::TagGrammar;
use tfplugin::{Function, FunctionFault, Model};

use super::fault;
use crate::parts::VersionParts;

/// Says what a tag name means.
///
/// Version tags look like `api/v1.2.3`, state tags like `api/v1.2.3-stable`, environment tags like
/// `api/production`. The environment names are the five default ones (`production`, `staging`, `canary`,
/// `sandbox`, `performance`); pre-release version tags are understood.
#[derive(Debug, Clone, Model)]
pub struct ParseTag {
    /// The tag name, such as `api/v1.2.3-stable`.
    pub tag_name: String,
}

/// A tag name, taken apart.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct TagParts {
    /// The tag name itself.
    pub tag_name: String,
    /// `version`, `environment` or `state`.
    pub tag_type: String,
    /// The sub-project's path in the repository; empty for the root project.
    pub sub_project_path: String,
    /// The version, for version and state tags.
    pub version: Option<VersionParts>,
    /// The environment, for environment tags.
    pub environment: Option<String>,
    /// The state, for state tags.
    pub state: Option<String>,
    /// Whether the tag may move: true for environment tags alone.
    pub is_movable: bool,
}

impl Function for ParseTag {
    const NAME: &'static str = "parse_tag";
    type Output = TagParts;

    fn call(self) -> Result<TagParts, FunctionFault> {
        let grammar = TagGrammar { allow_prerelease: true, ..TagGrammar::default() };
        let tag = grammar.parse(&self.tag_name).map_err(|error| fault(&error, Self::TAG_NAME))?;
        Ok(TagParts {
            tag_name: self.tag_name,
            tag_type: tag.tag_type().to_string(),
            sub_project_path: tag.sub_project_path().to_string(),
            version: tag.version().map(VersionParts::from),
            environment: tag.environment().map(ToString::to_string),
            state: tag.state().map(|state| state.to_string()),
            is_movable: tag.is_movable(),
        })
    }
}
