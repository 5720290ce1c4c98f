//! From facts to a report.

use super::facts::{EnvironmentFacts, PlaceFacts, ReportFacts, WayBack};
use super::model::{
    Attention, Card, EnvironmentView, Promotion, Report, ReportQuestion, Severity, Underway,
};
use super::shown::count;
use super::{Lane, actions, attention, history, metrics, run, timeline};
use crate::action_link::GithubRepository;
use crate::deployment::{Deployment, Origin};
use crate::queue::QueueRecord;
use crate::queue::estimate::estimated_wait;
use crate::{DeploymentId, Timestamp};

/// History and figures go back so far unless somebody says otherwise.
const DAYS: i64 = 90;

/// The time of a report of a repository without records and without commits.
const NEVER: i64 = 0;

impl ReportFacts {
    /// The period that a question is about: since when, and the time that the report is judged by.
    ///
    /// The end is that of the newest record unless the question says otherwise, so that nothing changes by
    /// reading.
    #[must_use]
    pub fn period(&self, question: &ReportQuestion) -> Option<(Timestamp, Timestamp)> {
        let never = || Timestamp::from_unix_seconds(NEVER);
        let now = question.at.or_else(|| self.newest()).or_else(never)?;
        let since = question.since.unwrap_or_else(|| now.plus_seconds(-DAYS * 86_400));
        Some((since.min(now), now))
    }

    /// The report.
    #[must_use]
    pub fn report(&self, question: &ReportQuestion) -> Option<Report> {
        let (since, now) = self.period(question)?;
        let github = self.github.as_ref();
        let named = || github.map(|it| it.path().to_owned());
        let environments: Vec<_> =
            self.environments.iter().map(|it| view(it, github, now)).collect();
        let underway: Vec<_> = self.environments.iter().flat_map(|it| underway(it, now)).collect();
        let attention = attention::all(self, since, now);
        let rollbacks: Vec<WayBack> = self.ways_back();
        let promotions = self.promotions();
        let mut overrides: Vec<_> =
            self.audits.iter().filter(|it| it.at >= since && it.is_override()).cloned().collect();
        overrides.sort_by_key(|it| std::cmp::Reverse(it.at));
        Some(Report {
            title: question
                .title
                .clone()
                .or_else(named)
                .unwrap_or_else(|| "Deployments".to_owned()),
            repository: github.map(GithubRepository::url),
            ledger: self.ledger.clone(),
            commit_sha: self.commit,
            since,
            generated_at: now,
            summary: summary(&environments, &underway, &attention),
            action_links: actions::all(self, &rollbacks, &promotions),
            run: run::view(self, question, now),
            environments,
            underway,
            promotions,
            attention,
            metrics: metrics::all(self, since, now),
            timeline: timeline::lanes(self, since, now),
            history: history::entries(self, since, now),
            rollbacks,
            overrides,
        })
    }

    fn ways_back(&self) -> Vec<WayBack> {
        let places = self.environments.iter().flat_map(|it| &it.places);
        places.filter_map(|place| place.way_back.clone()).collect()
    }

    /// What the next environment would get of each sub-project.
    fn promotions(&self) -> Vec<Promotion> {
        let pairs = self.environments.iter().zip(self.environments.iter().skip(1));
        pairs.flat_map(|(from, to)| self.promotions_between(from, to)).collect()
    }

    fn promotions_between(&self, from: &EnvironmentFacts, to: &EnvironmentFacts) -> Vec<Promotion> {
        let one = |place: &PlaceFacts| {
            let running = place.running.as_ref()?;
            let same = |other: &&PlaceFacts| {
                other.lane.sub_project_path == place.lane.sub_project_path
                    && (other.lane.region == place.lane.region || place.lane.region.is_none())
            };
            let other = to.places.iter().find(same)?;
            let there = other.running.as_ref()?;
            if there.commit == running.commit {
                return None;
            }
            let commits = self.changes.get(&(there.commit, running.commit))?;
            // What the next environment has already would be no promotion.
            if commits.as_ref().is_some_and(Vec::is_empty) {
                return None;
            }
            let compare = |it: &GithubRepository| {
                format!("{}/compare/{}...{}", it.url(), there.commit, running.commit)
            };
            Some(Promotion {
                from: place.lane.clone(),
                to: other.lane.clone(),
                version: running.version.clone(),
                commit_sha: running.commit,
                commits: commits.clone(),
                compare_url: self.github.as_ref().map(compare),
            })
        };
        from.places.iter().filter_map(one).collect()
    }
}

fn view(
    environment: &EnvironmentFacts,
    github: Option<&GithubRepository>,
    now: Timestamp,
) -> EnvironmentView {
    let records = environment.history.in_order();
    EnvironmentView {
        name: environment.name.clone(),
        is_production: environment.is_production,
        cards: environment.places.iter().map(|it| card(it, &records, github, now)).collect(),
    }
}

