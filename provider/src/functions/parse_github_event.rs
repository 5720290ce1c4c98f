//! `parse_github_event`.

use pipeline_core::event::PushEvent;
use tfplugin::{Function, FunctionFault, Model};

use super::fault;

/// Reads the payload of a push that GitHub sends.
///
/// The payload is the body of a webhook, or the file that `GITHUB_EVENT_PATH` names in a workflow:
/// `file(var.event_path)`. A push of a tag, the deletion of a branch and every other event are refused by name.
#[derive(Debug, Clone, Model)]
pub struct ParseGithubEvent {
    /// The payload, as JSON.
    pub json: String,
}

/// A push of commits to a branch.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct Pushed {
    /// The commit that the branch is on now.
    pub commit_sha: String,
    /// The branch as a ref, such as `refs/heads/main`.
    pub branch: String,
    /// Where the repository is cloned from.
    pub repo_url: String,
    /// Who wrote the commit: the address, else the login, else the name.
    pub author: String,
    /// The whole message of the commit.
    pub message: String,
    /// When the commit was made, in UTC.
    pub timestamp: String,
    /// The repository as `owner/name`.
    pub repository: Option<String>,
    /// Who pushed.
    pub pusher: Option<String>,
    /// Whether the branch is new.
    pub created: bool,
    /// Whether commits that were on the branch are no longer on it.
    pub forced: bool,
}

impl Function for ParseGithubEvent {
    const NAME: &'static str = "parse_github_event";
    type Output = Pushed;

    fn call(self) -> Result<Pushed, FunctionFault> {
        let event = PushEvent::read(&self.json).map_err(|error| fault(&error, Self::JSON))?;
        Ok(Pushed {
            commit_sha: event.commit_sha.to_string(),
            branch: event.branch,
            repo_url: event.repo_url.to_string(),
            author: event.author,
            message: event.message,
            timestamp: event.timestamp.to_string(),
            repository: event.repository,
            pusher: event.pusher,
            created: event.created,
            forced: event.forced,
        })
    }
}
