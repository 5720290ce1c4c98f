//! What the ledger says of one environment, kept beside it from commit to commit, with what the ledger
//! does not say: when things really happened.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use pipeline_core::queue::{Claim, EnvironmentLock, LockId, QueueRecord, Waiting};
use pipeline_core::{
    CommitSha, Deployment, DeploymentId, Status, SubProjectPath, TagName, Version,
};
use tokio::time::Instant;

use crate::approvals::Approvals;

/// An environment as the ledger has it.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) queue: QueueRecord,
    pub(crate) records: BTreeMap<DeploymentId, Deployment>,
    pub(crate) tags: BTreeMap<TagName, CommitSha>,
    /// The successes of each sub-project that were not taken back, in their order.
    pub(crate) good: BTreeMap<SubProjectPath, Vec<DeploymentId>>,
    /// When the holder made its last sign of life that arrived.
    pub(crate) sign: Option<Instant>,
    /// Since when somebody may take it, unless it is held.
    open_since: Instant,
    /// When it was taken last.
    pub(crate) taken: Option<Instant>,
    /// Who gave it back and when, as long as the queue has been as it was left then.
    pub(crate) freed: Option<(DeploymentId, Instant)>,
    /// When those that were held back became some of the others again.
    pub(crate) let_go: BTreeMap<DeploymentId, Instant>,
    /// The locks that held it, now or before, and how many of them were put aside.
    pub(crate) locks: BTreeSet<LockId>,
    pub(crate) locks_aside: usize,
    /// When a person last changed a tag.
    pub(crate) meddled: Option<Instant>,
    /// Whether a newer version that enters supersedes older ones that wait.
    pub(crate) supersedes: bool,
    /// From when to when nobody begins, in seconds, by the clock of whoever would.
    pub(crate) freezes: Vec<(i64, i64)>,
    /// What is approved, where that is asked for.
    pub(crate) approvals: Option<Approvals>,
    turns: Turns,
}

/// Whose turn it is, by the true time.
#[derive(Debug, Default)]
struct Turns {
    /// Whether they are followed yet in this vacancy.
    begun: bool,
    /// Those at the head who let theirs pass.
    missed: Vec<DeploymentId>,
    /// The next one, and since when it has been its turn.
    next: Option<(DeploymentId, Instant)>,
}

/// A commit that happened.
#[derive(Debug)]
pub(crate) struct Commit {
    pub(crate) by: DeploymentId,
    pub(crate) at: Instant,
    /// The queue as it is now, where it was changed, and when the first word of that was written down.
    pub(crate) queue: Option<(QueueRecord, Instant)>,
    pub(crate) records: Vec<Deployment>,
    pub(crate) tags: BTreeMap<TagName, Option<CommitSha>>,
}

/// What a commit did to the queue.
#[derive(Debug, PartialEq)]
pub(crate) enum Move<'a> {
    /// Nothing.
    Nothing,
    /// A deployment went to the end of those who wait.
    Enters {
        /// Those who waited and do not any more.
        gone: Vec<&'a Waiting>,
    },
    /// One that waited went away.
    Leaves,
    /// One took the environment.
    Claims {
        /// The holder that was put aside.
        superseded: Option<&'a Claim>,
        /// The lock that was put aside.
        unlocked: Option<&'a EnvironmentLock>,
        /// Those before it who were passed over.
        passed: Vec<&'a Waiting>,
        /// Those who might not begin yet, and were found dead.
        lost: Vec<&'a Waiting>,
    },
    /// One that waits may not begin yet, or may again.
    Holds,
    /// The holder goes on.
    Renews,
    /// The holder is done.
    Releases,
    /// The lock goes on, between two deployments or beside one.
    Keeps,
    /// The lock is given back.
    Unlocks,
    /// Something that no deployment should do.
    Odd,
}

impl Place {
    pub(crate) fn new(queue: QueueRecord) -> Self {
        let now = Instant::now();
        Self {
            queue,
            records: BTreeMap::new(),
            tags: BTreeMap::new(),
            good: BTreeMap::new(),
            sign: None,
            open_since: now,
            taken: None,
            freed: None,
            let_go: BTreeMap::new(),
            locks: BTreeSet::new(),
            locks_aside: 0,
            meddled: None,
            supersedes: false,
            freezes: Vec::new(),
            approvals: None,
            turns: Turns::default(),
        }
    }

