//! What a report says, in the order in which it is read.

use serde::Serialize;

use super::facts::Change;
use super::history::HistoryEntry;
use super::metrics::LaneMetrics;
use super::run::{GithubRun, RunView};
use super::timeline::TimelineLane;
use super::{Lane, WayBack};
use crate::action_link::Category;
use crate::audit::AuditRecord;
use crate::deployment::Status;
use crate::{Actor, CommitSha, DeploymentId, EnvironmentName, Timestamp, Version};

/// What a report is asked for, besides the facts.
#[derive(Debug, Clone, Default)]
pub struct ReportQuestion {
    /// What it is called; `None`: by the repository.
    pub title: Option<String>,
    /// Since when history and figures are wanted; `None`: ninety days before its time.
    pub since: Option<Timestamp>,
    /// The time that it is judged by; `None`: that of the newest record.
    pub at: Option<Timestamp>,
    /// The run of GitHub Actions that its run went on in; `None`: the one that its deployments name.
    pub github_run: Option<GithubRun>,
}

/// What runs where, what happened, and what to do.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// What it is called.
    pub title: String,
    /// The page of the repository on GitHub.
    pub repository: Option<String>,
    /// The prefix of the refs that it was read from.
    pub ledger: String,
    /// The head of the repository when it was read.
    pub commit_sha: Option<CommitSha>,
    /// Since when it tells the history.
    pub since: Timestamp,
    /// The time that it is judged by.
    pub generated_at: Timestamp,
    /// All of it in one sentence.
    pub summary: String,
    /// The run that it is of, where it is of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<RunView>,
    /// What runs where.
    pub environments: Vec<EnvironmentView>,
    /// What is being deployed, and what waits.
    pub underway: Vec<Underway>,
    /// What would come with the next promotion.
    pub promotions: Vec<Promotion>,
    /// What somebody should look at, worst first.
    pub attention: Vec<Attention>,
    /// How often, how fast and how well it is delivered.
    pub metrics: Vec<LaneMetrics>,
    /// Who ran where, and when.
    pub timeline: Vec<TimelineLane>,
    /// Deployments, newest first.
    pub history: Vec<HistoryEntry>,
    /// What can be gone back to.
    pub rollbacks: Vec<WayBack>,
    /// Rules that were set aside in the period, newest first.
    pub overrides: Vec<AuditRecord>,
    /// What can be started on GitHub.
    pub action_links: Vec<Link>,
}

/// What runs in an environment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EnvironmentView {
    /// Its name.
    pub name: EnvironmentName,
    /// Whether it serves the public.
    pub is_production: bool,
    /// By sub-project and region; empty where nothing was ever deployed.
    pub cards: Vec<Card>,
}

/// What runs in one place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Card {
    /// The place.
    pub lane: Lane,
    /// What runs; `None`: nothing, or a commit that no version names.
    pub version: Option<Version>,
    /// Its commit.
    pub commit_sha: Option<CommitSha>,
    /// The page of the commit.
    pub commit_url: Option<String>,
    /// Since when, where a deployment put it there.
    pub since: Option<Timestamp>,
    /// For how many seconds.
    pub for_seconds: Option<i64>,
    /// Who put it there.
    pub by: Option<Actor>,
    /// Where the public finds it.
    pub public_url: Option<String>,
    /// The run of the workflow that deployed it.
    pub run_url: Option<String>,
    /// What became of the newest deployment that ended.
    pub last: Option<Status>,
    /// Whether somebody moved the tag there without a deployment.
    pub moved_by_hand: bool,
}

/// A deployment that is not done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Underway {
    /// Which.
    pub deployment_id: DeploymentId,
    /// Where.
    pub lane: Lane,
    /// What; `None` where its record is not there.
    pub version: Option<Version>,
    /// Whose.
    pub by: Actor,
    /// Its place in the queue; `None` for the one that is being done.
    pub position: Option<u32>,
    /// Since when.
    pub since: Timestamp,
    /// For how many seconds it will probably wait.
    pub estimated_wait_seconds: Option<u64>,
    /// On what it waits, or what it does, as a sentence without its full stop.
    pub waits_on: String,
}

/// What the next environment would get.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Promotion {
    /// Where it runs.
    pub from: Lane,
    /// Where it would go.
    pub to: Lane,
    /// What would go there.
    pub version: Option<Version>,
    /// Its commit.
    pub commit_sha: CommitSha,
    /// Commits that would be new there, newest first; `None` where this clone cannot tell.
    pub commits: Option<Vec<Change>>,
    /// The page that compares the two.
    pub compare_url: Option<String>,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Something is broken.
    Broken,
    /// Something is not as it should be.
    Warning,
    /// Something that an auditor looks at.
    Note,
}

/// Something that somebody should look at.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Attention {
    /// How bad it is.
    pub severity: Severity,
    /// What it is.
    pub what: String,
    /// Why it matters, or what is known of it.
    pub why: String,
    /// What to do about it.
    pub next: String,
    /// A command that helps, where there is one.
    pub command: Option<String>,
}

/// A workflow that can be started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// What it says.
    pub label: String,
    /// The page of the workflow.
    pub url: String,
    /// What it is for.
    pub category: Category,
    /// The command that does the same, with its inputs.
    pub command: String,
}
