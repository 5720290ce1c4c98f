//! Gathers what a report is made from.

use std::collections::{BTreeMap, BTreeSet};

use super::Lane;
use super::facts::{EnvironmentFacts, PlaceFacts, ReportFacts, WayBack};
use crate::deployment::survey as running;
use crate::deployment::{History, Scope};
use crate::ledger::{Ledger, LedgerError, RefStore, Unreadable};
use crate::queue::survey as queues;
use crate::rollback::{self, RejectedVersion, SelectionCriteria};
use crate::run::RunKey;
use crate::{EnvironmentName, SubProjectPath, TagGrammar, Timestamp};

#[cfg(feature = "git")]
pub use repository::look_at_repository;

/// Looks at the ledger and the tags. `wanted` names the environments, in the order in which versions go
/// through them; `None`: all, those that serve the public last. `run` is the one that the report is of.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn survey<S: RefStore>(
    ledger: &Ledger<S>,
    grammar: &TagGrammar,
    wanted: Option<&[EnvironmentName]>,
    run: Option<&RunKey>,
) -> Result<ReportFacts, LedgerError> {
    let mut facts = ReportFacts { ledger: prefix(ledger), ..ReportFacts::default() };
    let mut bad = Vec::new();
    let (registered, broken) = ledger.survey(&ledger.environments()).await?;
    bad.extend(broken);
    let registered: BTreeMap<EnvironmentName, (bool, Timestamp)> = registered
        .into_iter()
        .map(|entry| {
            let it = &entry.record.environment;
            (it.name.clone(), (it.is_production, entry.record.written_at()))
        })
        .collect();
    let names = match wanted {
        Some(names) => names.to_vec(),
        None => in_order(&registered),
    };
    for name in names {
        let known = registered.get(&name);
        let is_production = known.map_or_else(|| name.means_production(), |it| it.0);
        let (found, broken) = look_at(ledger, grammar, &name).await?;
        bad.extend(broken);
        let written_at = known.map(|it| it.1);
        facts.environments.push(EnvironmentFacts { is_production, written_at, ..found });
    }
    let (audits, broken) = ledger.survey(&ledger.audits()).await?;
    facts.audits = audits.into_iter().map(|entry| entry.record).collect();
    bad.extend(broken);
    let (secrets, broken) = ledger.survey(&ledger.secrets()).await?;
    let shown: BTreeSet<_> = facts.environments.iter().map(|it| it.name.clone()).collect();
    let secrets = secrets.into_iter().map(|entry| entry.record);
    facts.secrets = secrets.filter(|it| shown.contains(&it.environment)).collect();
    bad.extend(broken);
    if let Some(key) = run {
        facts.run = ledger.read(&ledger.run(key)).await?.map(|entry| entry.record);
    }
    facts.unreadable = bad.iter().map(ToString::to_string).collect();
    facts.unreadable.sort();
    facts.unreadable.dedup();
    Ok(facts)
}

fn prefix<S: RefStore>(ledger: &Ledger<S>) -> String {
    let environments = ledger.environments();
    let folder = environments.prefix().trim_end_matches('/');
    folder.rsplit_once('/').map_or(folder, |(prefix, _)| prefix).to_owned()
}

/// Environments that serve the public come after the others.
fn in_order(registered: &BTreeMap<EnvironmentName, (bool, Timestamp)>) -> Vec<EnvironmentName> {
    let mut names: Vec<_> = registered.iter().collect();
    names.sort_by_key(|(name, (is_production, _))| (*is_production, (*name).clone()));
    names.into_iter().map(|(name, _)| name.clone()).collect()
}

async fn look_at<S: RefStore>(
    ledger: &Ledger<S>,
    grammar: &TagGrammar,
    name: &EnvironmentName,
) -> Result<(EnvironmentFacts, Vec<Unreadable>), LedgerError> {
    running::bring(ledger, name).await?;
    let (history, broken) = running::history(ledger, name).await?;
    let queues = queues::all(ledger, name).await?.all().cloned().collect();
    let mut places = Vec::new();
    for lane in lanes(ledger, grammar, name, &history).await? {
        let scope = Scope {
            environment: name.clone(),
            sub_project_path: lane.sub_project_path.clone(),
            region: lane.region.clone(),
        };
        let found = running::survey(ledger, grammar, scope).await?;
        let way_back = way_back(ledger, grammar, &lane, &places).await?;
        places.push(PlaceFacts { running: found.running().cloned(), lane, way_back });
    }
    let facts = EnvironmentFacts {
        name: name.clone(),
        is_production: false,
        written_at: None,
        history,
        queues,
        places,
    };
    Ok((facts, broken))
}

