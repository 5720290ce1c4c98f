//! Gathers what is the case where a version runs or is to run: the one reader that plan, claim, refresh
//! and data sources share. What it means is decided in `running` and `rules`.

use std::collections::BTreeMap;
#[cfg(feature = "git")]
use std::fmt;
use std::sync::Arc;

use super::approved::Agreed;
use super::by_hand::{ByHand, by_hand};
use super::by_policy::lifted;
use super::rules::{self, DeploymentFacts, DeploymentPlan, Known, Moment, OnRecord, References};
use super::running::last_success;
use super::{Deployment, History, Origin, Running, Scope, Status, TagPlace, what_runs};
use crate::approval::{self, ApprovalPolicy, Reviewed, Reviews};
use crate::base::authority::Authority;
use crate::base::rule::RuleId;
use crate::environment::{Environment, EnvironmentRecord};
use crate::git::{GitError, ObjectId, RefTarget, Snapshot};
#[cfg(feature = "git")]
use crate::git::{Repository, Signature};
use crate::ledger::{Entry, Ledger, LedgerError, RefStore, Shelf, Slot, Unreadable};
use crate::policy::{Objections, OrderFacts};
use crate::queue::survey::QueueToEnter;
use crate::queue::{self, QueueRecord, QueueScope};
use crate::run::RunKey;
use crate::tag::releases::Releases;
use crate::{
    Actor, Approval, CommitSha, DeploymentId, EnvironmentName, GivenApproval, Override, RefName,
    SubProjectPath, Tag, TagGrammar, Timestamp, Version, Violation,
};

impl<S: RefStore> Ledger<S> {
    /// The deployments of every environment.
    #[must_use]
    pub fn all_deployments(&self) -> Shelf<Deployment> {
        self.shelf()
    }

    /// The deployments of one environment.
    #[must_use]
    pub fn deployments(&self, environment: &EnvironmentName) -> Shelf<Deployment> {
        self.all_deployments().within(environment)
    }

    /// One deployment.
    #[must_use]
    pub fn deployment(&self, environment: &EnvironmentName, id: &DeploymentId) -> Slot<Deployment> {
        self.deployments(environment).slot(id)
    }
}

/// What the ledger and the tags say of one place where versions run.
#[derive(Debug, Clone)]
pub struct Survey {
    scope: Scope,
    snapshot: Arc<Snapshot>,
    releases: Arc<Releases>,
    environment: Option<Entry<EnvironmentRecord>>,
    environment_names: Vec<EnvironmentName>,
    queue: QueueToEnter,
    /// The sub-projects that its queues know.
    in_queues: Vec<SubProjectPath>,
    /// Of the environment, in the order in which they succeeded, as far as anybody noted.
    successes: Vec<Arc<Deployment>>,
    tag: Option<RefTarget>,
    place: TagPlace,
    running: Option<Running>,
    on_remote: bool,
}

/// What the same plan will make and git does not have yet: what depends on it is not refused.
#[derive(Debug, Clone, Default)]
pub struct Pending {
    /// The commit that the tag of the version will stand on.
    pub version_tag: Option<CommitSha>,
    /// The environment as it will be registered.
    pub environment: Option<Environment>,
    /// Which of the records that it names will be recorded.
    pub on_record: OnRecord,
    /// What people will have decided about its commit.
    pub reviews: Vec<Reviewed>,
}

