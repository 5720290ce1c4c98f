//! The record of an environment's queue: who waits, and who holds the environment until when.
//!
//! It keeps the IDs of deployments, which have records of their own; whether both agree is for
//! [`super::rules`]. Every operation gives a new record; writing it against the one that was read is what
//! makes it exclusive. What is read is checked in `parts`.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::held::HeldBack;
use super::lock::{EnvironmentLock, Holding, Locking, locked, surely_over};
use super::scope::SubProjects;
use crate::base::violation::quoted;
use crate::{
    Actor, Deployment, DeploymentId, EnvironmentName, RefName, RegionName, RuleId, Status,
    SubProjectPath, Timestamp, Violation,
};

/// From how many who wait on there is a crowd, in which newcomers would win most races.
const CROWD: usize = 4;

/// The queue of an environment as the ledger keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QueueRecord {
    /// The environment.
    pub environment: EnvironmentName,
    /// The sub-project, where the queue is of it alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_project_path: Option<SubProjectPath>,
    /// The sub-projects that have queues of their own, where each has; nobody holds this one then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_projects: Option<SubProjects>,
    /// Who waits, first come first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<Waiting>,
    /// Who holds the environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current: Option<Claim>,
    /// The lock under which deployments of one process go, where there is one: it holds the environment
    /// while none of them does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lock: Option<EnvironmentLock>,
    /// Since when it is the turn of the first who waits: while somebody waits and nobody holds the
    /// environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turn_since: Option<Timestamp>,
    /// The last deployment that succeeded, of each sub-project and region.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub succeeded: Vec<Succeeded>,
    /// When the last deployment ended. Clocks differ, and times on record still say what came first:
    /// no deployment begins before the one that was there ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// What the last beginning, entry or end wrote beside the queue, by ref: the objects, as
    /// hexadecimal digits. A listing that shows others was made while it was written, or somebody
    /// moved them since.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub beside: BTreeMap<RefName, String>,
}

/// The last deployment of a sub-project and region that succeeded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Succeeded {
    /// The sub-project.
    pub sub_project_path: SubProjectPath,
    /// The region, where only one was meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<RegionName>,
    /// The deployment.
    pub deployment_id: DeploymentId,
}

/// A deployment that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Which.
    pub deployment_id: DeploymentId,
    /// Whose.
    pub holder: Actor,
    /// Since when.
    pub queued_at: Timestamp,
    /// How long it may take to begin once it is its turn; after that it is passed over.
    pub lease_seconds: i64,
    /// Why it may not begin yet, where more than its turn is missing; others go first meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_back: Option<HeldBack>,
}

/// The deployment that holds the environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Which.
    pub deployment_id: DeploymentId,
    /// Whose.
    pub holder: Actor,
    /// Since when.
    pub locked_at: Timestamp,
    /// Until when, unless the holder renews it.
    pub lease_until: Timestamp,
    /// How long it holds without a sign of life.
    pub lease_seconds: i64,
}

/// A deployment that wants the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimant {
    /// Which.
    pub deployment_id: DeploymentId,
    /// Whose.
    pub holder: Actor,
    /// How long it holds without a sign of life.
    pub lease_seconds: i64,
}

/// Who gave no sign of life for longer than they promised.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lapses {
    /// Whether the holder is one of them.
    pub holder: bool,
    /// How many at the head of those who wait.
    pub waiting: usize,
}

/// A queue after somebody claimed the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The queue.
    pub queue: QueueRecord,
    /// The holder whose lease had run out and who was put aside.
    pub superseded: Option<Claim>,
    /// The lock that was put aside with it, or by itself.
    pub unlocked: Option<EnvironmentLock>,
    /// Those at the head who did not begin when it was their turn.
    pub passed_over: Vec<Waiting>,
}

impl Claim {
    /// Whether the lease has run out, by the clock of whoever wrote it.
    #[must_use]
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.lease_until <= now
    }

    /// When the lease has run out by clocks that differ by less than a lease and show whole seconds. It is
    /// for messages and for when to begin to watch, and no proof: a clock may be wrong by a day, and a
    /// holder is dead when somebody saw no sign of life of it for a whole lease
    /// ([`turn`](super::turn)).
    #[must_use]
    pub fn surely_over(&self) -> Timestamp {
        surely_over(self.lease_until, self.lease_seconds)
    }
}

