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
use crate::base::violation::{FieldPath, Findings, Violation, Violations, quoted};
use crate::configuration::Configuration;

pub use settings::{Hook, KubernetesName, PinnedImage, Settings};

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

/// The longest name of a step that Argo takes.
const LONGEST_STEP: usize = 128;

impl Workflow {
    /// The workflow of this configuration.
    ///
    /// # Errors
    /// [`CFG011`](RuleId::CFG011) for each value that Argo would take for one of its own, or not at all, with its
    /// path in the configuration.
    pub fn new(configuration: &Configuration, settings: &Settings) -> Result<Self, Violations> {
        let mut findings = Findings::new();
        for (path, text) in texts(configuration) {
            findings.require(!text.contains("{{"), || {
                let next = "Write the command into a script of the repository, and call that.";
                let expected = "a text without `{{`, which Argo replaces";
                Violation::new(RuleId::CFG011, quoted(text), expected, next).under(path)
            });
        }
        for (index, environment) in configuration.environments.iter().enumerate() {
            let length = "deploy-".len() + environment.name.as_str().len();
            findings.require(length <= LONGEST_STEP, || {
                let most = LONGEST_STEP - "deploy-".len();
                let found = format!("a name of {} characters", environment.name.as_str().len());
                let expected =
                    format!("at most {most}, since the name of a step of Argo has it in it");
                let path = FieldPath::from("environments").index(index).field("name");
                Violation::new(RuleId::CFG011, found, expected, "Shorten it.").under(path)
            });
        }
        findings.finish(())?;
        let hook = settings.hook.as_ref();
        Ok(Self {
            template: template::of(configuration, settings).written(),
            event_source: hook.map(|hook| events::source(settings, hook).written()),
            sensor: hook.map(|hook| events::sensor(settings, hook).written()),
        })
    }
}

/// Every text of a configuration that its workflow carries, and where it stands.
fn texts(configuration: &Configuration) -> impl Iterator<Item = (FieldPath, &str)> {
    let environments = configuration.environments.iter().enumerate();
    let below = environments.flat_map(|(index, environment)| {
        let path = FieldPath::from("environments").index(index);
        let tests = commands(path.clone().field("tests"), &environment.tests);
        let stacks = environment.stacks.iter().enumerate().flat_map(move |(index, stack)| {
            let path = path.clone().field("stacks").index(index);
            [(path.clone().field("name"), stack.name()), (path.field("path"), stack.path())]
        });
        stacks.chain(tests)
    });
    commands(FieldPath::from("build"), &configuration.build).chain(below)
}

fn commands(path: FieldPath, commands: &[String]) -> impl Iterator<Item = (FieldPath, &str)> {
    let path = path.field("commands");
    commands.iter().enumerate().map(move |(index, text)| (path.clone().index(index), text.as_str()))
}
