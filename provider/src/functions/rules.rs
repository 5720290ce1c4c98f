//! `rules`.

use pipeline_core::CATALOGUE;
use tfplugin::{Function, FunctionFault, Model};

/// Lists every rule that is enforced.
///
/// What a message names by its ID is here by its words. The list is the same on every machine, and grows with
/// releases of the provider.
#[derive(Debug, Clone, Model)]
pub struct Rules {}

/// A rule.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct RuleItem {
    /// ID, such as `DEP012`; it never changes its meaning.
    pub id: String,
    /// What it is about, such as `Deployment`.
    pub entity: String,
    /// Whether breaking it is an `error` or a `warning`.
    pub severity: String,
    /// What is wrong where it is broken, in a few words.
    pub title: String,
    /// What has to hold.
    pub statement: String,
}

impl Function for Rules {
    const NAME: &'static str = "rules";
    type Output = Vec<RuleItem>;

    fn call(self) -> Result<Vec<RuleItem>, FunctionFault> {
        let item = |rule: &pipeline_core::Rule| RuleItem {
            id: rule.id.to_string(),
            entity: rule.entity.to_owned(),
            severity: rule.severity.to_string(),
            title: rule.title.to_owned(),
            statement: rule.statement.to_owned(),
        };
        Ok(CATALOGUE.iter().map(item).collect())
    }
}