impl Succeeded {
    fn is_of(&self, project: &SubProjectPath, region: Option<&RegionName>) -> bool {
        self.sub_project_path == *project && self.region.as_ref() == region
    }
}

impl QueueRecord {
    /// The empty queue of an environment.
    #[must_use]
    pub const fn new(environment: EnvironmentName) -> Self {
        Self {
            environment,
            sub_project_path: None,
            sub_projects: None,
            waiting: Vec::new(),
            current: None,
            lock: None,
            turn_since: None,
            succeeded: Vec::new(),
            ended_at: None,
            beside: BTreeMap::new(),
        }
    }

    /// Who holds the environment, as far as a glance at the clock tells.
    #[must_use]
    pub fn holder(&self, now: Timestamp) -> Option<Holding<'_>> {
        self.holding().filter(|holding| holding.surely_over() > now)
    }

    /// The place of a waiting deployment, from 1.
    #[must_use]
    pub fn position(&self, id: &DeploymentId) -> Option<usize> {
        self.waiting.iter().position(|waiting| waiting.deployment_id == *id).map(|index| index + 1)
    }

    /// How long the first who waits may take to begin, where it is its turn.
    #[must_use]
    pub fn turn(&self) -> Option<Duration> {
        let first = self.in_turn().next().filter(|_| !self.is_held())?;
        u64::try_from(first.lease_seconds).ok().map(Duration::from_secs)
    }

    /// For how long the holder may take to renew its lease before whoever is new, where it should have done so by
    /// now, as far as clocks tell, and has to win that from a crowd.
    #[must_use]
    pub fn renewal(&self, now: Timestamp) -> Option<Duration> {
        let Holding { lease_until, lease_seconds, .. } =
            self.holding().filter(|_| self.waiting.len() >= CROWD)?;
        let left = lease_until.seconds_since(now);
        let is_due = (-lease_seconds..=lease_seconds / 2).contains(&left);
        let lease = u64::try_from(lease_seconds).ok().filter(|_| is_due)?;
        Some(Duration::from_secs(lease) / 2)
    }

    /// Whether the lease of the holder has run out, as far as clocks tell ([`Claim::surely_over`]).
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.holding().is_some_and(|holding| holding.surely_over() <= now)
    }

    /// How many at the head let their turns pass, when the first turn began so many seconds ago.
    #[must_use]
    pub fn overdue(&self, seconds: i64) -> usize {
        let mut left = seconds;
        let late = |waiting: &&Waiting| {
            left = left.saturating_sub(waiting.lease_seconds);
            left >= 0
        };
        self.in_turn().take_while(late).count()
    }

    /// Whether nobody is left who holds the environment or waits for it, as far as clocks tell that
    /// differ by less than so many seconds. It is no proof: somebody's clock may be wrong by a day, and
    /// since when it has been somebody's turn was written before it was.
    #[must_use]
    pub fn is_abandoned(&self, now: Timestamp, seconds: i64) -> bool {
        let turn = match self.holding() {
            Some(holding) => Some(holding.surely_over()),
            None => self.turn_since.map(|since| since.plus_seconds(seconds)),
        };
        let past = turn.map_or(0, |turn| now.seconds_since(turn));
        let waiting = self.in_turn().count();
        (waiting > 0 || self.is_over(now)) && self.overdue(past) == waiting
    }

    /// The queue with one more deployment at its end (QUE006); one that waits already keeps its
    /// place.
    #[must_use]
    pub fn enqueue(mut self, claimant: Claimant, now: Timestamp) -> Self {
        let Claimant { deployment_id, holder, lease_seconds } = claimant;
        if self.position(&deployment_id).is_none() {
            let (queued_at, held_back) = (now, None);
            self.waiting.push(Waiting {
                deployment_id,
                holder,
                queued_at,
                lease_seconds,
                held_back,
            });
        }
        self.turned(now)
    }

    /// The queue without this waiting deployment.
    #[must_use]
    pub fn without(mut self, id: &DeploymentId, now: Timestamp) -> Self {
        if self.in_turn().next().is_some_and(|first| first.deployment_id == *id) {
            self.turn_since = None;
        }
        self.waiting.retain(|waiting| waiting.deployment_id != *id);
        self.turned(now)
    }

    /// The environment held by this deployment from now on. Who lapsed is put aside or passed over.
    ///
    /// # Errors
    /// BUS001 while another deployment holds the environment, QUE007 while another one has waited
    /// longer.
    pub fn claim(
        self,
        claimant: Claimant,
        now: Timestamp,
        lapses: Lapses,
    ) -> Result<Claimed, Violation> {
        self.claim_under(None, claimant, now, lapses)
    }

    /// As [`Self::claim`], under a lock: where it holds the environment already, nobody of another process comes
    /// first, and `ahead` counts those of its own process who do; else it comes with the claim.
    ///
    /// # Errors
    /// As there.
    pub fn claim_under(
        mut self,
        lock: Option<(Locking, usize)>,
        claimant: Claimant,
        now: Timestamp,
        lapses: Lapses,
    ) -> Result<Claimed, Violation> {
        if let Some(fault) = self.is_of_parts() {
            return Err(fault);
        }
        let is_under = lock.as_ref().is_some_and(|(it, _)| self.is_locked_by(&it.lock_id));
        let Claimant { deployment_id, holder, lease_seconds } = claimant;
        let theirs = |claim: &&Claim| claim.deployment_id != deployment_id;
        if let Some(current) = self.current.as_ref().filter(theirs).filter(|_| !lapses.holder) {
            return Err(busy(&self, current));
        }
        if let Some(lock) = self.lock.as_ref().filter(|_| !is_under && !lapses.holder) {
            return Err(locked(&self, lock));
        }
        let ahead = if is_under { 0 } else { self.ahead(&deployment_id) };
        if ahead > lapses.waiting {
            return Err(not_first(&self, lapses.waiting));
        }
        if is_under && lock.as_ref().is_some_and(|(_, ahead)| *ahead > 0) {
            return Err(not_first(&self, 0));
        }
        let unlocked = self.lock.take_if(|_| !is_under);
        self.lock_goes_on(now, false);
        if let Some((locking, _)) = lock.filter(|_| !is_under) {
            self.lock = Some(EnvironmentLock::new(locking, holder.clone(), now, lease_seconds));
        }
        let superseded = self.current.take().filter(|claim| claim.deployment_id != deployment_id);
        let passed_over: Vec<Waiting> = self.in_turn().take(ahead).cloned().collect();
        let is_missed = |id: &DeploymentId| passed_over.iter().any(|it| it.deployment_id == *id);
        self.waiting.retain(|waiting| {
            waiting.deployment_id != deployment_id && !is_missed(&waiting.deployment_id)
        });
        let lease_until = now.plus_seconds(lease_seconds);
        let claim = Claim { deployment_id, holder, locked_at: now, lease_until, lease_seconds };
        (self.current, self.turn_since) = (Some(claim), None);
        Ok(Claimed { queue: self, superseded, unlocked, passed_over })
    }

    /// The lease of this deployment, from now on once more.
    ///
    /// # Errors
    /// BUS001 when it does not hold the environment any more.
    pub fn renew(mut self, id: &DeploymentId, now: Timestamp) -> Result<Self, Violation> {
        match self.current.as_mut().filter(|claim| claim.deployment_id == *id) {
            Some(claim) => claim.lease_until = now.plus_seconds(claim.lease_seconds),
            None => return Err(lost(RuleId::BUS001, &self, id)),
        }
        self.lock_goes_on(now, false);
        Ok(self)
    }

    /// The environment free again after this deployment (QUE008), or held by its lock alone.
    ///
    /// # Errors
    /// QUE008 when it does not hold the environment any more.
    pub fn release(mut self, id: &DeploymentId, now: Timestamp) -> Result<Self, Violation> {
        if self.current.as_ref().is_none_or(|claim| claim.deployment_id != *id) {
            return Err(lost(RuleId::QUE008, &self, id));
        }
        self.current = None;
        self.lock_goes_on(now, true);
        Ok(self.turned(now))
    }

    /// The last deployment of this sub-project and region that succeeded, where one is noted.
    #[must_use]
    pub fn last_success(
        &self,
        project: &SubProjectPath,
        region: Option<&RegionName>,
    ) -> Option<&DeploymentId> {
        let found = self.succeeded.iter().find(|it| it.is_of(project, region));
        found.map(|it| &it.deployment_id)
    }

    /// The last deployments of this sub-project that succeeded, one for each region, in the order in
    /// which they did.
    pub fn successes_of(&self, project: &SubProjectPath) -> impl Iterator<Item = &DeploymentId> {
        let of_project = |it: &&Succeeded| it.sub_project_path == *project;
        self.succeeded.iter().filter(of_project).map(|it| &it.deployment_id)
    }

    /// The queue after the end of this deployment.
    #[must_use]
    pub fn after(mut self, ended: &Deployment) -> Self {
        self.ended_at = self.ended_at.max(ended.progress.completed_at());
        if ended.status() == Status::Succeeded {
            let (project, region) = (ended.version.sub_project_path(), ended.region.as_ref());
            self.succeeded.retain(|it| !it.is_of(project, region));
            self.succeeded.push(Succeeded {
                sub_project_path: project.clone(),
                region: region.cloned(),
                deployment_id: ended.id.clone(),
            });
        }
        self
    }

    /// The queue as it is written together with these objects.
    #[must_use]
    pub fn written_beside(mut self, others: impl IntoIterator<Item = (RefName, String)>) -> Self {
        self.beside = others.into_iter().collect();
        self
    }

    /// Whether a listing shows all that the last change wrote beside the queue. To readers, a remote may
    /// show the refs of one transaction one by one.
    #[must_use]
    pub fn is_shown_whole(&self, object_of: impl Fn(&RefName) -> Option<String>) -> bool {
        self.beside.iter().all(|(name, object)| object_of(name).as_ref() == Some(object))
    }

    /// The time by this clock, but always after the last deployment ended: what a clock that is ahead once wrote,
    /// would else count as newest until all others have caught up with it.
    #[must_use]
    pub fn begins_at(&self, now: Timestamp) -> Timestamp {
        self.ended_at.map_or(now, |ended| ended.plus_seconds(1).max(now))
    }

    /// Notes since when it is the turn of the first who waits.
    pub(super) fn turned(mut self, now: Timestamp) -> Self {
        let somebodys = !self.is_held() && self.in_turn().next().is_some();
        self.turn_since = if somebodys { self.turn_since.or(Some(now)) } else { None };
        self
    }
}

