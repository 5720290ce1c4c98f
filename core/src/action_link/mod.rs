//! A link that a person follows to start a workflow on GitHub, with the command that does the same.
//!
//! - [`ActionLink`]: label, address, category and command, none of which can contradict another
//! - [`Workflow`]: which workflows there are and what each takes
//! - [`GithubRepository`]: where they live
//!
//! GitHub shows the page of a workflow but fills in no inputs from the address, so the command beside the
//! link is what carries them. Nothing is asked here whether the workflow exists.

mod address;
mod dialect;
#[cfg(test)]
mod tests;
mod workflow;

use std::collections::BTreeMap;

use crate::base::rule::RuleId;
use crate::base::suggest::did_you_mean_or;
use crate::base::violation::{FieldPath, Findings, Violation, Violations, one_of, quoted};

pub use address::{ActionUrl, GITHUB, GithubRepository};
pub use workflow::{Input, Workflow};

closed_list! {
    /// What following a link is for.
    pub enum Category breaks LNK003 {
        /// Deploys.
        Deployment = "deployment",
        /// Releases.
        Release = "release",
        /// Maintains.
        Maintenance = "maintenance",
        /// Goes back.
        Rollback = "rollback",
        /// Says what a version is worth.
        State = "state",
    }
}

/// The shortest and the longest label, in characters.
const LABEL: std::ops::RangeInclusive<usize> = 5..=50;

/// The inputs of a workflow, by name.
pub type Inputs = BTreeMap<String, String>;

/// A link as somebody wrote it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActionLinkParts {
    /// What the link says.
    pub label: String,
    /// The address of the workflow, with its inputs.
    pub url: String,
    /// `deployment`, `release`, `maintenance`, `rollback` or `state`.
    pub category: String,
    /// What following it does.
    pub description: Option<String>,
    /// The name of an icon.
    pub icon: Option<String>,
}

/// A link to a workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionLink {
    label: String,
    url: ActionUrl,
    category: Category,
    /// What following it does.
    pub description: Option<String>,
    /// The name of an icon.
    pub icon: Option<String>,
}

impl ActionLink {
    /// The link that starts `workflow` with these inputs, for the usual purpose of the workflow.
    ///
    /// # Errors
    /// [`LNK001`](RuleId::LNK001) for the label, [`LNK004`](RuleId::LNK004) for the inputs.
    pub fn start(
        repository: GithubRepository,
        workflow: Workflow,
        inputs: Inputs,
        label: &str,
    ) -> Result<Self, Violations> {
        let mut findings = Findings::new();
        findings.extend(label_fault(label).map(|fault| fault.under("label")));
        findings.extend(input_faults(workflow, &inputs));
        let category = workflow.categories().first().copied().unwrap_or(Category::Deployment);
        let url = ActionUrl { repository, workflow, inputs };
        findings.finish(Self {
            label: label.to_owned(),
            url,
            category,
            description: None,
            icon: None,
        })
    }

    /// The link that was written; its address is on the GitHub at `host`.
    ///
    /// # Errors
    /// [`LNK001`](RuleId::LNK001) to [`LNK004`](RuleId::LNK004).
    pub fn new(parts: ActionLinkParts, host: &str) -> Result<Self, Violations> {
        let mut findings = Findings::new();
        findings.extend(label_fault(&parts.label).map(|fault| fault.under("label")));
        let url = findings.take("url", ActionUrl::read(&parts.url, host));
        let category = findings.take("category", parts.category.parse::<Category>());
        if let Some(url) = &url {
            let faults = input_faults(url.workflow, &url.inputs);
            findings.extend(faults.into_iter().map(|fault| fault.under("url")));
        }
        if let (Some(url), Some(category)) = (&url, category) {
            findings.extend(category_fault(url.workflow, category));
        }
        match (url, category) {
            (Some(url), Some(category)) => {
                let ActionLinkParts { label, description, icon, .. } = parts;
                findings.finish(Self { label, url, category, description, icon })
            }
            _ => Err(findings.fail()),
        }
    }

    /// What the link says.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Where it leads.
    #[must_use]
    pub fn url(&self) -> &ActionUrl {
        &self.url
    }

    /// What it is for.
    #[must_use]
    pub fn category(&self) -> Category {
        self.category
    }

    /// The command that does what the link is for, with its inputs, for a POSIX shell.
    #[must_use]
    pub fn command(&self) -> String {
        let ActionUrl { repository, workflow, inputs } = &self.url;
        let mut command = format!("gh workflow run {} --repo {repository}", workflow.file());
        for (name, value) in inputs {
            command.push_str(" -f ");
            command.push_str(&in_shell(&format!("{name}={value}")));
        }
        command
    }
}

/// One word for a POSIX shell.
fn in_shell(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-+=./:@,%".contains(&byte);
    if word.bytes().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

fn label_fault(label: &str) -> Option<Violation> {
    let length = label.chars().count();
    let printable = !label.chars().any(char::is_control);
    if LABEL.contains(&length) && printable && label.trim() == label {
        return None;
    }
    let found = format!("{} ({length} characters)", quoted(label));
    let expected = "5 to 50 printable characters without blanks at the ends";
    Some(Violation::new(RuleId::LNK001, found, expected, "Say in a few words what the link does."))
}

fn category_fault(workflow: Workflow, category: Category) -> Option<Violation> {
    let allowed: Vec<&str> = workflow.categories().iter().map(|one| one.as_str()).collect();
    if workflow.categories().contains(&category) {
        return None;
    }
    let found = format!("`{category}` for a link that starts `{workflow}`");
    let usual = allowed.first().copied().unwrap_or_default();
    let next = format!("Write `{usual}`, or link to the workflow that is meant.");
    Some(Violation::new(RuleId::LNK003, found, one_of(&allowed), next).under("category"))
}

/// Inputs that the workflow does not take, or not so.
fn input_faults(workflow: Workflow, inputs: &Inputs) -> Vec<Violation> {
    let fault = |(name, value): (&String, &String)| {
        let known = workflow.inputs().iter().find(|(known, _)| known == name);
        let fault = match known {
            None => unknown_input(workflow, name),
            Some((_, Input::Flag)) if !matches!(value.as_str(), "true" | "false") => {
                let next = "Write `true` or `false`.";
                Violation::new(RuleId::LNK004, quoted(value), "`true` or `false`", next)
            }
            Some((_, Input::Text)) if value.is_empty() || value.chars().any(char::is_control) => {
                let next = "Write the value, or leave the input out.";
                Violation::new(
                    RuleId::LNK004,
                    quoted(value),
                    "a text of printable characters",
                    next,
                )
            }
            Some(_) => return None,
        };
        Some(fault.under(FieldPath::from("inputs").key(name.clone())))
    };
    inputs.iter().filter_map(fault).collect()
}

fn unknown_input(workflow: Workflow, name: &str) -> Violation {
    let known: Vec<&str> = workflow.inputs().iter().map(|(known, _)| *known).collect();
    let found = format!("the input {}", quoted(name));
    let expected = format!("an input that `{workflow}` takes, {}", one_of(&known));
    let next = did_you_mean_or(name, known, || "Leave the input out.".to_owned());
    Violation::new(RuleId::LNK004, found, expected, next)
}