/// Looks at one place. The listing is the one that the process shares; records that are missing on
/// this machine come in one fetch, or two where the queue names older ones.
///
/// # Errors
/// When refs cannot be listed or records cannot be had.
pub async fn survey<S: RefStore>(
    ledger: &Ledger<S>,
    grammar: &TagGrammar,
    scope: Scope,
) -> Result<Survey, LedgerError> {
    let snapshot = ledger.snapshot().await?;
    let releases = ledger.releases(grammar).await?;
    let environment = ledger.environment(&scope.environment);
    let queues = QueueScope::part(scope.environment.clone(), scope.sub_project_path.clone());
    let names = [
        environment.ref_name()?,
        ledger.queue(&scope.environment).ref_name()?,
        ledger.queue_of(&queues).ref_name()?,
    ];
    let here = |name: RefName| Some((snapshot.get(name.as_str())?, name));
    let refs = names.into_iter().filter_map(here).map(|(at, name)| (name, at));
    ledger.bring(refs.collect()).await?;
    let environment = ledger.read(&environment).await?;
    let policy = environment.as_ref().map(|it| it.record.environment.concurrency);
    let (queue, in_queues) =
        queue::survey::to_enter(ledger, &queues, policy.unwrap_or_default()).await?;
    let successes = successes(ledger, &scope, &queue.record).await?;
    let (tag, place) = tag_of(grammar, &snapshot, &scope);
    let all: Vec<&Deployment> = successes.iter().map(Arc::as_ref).collect();
    let named = |commit| {
        let highest = releases.at(&scope.sub_project_path, commit).next_back();
        highest.map(|release| release.version.clone())
    };
    let running = what_runs(&scope, &all, place, named);
    let shelf = ledger.environments();
    let known = snapshot.under(shelf.prefix()).filter_map(|(name, _)| name.parse().ok());
    let environment_names = known.collect();
    Ok(Survey {
        scope,
        snapshot,
        releases,
        environment,
        environment_names,
        queue,
        in_queues,
        successes,
        tag,
        place,
        running,
        on_remote: ledger.store().on_remote(),
    })
}

/// Fetches all that a survey and the history of an environment need, at once.
///
/// # Errors
/// When refs cannot be listed or fetched.
pub async fn bring<S: RefStore>(
    ledger: &Ledger<S>,
    environment: &EnvironmentName,
) -> Result<(), LedgerError> {
    bring_for(ledger, environment, None).await
}

/// As [`bring`], with the reviews of a commit.
pub(crate) async fn bring_for<S: RefStore>(
    ledger: &Ledger<S>,
    environment: &EnvironmentName,
    commit: Option<CommitSha>,
) -> Result<(), LedgerError> {
    let snapshot = ledger.snapshot().await?;
    let mut refs = ledger.refs(&ledger.deployments(environment)).await?;
    if let Some(commit) = commit {
        refs.extend(ledger.refs(&ledger.approvals_of(environment, commit)).await?);
    }
    let slots =
        [ledger.environment(environment).ref_name()?, ledger.queue(environment).ref_name()?];
    let found = slots.into_iter().filter_map(|name| {
        let target = snapshot.get(name.as_str())?;
        Some((name, target))
    });
    refs.extend(found);
    refs.extend(ledger.refs(&ledger.queues_of_sub_projects(environment)).await?);
    ledger.bring(refs).await
}

/// The deployments to an environment, and the records that cannot be used: a bad one hides no good one.
///
/// # Errors
/// When they cannot be had.
pub async fn history<S: RefStore>(
    ledger: &Ledger<S>,
    environment: &EnvironmentName,
) -> Result<(History, Vec<Unreadable>), LedgerError> {
    let refs = ledger.refs(&ledger.deployments(environment)).await?;
    let (records, unreadable) = ledger.shared(refs).await?;
    Ok((History::new(records), unreadable))
}

/// The deployments that each run of a pipeline made, in the order of their IDs.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn by_run<S: RefStore>(
    ledger: &Ledger<S>,
) -> Result<BTreeMap<RunKey, Vec<Deployment>>, LedgerError> {
    let (entries, _) = ledger.survey(&ledger.all_deployments()).await?;
    let mut found: BTreeMap<RunKey, Vec<Deployment>> = BTreeMap::new();
    for record in entries.into_iter().map(|entry| entry.record) {
        if let Some(run) = record.pipeline_run.clone() {
            found.entry(run).or_default().push(record);
        }
    }
    found.values_mut().for_each(|all| all.sort_by(|a, b| a.id.cmp(&b.id)));
    Ok(found)
}

