//! Workflows of Argo that do what a configuration file says.
//!
//! - [`Settings`]: where a workflow runs, and with what
//! - [`Workflow`]: the `WorkflowTemplate`, and the `EventSource` and `Sensor` that start it on a push
//!
//! The same configuration and settings give the same text, letter by letter. Nothing that a person wrote, and
//! nothing that comes with an event, is pasted into a script: scripts are fixed texts, which take everything by
//! environment variables and arguments. Argo replaces `{{…}}` wherever it stands, so no value may hold it.

mod events;
mod scripts;
mod settings;
mod template;
#[cfg(test)]
mod tests;
mod yaml;

use crate::base::rule::RuleId;
use crate::base::violation::{Findings, Violation, Violations, quoted};
use crate::configuration::Configuration;

pub use settings::{Hook, Settings, SettingsParts};

/// Manifests for Argo Workflows and Argo Events, as YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Workflow {
    /// The `WorkflowTemplate`.
    pub template: String,
    /// The `EventSource` that takes GitHub's pushes; `None` without a webhook.
    pub event_source: Option<String>,
    /// The `Sensor` that starts the template on a push to the branch; `None` without a webhook.
    pub sensor: Option<String>,
}

impl Workflow {
    /// The workflow of this configuration.
    ///
    /// # Errors
    /// [`CFG011`](RuleId::CFG011) for each value that Argo would take for one of its own.
    pub fn new(configuration: &Configuration, settings: &Settings) -> Result<Self, Violations> {
        let mut findings = Findings::new();
        for text in texts(configuration) {
            findings.require(!text.contains("{{"), || {
                let next = "Write the command into a script of the repository, and call that.";
                Violation::new(
                    RuleId::CFG011,
                    quoted(text),
                    "a text without `{{`, which Argo replaces",
                    next,
                )
            });
        }
        findings.finish(())?;
        let hook = settings.hook();
        Ok(Self {
            template: template::of(configuration, settings).written(),
            event_source: hook.map(|hook| events::source(settings, hook).written()),
            sensor: hook.map(|hook| events::sensor(settings, hook).written()),
        })
    }
}

/// Every text of a configuration that its workflow carries.
fn texts(configuration: &Configuration) -> impl Iterator<Item = &str> {
    let environments = configuration.environments.iter().flat_map(|environment| {
        let stacks = environment.stacks.iter().flat_map(|stack| [stack.name(), stack.path()]);
        stacks.chain(environment.tests.iter().map(String::as_str))
    });
    configuration.build.iter().map(String::as_str).chain(environments)
}