    pub(crate) fn status(&self, id: &DeploymentId) -> Option<Status> {
        self.records.get(id).map(Deployment::status)
    }

    /// Whether a version ran there before.
    pub(crate) fn ran(&self, version: &Version) -> bool {
        let ended = [Status::Succeeded, Status::RolledBack];
        self.records.values().any(|it| it.version == *version && ended.contains(&it.status()))
    }

    pub(crate) fn holder(&self) -> Option<&DeploymentId> {
        holder_of(&self.queue)
    }

    /// Until when the holder's lease runs, by the true time.
    pub(crate) fn lease_end(&self) -> Option<Instant> {
        Some(self.sign? + promise(self.queue.holding()?.lease_seconds))
    }

    /// Since when nobody who is alive holds it, by the true time; `None` while somebody may.
    pub(crate) fn is_open_since(&self, now: Instant) -> Option<Instant> {
        match self.lease_end() {
            Some(end) => (end <= now).then_some(end),
            None => Some(self.open_since),
        }
    }

    /// Who of those at the head let their turns pass by now.
    pub(crate) fn missed(&mut self, now: Instant) -> &[DeploymentId] {
        match self.is_open_since(now) {
            Some(open) => self.turns.follow(&self.queue, open, now),
            None => self.turns = Turns::default(),
        }
        &self.turns.missed
    }

    /// What a commit did to the queue.
    pub(crate) fn moved(&self, commit: &Commit) -> Move<'_> {
        let Some((after, _)) = &commit.queue else { return Move::Nothing };
        let (before, by) = (&self.queue, &commit.by);
        let same = waits(before).eq(waits(after));
        let held = holds(before, by);
        let (was, is) = (lock_of(before), lock_of(after));
        let by_another = !held && !holds(after, by) && before.lock != after.lock;
        if by_another || (held && is.is_some() && was != is) {
            let kept = same && before.current == after.current && was.is_some();
            return match is {
                None if kept => Move::Unlocks,
                Some(_) if kept && was == is => Move::Keeps,
                _ => Move::Odd,
            };
        }
        match (held, holds(after, by)) {
            (true, true) if same => Move::Renews,
            (true, false) if same && after.current.is_none() => Move::Releases,
            (false, true) => self.claimed(after, by),
            (false, false) if before.current == after.current => {
                let gone = gone(before, after, by);
                let stay = waits(before).filter(|id| after.position(id).is_some());
                if same && before.position(by).is_some() {
                    Move::Holds
                } else if stay.chain([by]).eq(waits(after)) {
                    Move::Enters { gone }
                } else if before.position(by).is_some()
                    && waits(before).filter(|id| *id != by).eq(waits(after))
                {
                    Move::Leaves
                } else {
                    Move::Odd
                }
            }
            _ => Move::Odd,
        }
    }

    fn claimed(&self, after: &QueueRecord, by: &DeploymentId) -> Move<'_> {
        let before = &self.queue;
        let unlocked = before.lock.as_ref().filter(|it| lock_of(after) != Some(&it.lock_id));
        // Under its lock nobody of another process comes first.
        let is_under = before.lock.is_some() && unlocked.is_none();
        let ahead = if is_under { 0 } else { before.ahead(by) };
        let passed: Vec<&Waiting> = before.in_turn().take(ahead).collect();
        let mut lost = gone(before, after, by);
        lost.retain(|it| !passed.contains(it));
        let is_gone = |id: &DeploymentId| {
            id == by || passed.iter().chain(&lost).any(|it| it.deployment_id == *id)
        };
        if !waits(before).filter(|id| !is_gone(id)).eq(waits(after)) {
            return Move::Odd;
        }
        Move::Claims { superseded: before.current.as_ref(), unlocked, passed, lost }
    }

    /// Takes a commit in.
    pub(crate) fn follow(&mut self, commit: Commit) {
        let moved = self.moved(&commit);
        let released = moved == Move::Releases;
        let is_aside = matches!(moved, Move::Claims { unlocked: Some(_), .. });
        self.locks_aside += usize::from(is_aside);
        let Commit { by, at, queue, records, tags } = commit;
        self.missed(at);
        if let Some((queue, written)) = queue {
            self.freed = released.then_some((by, at));
            if !queue.is_held() && self.queue.is_held() {
                // Whoever comes next may have begun when the lease was over.
                self.open_since = self.lease_end().map_or(at, |end| end.min(at));
            }
            if queue.current.is_some() && holder_of(&queue) != holder_of(&self.queue) {
                self.taken = Some(at);
            }
            // Beside a deployment at work, what happens to the lock is no sign of life.
            let idle = queue.current.is_none() && queue.lock != self.queue.lock;
            if queue.current != self.queue.current || idle {
                self.sign = queue.is_held().then_some(written);
            }
            self.locks.extend(lock_of(&queue).cloned());
            let held = |id: &DeploymentId| {
                self.queue
                    .waiting
                    .iter()
                    .any(|it| it.deployment_id == *id && it.held_back.is_some())
            };
            let let_go = queue.in_turn().map(|it| &it.deployment_id).filter(|id| held(id));
            self.let_go.extend(let_go.map(|id| (id.clone(), at)).collect::<Vec<_>>());
            self.queue = queue;
            self.missed(at);
        }
        for record in records {
            self.follow_record(record);
        }
        for (tag, stands) in tags {
            self.put_tag(tag, stands);
        }
    }

    fn follow_record(&mut self, record: Deployment) {
        let good = self.good.entry(record.version.sub_project_path().clone()).or_default();
        match record.status() {
            Status::Succeeded => good.push(record.id.clone()),
            Status::RolledBack => good.retain(|id| *id != record.id),
            _ => {}
        }
        self.records.insert(record.id.clone(), record);
    }

    /// Puts a tag where it stands now.
    pub(crate) fn put_tag(&mut self, tag: TagName, stands: Option<CommitSha>) {
        match stands {
            Some(commit) => self.tags.insert(tag, commit),
            None => self.tags.remove(&tag),
        };
    }
}