/// When a commit was made, where an approval of it has a time that makes somebody ask.
///
/// # Errors
/// When the commit cannot be read.
pub(crate) async fn committed_at<S: RefStore>(
    ledger: &Ledger<S>,
    agreed: &Agreed,
    commit: Option<CommitSha>,
) -> Result<Option<Timestamp>, LedgerError> {
    let is_dated = |it: &Approval| it.approved_at.is_some() && Some(it.commit_sha) == commit;
    match commit.filter(|_| agreed.all().any(is_dated)) {
        Some(commit) => Ok(ledger.store().committed_at(commit).await?),
        None => Ok(None),
    }
}

/// A deployment that somebody means to make, as far as it is known.
#[derive(Debug, Clone)]
pub struct Proposal<'a> {
    /// What is to be deployed.
    pub version: &'a Version,
    /// Who asks for it.
    pub triggered_by: &'a Actor,
    /// Other names by which the same person is known here, besides git's.
    pub also_known_as: &'a [Actor],
    /// Who agreed to it.
    pub approval: Known<Option<GivenApproval>>,
    /// Who agreed besides, as far as the ledger does not say it.
    pub approvals: Known<Vec<GivenApproval>>,
    /// Whether an older version may replace a newer one.
    pub allow_downgrade: Known<bool>,
    /// The deployment after which the version stays away, where it is asked for all the same.
    pub redeploy_after: Known<Option<&'a DeploymentId>>,
    /// Whether a success moves the environment's tag.
    pub moves_tag: bool,
    /// Whether it runs tests of its own.
    pub runs_tests: Known<bool>,
    /// What else it names, as far as that is known.
    pub references: References<'a>,
    /// What happened in the environments that come before.
    pub order: OrderFacts<'a>,
    /// Why it is asked for, in words, as far as that is known.
    pub reason: Option<&'a str>,
    /// By what right.
    pub authority: &'a Authority,
}

/// What a plan has to say of a deployment.
#[derive(Debug)]
pub struct Judged {
    /// What speaks against it, but for SCY003.
    pub objections: Objections,
    /// What an override lifts of the policies of the environment.
    pub lifted: Vec<(Violation, Override)>,
    /// How it stands to SCY003. At plan, only CI can know that it is CI: a person may look at what CI
    /// will do.
    pub by_hand: ByHand,
}

/// Everything that speaks against a deployment, as far as it is known at plan.
///
/// # Errors
/// When the repository cannot be read.
pub async fn check<S: RefStore>(
    ledger: &Ledger<S>,
    survey: &Survey,
    pending: &Pending,
    proposal: Proposal<'_>,
    now: Timestamp,
) -> Result<Judged, LedgerError> {
    let Proposal { version, triggered_by, also_known_as, allow_downgrade, .. } = proposal;
    let Scope { environment, region, sub_project_path } = survey.scope();
    let commit = survey.commit_of(version).or(pending.version_tag);
    check_room(ledger, environment).await?;
    let (history, _) = history(ledger, environment).await?;
    let (single, list) = (&proposal.approval, &proposal.approvals);
    let agreed = Agreed::foreseen(single, list, commit, sub_project_path, &history);
    let nothing = Agreed::default();
    let given = if let Known::Is(agreed) = &agreed { agreed } else { &nothing };
    let (approval, approvals) = Agreed::parts(&agreed);
    let committed_at = committed_at(ledger, given, commit).await?;
    let reviews = survey.reviews(ledger, commit, pending).await?;
    let names = names(ledger, also_known_as);
    let plan = DeploymentPlan {
        version,
        commit,
        environment,
        region: region.as_ref(),
        triggered_by,
        also_known_as: &names,
        approval,
        approvals,
        allow_downgrade,
        redeploy_after: proposal.redeploy_after,
        moves_tag: proposal.moves_tag,
        runs_tests: proposal.runs_tests,
        references: proposal.references,
        reason: proposal.reason,
        authority: proposal.authority,
    };
    let mut facts = survey.facts(version, &history, pending, committed_at, now);
    facts.strange_tag = strange_tag(ledger, survey.releases(), version).await?;
    facts.on_record = survey.on_record(ledger, proposal.references, pending.on_record).await?;
    facts.order = proposal.order;
    facts.reviews = &reviews;
    let mut objections = rules::check(&plan, &facts, Moment::Plan);
    objections.faults.retain(|violation| violation.rule != RuleId::SCY003);
    let lifted = lifted(&plan, &facts).into_iter().map(|(it, by)| (it, by.clone())).collect();
    Ok(Judged { objections, lifted, by_hand: by_hand(&plan, &facts) })
}

