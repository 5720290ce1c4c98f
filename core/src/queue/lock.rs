//! A lock: an environment that is held for several deployments of one process, one after the other.
//!
//! It comes with the claim of the first of them, so whoever wants it waits in the same queue as everybody. Until
//! it is given back only deployments under it begin, whoever else waits. It is the holder while none of
//! them is at work: it has a lease of its own, and who sees no sign of life of it puts it aside as it would
//! a deployment.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::QueueRecord;
use crate::base::id::stamp;
use crate::base::secrecy::{recorded_secret, url_secret};
use crate::base::violation::{Violation, Violations, quoted};
use crate::{Actor, DeploymentId, EnvironmentName, RuleId, Timestamp};

/// The ID of a lock, such as `lock-20251121-103045-abc123`. IDs sort by the time at which they were drawn.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LockId(String);

/// A lock as somebody asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locking {
    /// Which.
    pub lock_id: LockId,
    /// Why, in words.
    pub reason: Option<String>,
}

/// An environment that is held for all deployments of one process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentLock {
    /// Which.
    pub lock_id: LockId,
    /// Whose.
    pub holder: Actor,
    /// Why, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Since when.
    pub locked_at: Timestamp,
    /// Until when, unless it is renewed.
    pub lease_until: Timestamp,
    /// How long it holds without a sign of life.
    pub lease_seconds: i64,
    /// How many deployments ended under it. It tells one pause between two of them from another, whatever the
    /// clock of their process says.
    pub deployments: u32,
}

/// What holds an environment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum HeldBy {
    /// A deployment at work.
    Deployment(DeploymentId),
    /// A lock between two deployments.
    Lock(LockId),
}

/// Who holds an environment, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding<'a> {
    /// What.
    pub by: HeldBy,
    /// Whose.
    pub holder: &'a Actor,
    /// Since when.
    pub since: Timestamp,
    /// Until when, by the clock of who holds it.
    pub lease_until: Timestamp,
    /// How long without a sign of life.
    pub lease_seconds: i64,
    /// As [`EnvironmentLock::deployments`].
    pub(super) deployments: u32,
}

impl Locking {
    /// OWN046, for a reason with a secret: everybody who waits reads it.
    #[must_use]
    pub fn check_reason(reason: &str) -> Option<Violation> {
        url_secret(reason).map(|what| recorded_secret(what).under("reason"))
    }
}

impl LockId {
    /// The ID of a lock that is asked for at this moment, told from others by these random bytes.
    ///
    /// # Errors
    /// When the clock is outside the calendar.
    pub fn draw(now: jiff::Timestamp, random: [u8; 16]) -> Result<Self, Violations> {
        let like = DeploymentId::draw(now, random)?;
        format!("lock-{}", like.as_str().trim_start_matches("deploy-")).parse()
    }

    /// The ID.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for LockId {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        if stamp(text, "lock-").is_some() {
            return Ok(Self(text.to_owned()));
        }
        let expected = "`lock-YYYYMMDD-HHMMSS-xxxxxx` with a real date and time and six lower-case letters or digits";
        let next = "Copy the ID from the queue, such as `lock-20251121-103045-abc123`.";
        Err(Violation::new(RuleId::GLB002, quoted(text), expected, next).into())
    }
}

impl fmt::Display for LockId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

text_serde!(LockId);

impl fmt::Display for HeldBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deployment(id) => id.fmt(f),
            Self::Lock(id) => id.fmt(f),
        }
    }
}

impl Holding<'_> {
    /// As [`Claim::surely_over`](super::Claim::surely_over).
    #[must_use]
    pub fn surely_over(&self) -> Timestamp {
        surely_over(self.lease_until, self.lease_seconds)
    }
}

/// When a lease has run out by clocks that differ by less than a lease and show whole seconds.
pub(super) fn surely_over(until: Timestamp, seconds: i64) -> Timestamp {
    until.plus_seconds(seconds.saturating_add(1))
}

impl EnvironmentLock {
    /// A lock that begins now.
    pub(super) fn new(
        Locking { lock_id, reason }: Locking,
        holder: Actor,
        now: Timestamp,
        seconds: i64,
    ) -> Self {
        let lease_until = now.plus_seconds(seconds);
        Self {
            lock_id,
            holder,
            reason,
            locked_at: now,
            lease_until,
            lease_seconds: seconds,
            deployments: 0,
        }
    }

    fn renewed(&mut self, now: Timestamp) {
        self.lease_until = now.plus_seconds(self.lease_seconds);
    }
}

