//! What a report is made from. Pure: who gathers it is the survey.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Lane;
use crate::action_link::{GithubRepository, Workflow};
use crate::audit::AuditRecord;
use crate::deployment::{History, Running};
use crate::queue::QueueRecord;
use crate::rollback::RejectedVersion;
use crate::run::RunRecord;
use crate::secret::SecretRecord;
use crate::{CommitSha, EnvironmentName, Timestamp, Version};

/// What the ledger, the tags and the history of the repository say.
#[derive(Debug, Clone, Default)]
pub struct ReportFacts {
    /// The repository on GitHub, where that is known.
    pub github: Option<GithubRepository>,
    /// The workflows that the commit has.
    pub workflows: BTreeSet<Workflow>,
    /// The prefix of the refs that the ledger was read from.
    pub ledger: String,
    /// The commit at which workflows were looked for.
    pub commit: Option<CommitSha>,
    /// When that commit was made: the report's time where nothing is on record.
    pub committed_at: Option<Timestamp>,
    /// The time on the clock, where somebody asked it: what says that it was much later is not believed.
    pub clock: Option<Timestamp>,
    /// The environments, in the order in which versions go through them.
    pub environments: Vec<EnvironmentFacts>,
    /// The run of a pipeline that the report is of, where it is of one.
    pub run: Option<RunRecord>,
    /// Overrides on record.
    pub audits: Vec<AuditRecord>,
    /// Secrets on record.
    pub secrets: Vec<SecretRecord>,
    /// Records that cannot be used, in words.
    pub unreadable: Vec<String>,
    /// What the second commit has in its history and the first has not; `None` where this clone does not
    /// hold enough of it, absent where nobody asked.
    pub changes: BTreeMap<(CommitSha, CommitSha), Option<Vec<Change>>>,
}

/// What is on record of an environment.
#[derive(Debug, Clone)]
pub struct EnvironmentFacts {
    /// Its name.
    pub name: EnvironmentName,
    /// Whether it serves the public.
    pub is_production: bool,
    /// When it was registered or changed last, where it is registered.
    pub written_at: Option<Timestamp>,
    /// Its deployments.
    pub history: History,
    /// Who holds it and who waits: its own queue, and those of sub-projects that have theirs.
    pub queues: Vec<QueueRecord>,
    /// What runs in it, by sub-project and region.
    pub places: Vec<PlaceFacts>,
}

/// What runs in one place, and what it can go back to.
#[derive(Debug, Clone)]
pub struct PlaceFacts {
    /// The place.
    pub lane: Lane,
    /// What runs there.
    pub running: Option<Running>,
    /// What it can go back to; only for the sub-project as a whole.
    pub way_back: Option<WayBack>,
}

/// What a sub-project can go back to in an environment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WayBack {
    /// Where.
    pub lane: Lane,
    /// The version to go back to.
    pub target: Option<Version>,
    /// Why there is none.
    pub reason: Option<String>,
    /// All versions that it can go back to, highest first.
    pub candidates: Vec<Version>,
    /// Other versions, with all that speaks against each.
    pub rejected: Vec<RejectedVersion>,
}

/// A commit that a deployment brought or a promotion would bring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Which.
    pub commit_sha: CommitSha,
    /// When it was committed, by its own word.
    pub committed_at: Option<Timestamp>,
    /// The first line of its message.
    pub summary: String,
}

impl ReportFacts {
    /// The time of the newest record that is not ahead of the clock; where there is none, that of the commit.
    #[must_use]
    pub fn newest(&self) -> Option<Timestamp> {
        let deployments =
            self.environments.iter().flat_map(|it| it.history.records()).flat_map(|it| {
                let progress = &it.progress;
                let ends =
                    [progress.started_at(), progress.completed_at(), progress.rolled_back_at()];
                ends.into_iter().flatten().chain([it.requested_at])
            });
        let others = self.environments.iter().filter_map(|it| it.written_at);
        let audits = self.audits.iter().map(|it| it.at);
        let secrets = self.secrets.iter().map(|it| it.written_at());
        let run = self.run.iter().map(|it| it.written_at());
        let records = deployments.chain(others).chain(audits).chain(secrets).chain(run);
        let believed = |at: &Timestamp| self.clock.is_none_or(|now| !at.is_beyond(now));
        records.filter(believed).max().or(self.committed_at)
    }
}