impl Turns {
    fn follow(&mut self, queue: &QueueRecord, open: Instant, now: Instant) {
        // Who came back to the head has a turn of its own, and those behind it another one after that.
        let missed = |it: &&Waiting| self.missed.contains(&it.deployment_id);
        let before = queue.in_turn().take_while(missed);
        self.missed = before.map(|it| it.deployment_id.clone()).collect();
        let waiting = queue.in_turn().nth(self.missed.len());
        let mut since = match (self.next.take(), waiting) {
            (Some((id, since)), Some(waiting)) if id == waiting.deployment_id => since,
            // Who waited when it opened has had its turn since then.
            _ if !self.begun => open,
            _ => now,
        };
        self.begun = true;
        for waiting in queue.in_turn().skip(self.missed.len()) {
            let over = since + promise(waiting.lease_seconds);
            if now < over {
                self.next = Some((waiting.deployment_id.clone(), since));
                return;
            }
            self.missed.push(waiting.deployment_id.clone());
            since = over;
        }
    }
}

/// A time that records have in seconds.
pub(crate) fn promise(seconds: i64) -> Duration {
    Duration::from_secs(seconds.unsigned_abs())
}

pub(crate) fn waits(queue: &QueueRecord) -> impl Iterator<Item = &DeploymentId> {
    queue.waiting.iter().map(|waiting| &waiting.deployment_id)
}

/// Those who wait in the one queue and not in the other, but for this one.
fn gone<'a>(before: &'a QueueRecord, after: &QueueRecord, by: &DeploymentId) -> Vec<&'a Waiting> {
    let is_gone =
        |it: &&Waiting| it.deployment_id != *by && after.position(&it.deployment_id).is_none();
    before.waiting.iter().filter(is_gone).collect()
}

fn holds(queue: &QueueRecord, id: &DeploymentId) -> bool {
    queue.current.as_ref().is_some_and(|claim| claim.deployment_id == *id)
}

/// The lock that holds it, or held it before a deployment.
pub(crate) fn lock_of(queue: &QueueRecord) -> Option<&LockId> {
    queue.lock.as_ref().map(|lock| &lock.lock_id)
}

fn holder_of(queue: &QueueRecord) -> Option<&DeploymentId> {
    queue.current.as_ref().map(|claim| &claim.deployment_id)
}