/// Whether git has room for the records of a deployment to an environment.
///
/// # Errors
/// [`LedgerError::NoRoom`] names the ref that is in the way.
pub async fn check_room<S: RefStore>(
    ledger: &Ledger<S>,
    environment: &EnvironmentName,
) -> Result<(), LedgerError> {
    ledger.check_room(&ledger.queue(environment)).await?;
    ledger.check_room(&ledger.queues_of_sub_projects(environment).slot(&"any")).await?;
    // The name of the record is not known yet; any other stands below the same refs.
    let any = ledger.deployments(environment).slot(&"any");
    ledger.check_room(&any).await
}

/// The kind of what the tag of a version leads to, where that is no commit; looked at, because a listing of
/// refs does not tell.
///
/// # Errors
/// When it cannot be had.
pub async fn strange_tag<S: RefStore>(
    ledger: &Ledger<S>,
    releases: &Releases,
    version: &Version,
) -> Result<Option<String>, LedgerError> {
    if let Some(kind) = releases.strange(version) {
        return Ok(Some(kind.to_owned()));
    }
    let Some(commit) = releases.get(version).map(|it| it.commit) else { return Ok(None) };
    match ledger.store().check_commit(commit).await {
        Ok(()) => Ok(None),
        Err(GitError::WrongKind { found, .. }) => Ok(Some(found)),
        Err(error) => Err(error.into()),
    }
}

/// Who put there what an environment runs.
#[cfg(feature = "git")]
#[derive(Debug)]
pub enum PutBy<'a> {
    /// A deployment on record.
    Deployment(&'a Deployment),
    /// Somebody who moved the tag; only an annotated tag says who and when.
    Hand(Option<Signature>),
}

/// Who put there what an environment runs.
///
/// # Errors
/// When the repository cannot be read.
#[cfg(feature = "git")]
pub async fn put_by<'a>(
    repository: &Repository,
    survey: &'a Survey,
) -> Result<PutBy<'a>, GitError> {
    if let Some(record) = survey.deployed_by() {
        return Ok(PutBy::Deployment(record));
    }
    let Scope { environment, sub_project_path, .. } = survey.scope();
    let tag = Tag::of_environment(sub_project_path.clone(), environment.clone());
    let found = repository.tag(tag.name().as_str()).await?;
    Ok(PutBy::Hand(found.and_then(|tag| tag.tagger)))
}

#[cfg(feature = "git")]
impl fmt::Display for PutBy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deployment(record) => {
                write!(f, "deployed by {} in {}", record.triggered_by, record.id)?;
                record.progress.completed_at().map_or(Ok(()), |at| write!(f, " at {at}"))
            }
            Self::Hand(Some(Signature { name, time, .. })) => {
                write!(f, "since {name} moved its tag there at {time}, outside any deployment")
            }
            Self::Hand(None) => f.write_str(
                "since somebody moved its tag there outside any deployment (git does not say who or \
                 when, because the tag is not annotated)",
            ),
        }
    }
}

/// The names of whoever works here: git's, and those that are known besides.
#[must_use]
pub fn names<S: RefStore>(ledger: &Ledger<S>, besides: &[Actor]) -> Vec<Actor> {
    let by_git = ledger.store().user();
    let by_git = by_git.iter().filter_map(|name| name.parse().ok());
    besides.iter().cloned().chain(by_git).collect()
}