impl QueueRecord {
    /// Who holds the environment: the deployment at work, or the lock between two of them.
    #[must_use]
    pub fn holding(&self) -> Option<Holding<'_>> {
        let at_work = self.current.as_ref().map(|claim| Holding {
            by: HeldBy::Deployment(claim.deployment_id.clone()),
            holder: &claim.holder,
            since: claim.locked_at,
            lease_until: claim.lease_until,
            lease_seconds: claim.lease_seconds,
            deployments: 0,
        });
        at_work.or_else(|| self.lock.as_ref().map(EnvironmentLock::holding))
    }

    /// Whether somebody holds the environment, alive or dead.
    #[must_use]
    pub const fn is_held(&self) -> bool {
        self.current.is_some() || self.lock.is_some()
    }

    /// Whether this lock holds the environment.
    #[must_use]
    pub fn is_locked_by(&self, id: &LockId) -> bool {
        self.lock.as_ref().is_some_and(|lock| lock.lock_id == *id)
    }

    /// The lease of this lock, from now on once more.
    ///
    /// # Errors
    /// BUS003 when it does not hold the environment any more.
    pub fn renew_lock(mut self, id: &LockId, now: Timestamp) -> Result<Self, Violation> {
        match self.lock.as_mut().filter(|lock| lock.lock_id == *id) {
            Some(lock) => lock.renewed(now),
            None => return Err(lock_lost(Some(&self), id)),
        }
        Ok(self)
    }

    /// The environment without this lock, and free where none of its deployments is at work.
    ///
    /// # Errors
    /// BUS003 when it does not hold the environment any more.
    pub fn unlock(mut self, id: &LockId, now: Timestamp) -> Result<Self, Violation> {
        if !self.is_locked_by(id) {
            return Err(lock_lost(Some(&self), id));
        }
        self.lock = None;
        Ok(self.turned(now))
    }

    /// The queue after one more sign of life of a deployment under a lock, or after its end.
    pub(super) fn lock_goes_on(&mut self, now: Timestamp, ended: bool) {
        if let Some(lock) = &mut self.lock {
            lock.renewed(now);
            lock.deployments = lock.deployments.saturating_add(ended.into());
        }
    }
}

impl EnvironmentLock {
    fn holding(&self) -> Holding<'_> {
        Holding {
            by: HeldBy::Lock(self.lock_id.clone()),
            holder: &self.holder,
            since: self.locked_at,
            lease_until: self.lease_until,
            lease_seconds: self.lease_seconds,
            deployments: self.deployments,
        }
    }
}

/// BUS001, for who wants an environment that a lock holds.
pub(super) fn locked(queue: &QueueRecord, lock: &EnvironmentLock) -> Violation {
    let EnvironmentLock { lock_id, holder, reason, locked_at, lease_until, lease_seconds, .. } =
        lock;
    let why = reason.as_ref().map(|it| format!(" ({})", quoted(it))).unwrap_or_default();
    Violation::new(
        RuleId::BUS001,
        format!(
            "{} held by the lock `{lock_id}` of {holder}{why} since {locked_at}, with a lease until {lease_until}",
            queue.scope()
        ),
        "an environment that nobody holds",
        format!(
            "Try again when that run is done, or wait for it; whoever sees no sign of life of its holder for \
             {lease_seconds} s takes its place."
        ),
    )
}

/// BUS003, for who finds that a lock which held the environment does not any more.
pub(crate) fn lock_lost(queue: Option<&QueueRecord>, id: &LockId) -> Violation {
    let found = match queue.map(|queue| (queue.scope(), queue.holding())) {
        Some((scope, Some(holding))) => {
            format!("{scope} held by `{}` of {}", holding.by, holding.holder)
        }
        Some((scope, None)) => format!("{scope} held by nobody"),
        None => "no queue".to_owned(),
    };
    Violation::new(
        RuleId::BUS003,
        found,
        format!("it to be held by the lock `{id}`"),
        "Look at what others deployed meanwhile, and apply again: the lease of the lock ran out, and the environment \
         was free for others.",
    )
}

/// BUS004, for a lock of an environment whose sub-projects have queues of their own.
pub(crate) fn many_queues(environment: &EnvironmentName) -> Violation {
    Violation::new(
        RuleId::BUS004,
        format!("the policy `concurrency = \"sub_project\"` of `{environment}`"),
        "an environment with one queue, because a lock takes its turn in it",
        "Remove the lock, or register the environment with `concurrency = \"environment\"`.",
    )
    .under("environment")
}
