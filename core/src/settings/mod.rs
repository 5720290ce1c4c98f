//! What all configurations of a repository have to agree on: how the names of tags are read.
//!
//! The first one that writes registers its settings; another that differs is told so before it does
//! anything (OWN043). An override changes them for all.

mod change;
mod record;
pub mod rules;
mod survey;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::base::name::EnvironmentName;
use crate::tag::TagGrammar;

pub use change::{SettingsPlan, plan};
pub use survey::{SettingsSurvey, survey};

/// What all configurations of a repository have to agree on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedSettings {
    environment_tag_names: BTreeSet<EnvironmentName>,
    allow_prerelease_tags: bool,
}

impl From<&TagGrammar> for SharedSettings {
    fn from(grammar: &TagGrammar) -> Self {
        Self {
            environment_tag_names: grammar.environment_names.iter().cloned().collect(),
            allow_prerelease_tags: grammar.allow_prerelease,
        }
    }
}
