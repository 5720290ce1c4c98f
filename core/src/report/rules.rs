//! What a report owes to whoever acts on it.

use crate::action_link::{GithubRepository, Workflow};
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, one_of};

use super::model::Link;

/// RPT002: where the repository on GitHub is named, a report says what can be started there.
#[must_use]
pub fn check_links(links: &[Link], github: Option<&GithubRepository>) -> Option<Violation> {
    let github = github.filter(|_| links.is_empty())?;
    let files: Vec<String> = Workflow::ALL.iter().map(|it| it.file()).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let found = format!("no link, because {github} has none of these in `.github/workflows`");
    let next = "Add a workflow of that name, or leave `github` out of the provider block.";
    Some(Violation::new(RuleId::RPT002, found, one_of(&files), next).under("action_links"))
}