fn busy(queue: &QueueRecord, claim: &Claim) -> Violation {
    let (scope, lock) = (queue.scope(), queue.lock.as_ref());
    let under = lock.map(|it| format!(" under the lock `{}`", it.lock_id)).unwrap_or_default();
    let Claim { deployment_id, holder, locked_at, lease_until, .. } = claim;
    Violation::new(
        RuleId::BUS001,
        format!(
            "{scope} held by `{deployment_id}` of {holder}{under} since {locked_at}, \
             with a lease until {lease_until}"
        ),
        "an environment without a deployment in progress",
        format!(
            "Try again when it is done, or wait for it; whoever sees no sign of life of its holder for \
             {} s takes its place.",
            claim.lease_seconds
        ),
    )
}

fn not_first(queue: &QueueRecord, lapsed: usize) -> Violation {
    let first = match queue.in_turn().nth(lapsed) {
        Some(Waiting { deployment_id, holder, queued_at, .. }) => {
            format!("`{deployment_id}` of {holder}, waiting since {queued_at},")
        }
        None => "another deployment".to_owned(),
    };
    Violation::new(
        RuleId::QUE007,
        format!("{first} before this one in the queue of {}", queue.scope()),
        "this deployment at the head of the queue",
        "Wait for the deployments ahead of it, with `on_busy = \"wait\"`.",
    )
}

fn lost(rule: RuleId, queue: &QueueRecord, id: &DeploymentId) -> Violation {
    let found = match &queue.current {
        Some(claim) => format!("{} held by `{}`", queue.scope(), claim.deployment_id),
        None => format!("{} held by nobody", queue.scope()),
    };
    let expected = format!("it to be held by {}", quoted(id.as_str()));
    let next = "Look at the environment before deploying again: the lease ran out, and another deployment took over.";
    Violation::new(rule, found, expected, next)
}