fn card(
    place: &PlaceFacts,
    records: &[&Deployment],
    github: Option<&GithubRepository>,
    now: Timestamp,
) -> Card {
    let running = place.running.as_ref();
    let by = running.and_then(|it| match &it.origin {
        Origin::Deployment(id) => records.iter().find(|record| record.id == *id).copied(),
        Origin::Tag => None,
    });
    let since = by.and_then(|it| it.progress.completed_at());
    let commit = running.map(|it| it.commit);
    let page = |what: String| github.map(|it| format!("{}/{what}", it.url()));
    Card {
        lane: place.lane.clone(),
        version: running.and_then(|it| it.version.clone()),
        commit_sha: commit,
        commit_url: commit.and_then(|it| page(format!("commit/{it}"))),
        since,
        for_seconds: since.map(|since| now.seconds_since(since)),
        by: by.map(|it| it.triggered_by.clone()),
        public_url: by.and_then(|it| it.public_url.as_ref()).map(ToString::to_string),
        run_url: by
            .and_then(|it| it.workflow_run_id.as_ref())
            .and_then(|run| page(format!("actions/runs/{run}"))),
        last: attention::last(records, &place.lane).map(Deployment::status),
        moved_by_hand: running.is_some_and(|it| it.origin == Origin::Tag),
    }
}

/// Who holds the environment or a part of it, and who waits for that.
fn underway(environment: &EnvironmentFacts, now: Timestamp) -> Vec<Underway> {
    environment.queues.iter().flat_map(|queue| in_queue(environment, queue, now)).collect()
}

fn in_queue(environment: &EnvironmentFacts, queue: &QueueRecord, now: Timestamp) -> Vec<Underway> {
    let record = |id: &DeploymentId| environment.history.records().find(|it| it.id == *id);
    let lane = |id: &DeploymentId| record(id).map_or_else(|| unknown(environment), Lane::of);
    let version = |id: &DeploymentId| record(id).map(|it| it.version.clone());
    let durations = environment.history.durations();
    let holder = queue.current.as_ref();
    let current = holder.map(|claim| Underway {
        lane: lane(&claim.deployment_id),
        version: version(&claim.deployment_id),
        by: claim.holder.clone(),
        position: None,
        since: claim.locked_at,
        estimated_wait_seconds: None,
        waits_on: "being deployed".to_owned(),
        deployment_id: claim.deployment_id.clone(),
    });
    let began = holder.map(|claim| claim.locked_at);
    let on = queue.holding().map_or_else(
        || "its turn".to_owned(),
        |holding| format!("{}, which holds the environment", holding.by),
    );
    let waiting = (1..).zip(&queue.waiting).map(|(position, waiting)| Underway {
        lane: lane(&waiting.deployment_id),
        version: version(&waiting.deployment_id),
        by: waiting.holder.clone(),
        position: Some(position),
        since: waiting.queued_at,
        estimated_wait_seconds: estimated_wait(position, &durations, began, now)
            .map(|wait| wait.as_secs()),
        waits_on: waiting.held_back.as_ref().map_or_else(|| on.clone(), ToString::to_string),
        deployment_id: waiting.deployment_id.clone(),
    });
    current.into_iter().chain(waiting).collect()
}

/// Where a deployment goes whose record is not there.
fn unknown(environment: &EnvironmentFacts) -> Lane {
    Lane {
        environment: environment.name.clone(),
        sub_project_path: crate::SubProjectPath::root(),
        region: None,
    }
}

fn summary(
    environments: &[EnvironmentView],
    underway: &[Underway],
    attention: &[Attention],
) -> String {
    let by_hand =
        environments.iter().filter(|it| it.cards.iter().any(|card| card.moved_by_hand)).count();
    let state = match by_hand {
        _ if environments.is_empty() => String::new(),
        0 => ", all as deployed".to_owned(),
        some => format!(", {some} changed by hand"),
    };
    let mut parts = vec![format!("{}{state}", count(environments.len(), "environment"))];
    let waiting = underway.iter().filter(|it| it.position.is_some()).count();
    let current = underway.len() - waiting;
    if current > 0 {
        parts.push(format!("{} in progress", count(current, "deployment")));
    }
    if waiting > 0 {
        parts.push(format!("{waiting} waiting"));
    }
    let serious = attention.iter().filter(|it| it.severity != Severity::Note).count();
    parts.push(match serious {
        0 => "nothing needs attention".to_owned(),
        1 => "1 thing needs attention".to_owned(),
        several => format!("{several} things need attention"),
    });
    parts.join("; ")
}