/// Where versions were ever deployed, or where a tag says that one runs.
async fn lanes<S: RefStore>(
    ledger: &Ledger<S>,
    grammar: &TagGrammar,
    name: &EnvironmentName,
    history: &History,
) -> Result<BTreeSet<Lane>, LedgerError> {
    let mut lanes: BTreeSet<Lane> = history.records().map(Lane::of).collect();
    let releases = ledger.releases(grammar).await?;
    let tagged = releases.pointers().filter(|(_, environment, _)| *environment == name);
    for (project, _, _) in tagged {
        if !lanes.iter().any(|lane| lane.sub_project_path == *project) {
            lanes.insert(whole(name, project));
        }
    }
    Ok(lanes)
}

fn whole(environment: &EnvironmentName, project: &SubProjectPath) -> Lane {
    Lane { environment: environment.clone(), sub_project_path: project.clone(), region: None }
}

/// What a sub-project can go back to; told once, however many regions it has.
async fn way_back<S: RefStore>(
    ledger: &Ledger<S>,
    grammar: &TagGrammar,
    lane: &Lane,
    told: &[PlaceFacts],
) -> Result<Option<WayBack>, LedgerError> {
    if told.iter().any(|place| place.lane.sub_project_path == lane.sub_project_path) {
        return Ok(None);
    }
    let (environment, project) = (lane.environment.clone(), lane.sub_project_path.clone());
    let (survey, _) = rollback::survey(ledger, grammar, environment, project).await?;
    let nothing = BTreeMap::new();
    let facts = survey.facts(&nothing);
    let found = rollback::select(&facts, SelectionCriteria::default());
    let version = |it: &rollback::Candidate<'_>| it.deployment.version.clone();
    Ok(Some(WayBack {
        lane: lane.whole(),
        target: found.target.as_ref().ok().map(version),
        reason: found.target.as_ref().err().cloned(),
        candidates: found.candidates.iter().map(version).collect(),
        rejected: found.rejected.iter().map(RejectedVersion::from).collect(),
    }))
}

/// The part that asks the repository itself.
#[cfg(feature = "git")]
mod repository {
    use std::collections::BTreeSet;

    use super::super::facts::{Change, ReportFacts};
    use super::super::metrics::new_since;
    use crate::action_link::Workflow;
    use crate::environment::commit_to_look_at;
    use crate::git::{GitError, NewCommit, Repository};
    use crate::{CommitSha, Timestamp};

    /// Where workflows live.
    const WORKFLOWS: &str = ".github/workflows";

    /// Looks at the repository: which workflows it has, and which commits deployments since a time brought
    /// and promotions would bring.
    ///
    /// # Errors
    /// When objects cannot be had.
    pub async fn look_at_repository(
        repository: &Repository,
        facts: &mut ReportFacts,
        since: Timestamp,
    ) -> Result<(), GitError> {
        if let Ok(commit) = commit_to_look_at(repository, None).await {
            facts.commit = Some(commit);
            facts.committed_at = repository.committed_at(commit).await?;
            let files = repository.list(commit, WORKFLOWS).await?.unwrap_or_default();
            let has = |it: &Workflow| files.iter().any(|file| file.name == it.file());
            facts.workflows = Workflow::ALL.iter().copied().filter(has).collect();
        }
        for (base, head) in pairs(facts, since) {
            // A commit that is gone for good is told as unknown, not as a failure of all.
            let found = repository.between(base, head).await.unwrap_or_default();
            let found = found.map(|commits| commits.into_iter().map(change).collect());
            facts.changes.insert((base, head), found);
        }
        Ok(())
    }

    fn change(found: NewCommit) -> Change {
        let NewCommit { commit, committed_at, summary } = found;
        Change { commit_sha: commit, committed_at, summary }
    }

    fn pairs(facts: &ReportFacts, since: Timestamp) -> BTreeSet<(CommitSha, CommitSha)> {
        let mut pairs = BTreeSet::new();
        for environment in &facts.environments {
            pairs.extend(new_since(&environment.history.in_order(), since));
        }
        for (from, to) in facts.environments.iter().zip(facts.environments.iter().skip(1)) {
            let commits = |it: &super::EnvironmentFacts| -> Vec<_> {
                let running = it.places.iter().filter_map(|place| {
                    Some((place.lane.sub_project_path.clone(), place.running.as_ref()?.commit))
                });
                running.collect()
            };
            for (project, head) in commits(from) {
                let there = commits(to).into_iter().filter(|(other, _)| *other == project);
                pairs.extend(there.map(|(_, base)| (base, head)));
            }
        }
        pairs
    }
}