/// The successes that the queue notes: it knows the order better than clocks do. Where it notes none of
/// the sub-project, or one that cannot be used, the records tell.
async fn successes<S: RefStore>(
    ledger: &Ledger<S>,
    scope: &Scope,
    queue: &QueueRecord,
) -> Result<Vec<Arc<Deployment>>, LedgerError> {
    let shelf = ledger.deployments(&scope.environment);
    let noted: Vec<&DeploymentId> = queue.successes_of(&scope.sub_project_path).collect();
    let snapshot = ledger.snapshot().await?;
    let mut refs = Vec::with_capacity(noted.len());
    for id in &noted {
        let name = shelf.slot(id).ref_name()?;
        refs.extend(snapshot.get(name.as_str()).map(|target| (name.clone(), target)));
    }
    let (mut found, _) = ledger.shared::<Deployment>(refs).await?;
    found.retain(|it| it.status() == Status::Succeeded);
    if noted.is_empty() || found.len() < noted.len() {
        return Ok(history(ledger, &scope.environment).await?.0.successes());
    }
    Ok(found)
}

/// The tag of the environment, where it has one that moves.
fn tag_of(
    grammar: &TagGrammar,
    snapshot: &Snapshot,
    scope: &Scope,
) -> (Option<RefTarget>, TagPlace) {
    if !grammar.has_tags(&scope.environment) {
        return (None, TagPlace::None);
    }
    let tag = Tag::of_environment(scope.sub_project_path.clone(), scope.environment.clone());
    match snapshot.tag(tag.name().as_str()) {
        Some(found) => (Some(found), TagPlace::On(found.target().to_commit())),
        None => (None, TagPlace::Missing),
    }
}

impl Survey {
    /// The place that was looked at.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Versions and environment tags, as they were listed.
    #[must_use]
    pub fn releases(&self) -> &Releases {
        &self.releases
    }

    /// What runs there.
    #[must_use]
    pub const fn running(&self) -> Option<&Running> {
        self.running.as_ref()
    }

    /// Where the environment's tag stands.
    #[must_use]
    pub const fn tag(&self) -> TagPlace {
        self.place
    }

    /// The registration of the environment.
    #[must_use]
    pub fn registered(&self) -> Option<&Environment> {
        self.environment.as_ref().map(|entry| &entry.record.environment)
    }

    /// The newest deployment there that succeeded and was not taken back.
    #[must_use]
    pub fn last_good(&self) -> Option<&Deployment> {
        let all: Vec<&Deployment> = self.successes.iter().map(Arc::as_ref).collect();
        last_success(&self.scope, &all, self.place)
    }

    /// The deployment that put there what runs, where one did.
    #[must_use]
    pub fn deployed_by(&self) -> Option<&Deployment> {
        let Some(Running { origin: Origin::Deployment(id), .. }) = &self.running else {
            return None;
        };
        self.successes.iter().map(Arc::as_ref).find(|it| it.id == *id)
    }

    /// The newest success of this very sub-project and region.
    pub(crate) fn last_of_its_kind(&self) -> Option<&Deployment> {
        let same = |it: &&Arc<Deployment>| {
            it.version.sub_project_path() == &self.scope.sub_project_path
                && it.region == self.scope.region
        };
        self.successes.iter().rev().find(same).map(Arc::as_ref)
    }

    /// Which of the records that a deployment names exist, or `will` exist.
    pub(crate) async fn on_record<S: RefStore>(
        &self,
        ledger: &Ledger<S>,
        named: References<'_>,
        will: OnRecord,
    ) -> Result<OnRecord, LedgerError> {
        let host = named.infrastructure.map(|id| ledger.infrastructure_resource(id).ref_name());
        let run = named.pipeline_run.map(|key| ledger.run(key).ref_name());
        let exists = |name: Option<RefName>| {
            name.is_some_and(|name| self.snapshot.get(name.as_str()).is_some())
        };
        Ok(OnRecord {
            infrastructure: will.infrastructure || exists(host.transpose()?),
            pipeline_run: will.pipeline_run || exists(run.transpose()?),
            fixes: match named.fixes {
                Some(id) => self.status_of(ledger, id).await?,
                None => None,
            },
        })
    }

