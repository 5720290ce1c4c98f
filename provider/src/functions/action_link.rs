//! `action_link`.

use std::collections::BTreeMap;

use pipeline_core::action_link::{ActionLink as Link, GithubRepository, Workflow};
use tfplugin::{Function, FunctionFault, Model};

use super::fault;

/// Makes a link that starts a workflow on GitHub, and the command that does the same.
///
/// GitHub fills in no inputs from an address, so the command is what carries them: show both. The workflows
/// are `release`, `post-release`, `maintenance`, `tag-assignment`, `deployment`, `rollback`, `self-healing`
/// and `pre-release`; an input that the workflow does not take is refused.
#[derive(Debug, Clone, Model)]
pub struct ActionLink {
    /// The repository, as `owner/name`; on a GitHub Enterprise Server as `host/owner/name`.
    pub repository: String,
    /// The workflow, such as `rollback`.
    pub workflow: String,
    /// What the workflow is started with, by name.
    pub inputs: BTreeMap<String, String>,
    /// What the link says: 5 to 50 characters.
    pub label: String,
}

/// A link to a workflow.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct LinkParts {
    /// What the link says.
    pub label: String,
    /// The page of the workflow.
    pub url: String,
    /// What it is for: `deployment`, `release`, `maintenance`, `rollback` or `state`.
    pub category: String,
    /// The command that starts the workflow with these inputs.
    pub command: String,
}

impl Function for ActionLink {
    const NAME: &'static str = "action_link";
    type Output = LinkParts;

    fn call(self) -> Result<LinkParts, FunctionFault> {
        let repository = self.repository.parse::<GithubRepository>();
        let repository = repository.map_err(|error| fault(&error, Self::REPOSITORY))?;
        let workflow = self.workflow.parse::<Workflow>();
        let workflow = workflow.map_err(|error| fault(&error, Self::WORKFLOW))?;
        let link = Link::start(repository, workflow, self.inputs, &self.label);
        // The words name label or input.
        let link = link.map_err(|error| fault(&error, Self::INPUTS))?;
        Ok(LinkParts {
            label: link.label().to_owned(),
            url: link.url().to_string(),
            category: link.category().to_string(),
            command: link.command(),
        })
    }
}