    /// What became of a deployment to whatever environment.
    async fn status_of<S: RefStore>(
        &self,
        ledger: &Ledger<S>,
        id: &DeploymentId,
    ) -> Result<Option<Status>, LedgerError> {
        let shelf = ledger.all_deployments();
        let named = |name: &str| name.rsplit('/').next() == Some(id.as_str());
        let found = self.snapshot.under(shelf.prefix()).filter(|(name, _)| named(name));
        let found: Result<Vec<_>, LedgerError> =
            found.map(|(name, target)| Ok((shelf.slot(&name).ref_name()?, target))).collect();
        let (records, _) = ledger.shared(found?).await?;
        Ok(records.first().map(|record: &Arc<Deployment>| record.status()))
    }

    /// The environment: as the same plan will register it, or as it is registered.
    #[must_use]
    pub fn environment<'a>(&'a self, pending: &'a Pending) -> Option<&'a Environment> {
        pending.environment.as_ref().or_else(|| self.registered())
    }

    /// What the rules about a deployment need to know. `commit` is that of the version.
    #[must_use]
    pub fn facts<'a>(
        &'a self,
        version: &Version,
        history: &'a History,
        pending: &'a Pending,
        committed_at: Option<Timestamp>,
        now: Timestamp,
    ) -> DeploymentFacts<'a> {
        DeploymentFacts {
            version_tag: self.commit_of(version).or(pending.version_tag),
            strange_tag: self.releases.strange(version).map(str::to_owned),
            in_the_way: self.in_the_way(),
            near_version: self.releases.near(version),
            environment: self.environment(pending),
            registered: self.registered(),
            environment_names: self.environment_names.iter().collect(),
            running: self.running.as_ref().and_then(|running| running.version.as_ref()),
            history,
            committed_at,
            now,
            shared_tag: self.on_remote && self.place != TagPlace::None,
            on_record: OnRecord::ALL,
            order: OrderFacts::NONE,
            reviews: Reviews::NONE,
        }
    }

    /// What people decided about a commit, or will have decided, where anybody asks.
    pub(crate) async fn reviews<S: RefStore>(
        &self,
        ledger: &Ledger<S>,
        commit: Option<CommitSha>,
        pending: &Pending,
    ) -> Result<Reviews, LedgerError> {
        let Some(commit) = commit else { return Ok(Reviews::default()) };
        let policies = [self.environment(pending), self.registered()].into_iter().flatten();
        let policies: Vec<&ApprovalPolicy> = policies.map(|it| &it.approval).collect();
        let found = approval::gather(ledger, &self.scope.environment, commit, &policies).await?;
        Ok(found.after(&pending.reviews))
    }

    /// The commit of a version's tag.
    #[must_use]
    pub fn commit_of(&self, version: &Version) -> Option<CommitSha> {
        self.releases.get(version).map(|release| release.commit)
    }

    /// Sub-projects that run something in the environment, or whose tag says so; sorted.
    #[must_use]
    pub fn sub_projects(&self) -> Vec<SubProjectPath> {
        let environment = &self.scope.environment;
        let tagged = self.releases.pointers().filter(|(_, name, _)| *name == environment);
        let mut found: Vec<SubProjectPath> =
            tagged.map(|(path, _, _)| path.clone()).chain(self.in_queues.iter().cloned()).collect();
        found.sort();
        found.dedup();
        found
    }

    /// The ref beside which git has no room for the environment's tag, where it has one and does not exist.
    fn in_the_way(&self) -> Option<String> {
        if self.place == TagPlace::None {
            return None;
        }
        let Scope { environment, sub_project_path, .. } = &self.scope;
        let tag = Tag::of_environment(sub_project_path.clone(), environment.clone());
        self.snapshot.in_the_way_of(&tag.name().ref_name()).map(str::to_owned)
    }

    pub(crate) fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    pub(crate) const fn queue(&self) -> &QueueToEnter {
        &self.queue
    }

    pub(crate) fn tag_object(&self) -> Option<ObjectId> {
        self.tag.map(|found| found.object)
    }
}
