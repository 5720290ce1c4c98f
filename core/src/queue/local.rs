//! What the deployments of one process know of one queue together, and what each of them does next.
//!
//! Each look at the queue and each change of it that one of them makes is known to all. So nobody has to
//! look for a neighbour, a deployment of the same process that comes first: it tells. Pure: reading
//! and writing the queue, clocks and waking up are somebody else's.
//!
//! Times are durations since the process began to watch, from a clock that only runs forward.

use std::collections::BTreeMap;
use std::time::Duration;

use super::turn::Sightings;
use super::{Lapses, LockId, Locking, QueueRecord};
use crate::DeploymentId;

/// A queue as one process knows it. `V` tells one writing of it from another.
///
/// Who has lapsed is judged for each deployment by what was seen since it entered: those ahead have seen
/// as much. By older sightings of its neighbours it could pass over somebody who lives and cannot know
/// yet that it is its turn.
#[derive(Debug, Clone)]
pub struct LocalQueue<V> {
    newest: Option<(V, QueueRecord)>,
    /// How often something new was learnt.
    learnt: u64,
    /// When the last look was asked for that showed the newest.
    asked: Duration,
    /// The deployments of this process, from before they enter until they have ended, and what was seen
    /// since they began to watch.
    members: BTreeMap<DeploymentId, Option<Watch>>,
    /// Whether one of this process may have written something newer without knowing it.
    in_doubt: bool,
    /// The lock under which the deployments of this process go, where one was opened.
    lock: Option<OwnLock<V>>,
}

/// A lock that this process opened.
#[derive(Debug, Clone)]
struct OwnLock<V> {
    locking: Locking,
    /// How often it was opened and not closed.
    opened: u32,
    /// Whether a claim that brings it was sent.
    asked_for: bool,
    /// Whether it was seen to hold the environment; and what was there before, where we know that. A listing may
    /// show that for a while yet.
    taken: Option<Option<V>>,
}

/// How a lock of this process stands, by what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LockState {
    /// Nothing was changed under it yet.
    Idle,
    /// It holds the environment while no deployment is at work.
    Holds,
    /// A deployment under it is at work and renews its lease.
    AtWork,
    /// It may hold the environment, which a look would tell.
    Unsure,
    /// It held the environment, and does not any more.
    Lost,
}

/// What was seen since one began to watch.
#[derive(Debug, Clone, Default)]
struct Watch {
    sightings: Sightings,
    /// Who has lapsed by the last sighting.
    lapses: Lapses,
}

/// The moment at which a look or a change of the queue began.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    at: Duration,
    learnt: u64,
}

/// What one who waits does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Next {
    /// Take the environment: nobody who is alive comes first.
    Begin,
    /// Sleep until something is learnt: a neighbour comes first.
    Sleep {
        /// The place in the queue.
        position: usize,
        /// When the time of that neighbour is over, unless it gives a sign of life before.
        until: Option<Duration>,
    },
    /// Look at the queue after a pause: somebody else comes first.
    Look {
        /// The place in the queue.
        position: usize,
    },
    /// Look now and then whether it may begin: it waits for more than its turn.
    HeldBack {
        /// The place in the queue.
        position: usize,
    },
    /// It is not in the queue.
    Gone,
}

impl<V> Default for LocalQueue<V> {
    fn default() -> Self {
        Self {
            newest: None,
            learnt: 0,
            asked: Duration::ZERO,
            members: BTreeMap::new(),
            in_doubt: false,
            lock: None,
        }
    }
}

impl<V: PartialEq + Clone> LocalQueue<V> {
    /// The deployments of this process go under a lock from now on: under this one, unless there is one already.
    /// Gives back which.
    pub fn open(&mut self, locking: Locking) -> LockId {
        let new = || OwnLock { locking, opened: 0, asked_for: false, taken: None };
        let lock = self.lock.get_or_insert_with(new);
        lock.opened += 1;
        lock.locking.lock_id.clone()
    }

    /// One who opened this lock closes it. Gives back how it stands where that was the last one; the
    /// deployments of this process go without it from then on.
    pub fn close(&mut self, id: &LockId) -> Option<LockState> {
        let lock = self.lock.as_mut().filter(|it| it.locking.lock_id == *id)?;
        lock.opened = lock.opened.saturating_sub(1);
        if lock.opened > 0 {
            return None;
        }
        let state = self.lock_state(id);
        self.lock = None;
        state
    }

    /// How this lock stands; nothing where it is not opened.
    #[must_use]
    pub fn lock_state(&self, id: &LockId) -> Option<LockState> {
        let lock = self.lock.as_ref().filter(|it| it.locking.lock_id == *id)?;
        let newest = self.newest.as_ref();
        Some(match newest.filter(|(_, queue)| queue.is_locked_by(id)) {
            Some((_, queue)) => self.at_work(queue),
            None => match &lock.taken {
                Some(before) if before.as_ref() != self.version() => LockState::Lost,
                Some(_) => LockState::Unsure,
                None if lock.asked_for => LockState::Unsure,
                None => LockState::Idle,
            },
        })
    }

    /// How the lock that holds this queue stands. What one at work wrote may have arrived without its knowing,
    /// and one that has ended may have left the queue so.
    fn at_work(&self, queue: &QueueRecord) -> LockState {
        match &queue.current {
            None => LockState::Holds,
            Some(claim) if self.in_doubt || !self.members.contains_key(&claim.deployment_id) => {
                LockState::Unsure
            }
            Some(_) => LockState::AtWork,
        }
    }

    /// The lock under which a deployment of this process claims the queue, and how many of them come first where the
    /// lock holds it.
    #[must_use]
    pub fn locking(&self, queue: &QueueRecord, id: &DeploymentId) -> Option<(Locking, usize)> {
        let locking = &self.lock.as_ref()?.locking;
        Some((locking.clone(), self.ours_ahead(queue, id).count()))
    }

    /// The lock that was opened.
    #[must_use]
    pub fn lock_id(&self) -> Option<&LockId> {
        self.lock.as_ref().map(|lock| &lock.locking.lock_id)
    }

    /// A claim that may bring the lock is sent.
    pub fn sends(&mut self, queue: &QueueRecord) {
        if let Some(lock) = &mut self.lock {
            lock.asked_for |= queue.is_locked_by(&lock.locking.lock_id);
        }
    }

    fn see_lock(&mut self, before: Option<Option<&V>>) {
        let (Some(lock), Some((_, queue))) = (&mut self.lock, &self.newest) else { return };
        if lock.taken.is_none() && queue.is_locked_by(&lock.locking.lock_id) {
            lock.taken = Some(before.flatten().cloned());
        }
    }

    /// Those of this process who come first in the queue, as far as they wait for nothing but their turn.
    fn ours_ahead<'a>(
        &'a self,
        queue: &'a QueueRecord,
        id: &DeploymentId,
    ) -> impl Iterator<Item = &'a DeploymentId> {
        let ahead = queue.in_turn().take(queue.ahead(id)).map(|waiting| &waiting.deployment_id);
        ahead.filter(|id| self.members.contains_key(id))
    }

    /// Whether the lock of this process holds the queue.
    fn is_under_lock(&self, queue: &QueueRecord) -> bool {
        self.lock_id().is_some_and(|id| queue.is_locked_by(id))
    }
    /// A deployment of this process is about to enter.
    pub fn join(&mut self, id: DeploymentId) {
        self.members.insert(id, None);
    }

    /// A deployment of this process begins to watch: it is about to enter, or to see whether all who wait
    /// are dead.
    pub fn watch(&mut self, id: &DeploymentId) {
        self.members.insert(id.clone(), Some(Watch::default()));
    }

    /// A deployment of this process has ended, or is not one to rely on any more.
    pub fn part(&mut self, id: &DeploymentId) {
        self.members.remove(id);
    }

    /// A look or a change begins at this moment.
    #[must_use]
    pub const fn ask(&self, at: Duration) -> Asked {
        Asked { at, learnt: self.learnt }
    }

    /// A look showed this queue, or that there is none. Where something else was learnt meanwhile,
    /// nobody can tell which is newer, and the look is passed over.
    pub fn saw(&mut self, asked: Asked, found: Option<(V, &QueueRecord)>, answered: Duration) {
        if asked.learnt == self.learnt {
            self.learn(asked, found, answered);
            self.see_lock(None);
        }
    }

    /// A deployment of this process put this queue in the place of `before`.
    pub fn wrote(
        &mut self,
        asked: Asked,
        before: Option<&V>,
        new: (V, &QueueRecord),
        answered: Duration,
    ) {
        if asked.learnt == self.learnt || self.version() == before {
            self.learn(asked, Some(new), answered);
            self.see_lock(Some(before));
        }
    }

    /// A deployment of this process may have replaced this queue, and cannot tell. Until something newer is
    /// learnt nobody relies on a neighbour: others may see since long what none of them knows, and pass
    /// over whoever sleeps.
    pub fn doubts(&mut self, before: Option<&V>) {
        self.in_doubt |= self.version() == before;
    }

    fn learn(&mut self, asked: Asked, found: Option<(V, &QueueRecord)>, answered: Duration) {
        if self.version() != found.as_ref().map(|(version, _)| version) {
            self.learnt += 1;
            self.in_doubt = false;
        } else if asked.at < self.asked {
            return;
        }
        self.asked = asked.at;
        let Some((version, queue)) = found else {
            self.newest = None;
            self.watches().for_each(|watch| *watch = Watch::default());
            return;
        };
        for watch in self.watches() {
            watch.lapses = watch.sightings.see(queue, asked.at, answered);
        }
        if self.version() != Some(&version) {
            self.newest = Some((version, queue.clone()));
        }
    }

    fn watches(&mut self) -> impl Iterator<Item = &mut Watch> {
        self.members.values_mut().flatten()
    }

    /// The newest writing that is known.
    #[must_use]
    pub fn version(&self) -> Option<&V> {
        self.newest.as_ref().map(|(version, _)| version)
    }

    /// The queue by the newest writing that is known.
    #[must_use]
    pub fn newest(&self) -> Option<&(V, QueueRecord)> {
        self.newest.as_ref()
    }

    /// Who has lapsed in this writing of the queue, by what was seen since this deployment began to watch.
    #[must_use]
    pub fn lapses(&self, id: &DeploymentId, version: Option<&V>) -> Lapses {
        let known = version.is_some() && self.version() == version;
        let watch = self.members.get(id).and_then(Option::as_ref).filter(|_| known);
        watch.map_or_else(Lapses::default, |watch| watch.lapses)
    }

    /// What one who waits does next, at this time.
    #[must_use]
    pub fn next(&self, id: &DeploymentId, now: Duration) -> Next {
        let Some((_, queue)) = &self.newest else { return Next::Gone };
        let Some(position) = queue.position(id) else { return Next::Gone };
        if queue.held_back(id).is_some() {
            return Next::HeldBack { position };
        }
        let Some(Some(watch)) = self.members.get(id) else { return Next::Look { position } };
        let (neighbour, begins) = if self.is_under_lock(queue) {
            let ahead = self.ours_ahead(queue, id).count();
            let is_free = queue.current.is_none() || watch.lapses.holder;
            (self.neighbour_under_lock(queue, ahead, watch), is_free && ahead == 0)
        } else {
            let ahead = queue.ahead(id);
            let begins = watch.is_free(queue) && ahead <= watch.lapses.waiting;
            (self.neighbour_ahead(queue, ahead, watch), begins)
        };
        if begins {
            return Next::Begin;
        }
        match neighbour {
            Some(Neighbour { until })
                if !self.in_doubt && until.is_none_or(|until| now < until) =>
            {
                Next::Sleep { position, until }
            }
            _ => Next::Look { position },
        }
    }

    /// The last of this process among so many that come first. It sees to those before itself; only if it lets its own
    /// time pass, those behind it have to look for themselves.
    fn neighbour_ahead(
        &self,
        queue: &QueueRecord,
        ahead: usize,
        watch: &Watch,
    ) -> Option<Neighbour> {
        let ahead = queue.in_turn().take(ahead).enumerate();
        let is_ours = |id: &DeploymentId| self.members.contains_key(id);
        if let Some((index, _)) = ahead.filter(|(_, it)| is_ours(&it.deployment_id)).last() {
            let its_turn = watch.is_free(queue) && index == watch.lapses.waiting;
            let until = if its_turn { watch.sightings.turn_ends(queue) } else { None };
            return (index >= watch.lapses.waiting).then_some(Neighbour { until });
        }
        self.neighbour_at_work(queue, watch)
    }

    /// Under a lock, those of this process pass one after another, each as soon as the one before has ended.
    fn neighbour_under_lock(
        &self,
        queue: &QueueRecord,
        ahead: usize,
        watch: &Watch,
    ) -> Option<Neighbour> {
        if ahead > 0 {
            return Some(Neighbour { until: None });
        }
        self.neighbour_at_work(queue, watch)
    }

    fn neighbour_at_work(&self, queue: &QueueRecord, watch: &Watch) -> Option<Neighbour> {
        let holder = &queue.current.as_ref()?.deployment_id;
        let relies = self.members.contains_key(holder) && !watch.lapses.holder;
        relies.then(|| Neighbour { until: watch.sightings.holder_lapses(queue) })
    }
}

impl Watch {
    /// Whether nobody who is alive holds the environment.
    const fn is_free(&self, queue: &QueueRecord) -> bool {
        !queue.is_held() || self.lapses.holder
    }
}

/// One of this process that comes first.
struct Neighbour {
    /// When its turn or lease is over, where it has begun.
    until: Option<Duration>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;
    use crate::queue::Claimant;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_seconds(1_760_000_000 + seconds).unwrap()
    }

    fn id(n: u8) -> DeploymentId {
        DeploymentId::new(at(0), &format!("dep{n:03}")).unwrap()
    }

    fn who(n: u8) -> Claimant {
        Claimant { deployment_id: id(n), holder: "ada".parse().unwrap(), lease_seconds: 60 }
    }

    /// The first deployment holds the environment, and these wait.
    fn held(waiting: &[u8]) -> QueueRecord {
        let queue = QueueRecord::new("staging".parse().unwrap());
        let queue = queue.claim(who(1), at(0), Lapses::default()).unwrap().queue;
        waiting.iter().fold(queue, |queue, n| queue.enqueue(who(*n), at(0)))
    }

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// What a process with these deployments knows of a queue that it saw in the beginning.
    fn knows(members: &[u8], queue: &QueueRecord) -> LocalQueue<u32> {
        let mut local = LocalQueue::default();
        members.iter().for_each(|n| local.watch(&id(*n)));
        see(&mut local, 0, 0, queue);
        local
    }

    /// A look without delay, by a clock on the wall that stands still.
    fn see(local: &mut LocalQueue<u32>, seconds: u64, version: u32, queue: &QueueRecord) {
        local.saw(local.ask(s(seconds)), Some((version, queue)), s(seconds));
    }

    #[test]
    fn whoever_has_a_neighbour_ahead_sleeps_and_others_look() {
        let local = knows(&[1, 3, 4], &held(&[2, 3, 4, 5]));
        let sleeps = |position, until| Next::Sleep { position, until };
        assert_eq!(local.next(&id(3), s(0)), sleeps(2, Some(s(60))), "for the holder's lease");
        assert_eq!(local.next(&id(4), s(0)), sleeps(3, None), "the third one sees to its turn");
        assert_eq!(knows(&[3], &held(&[2, 3])).next(&id(3), s(0)), Next::Look { position: 2 });
        assert_eq!(local.next(&id(9), s(0)), Next::Gone);
    }

    #[test]
    fn the_end_of_a_neighbour_is_the_turn_of_the_next() {
        let mut local = knows(&[1, 2, 3], &held(&[2, 3]));
        let asked = local.ask(s(5));
        let free = held(&[2, 3]).release(&id(1), at(5)).unwrap();
        local.wrote(asked, Some(&0), (1, &free), s(5));
        local.part(&id(1));
        assert_eq!(local.next(&id(2), s(5)), Next::Begin);
        let behind = Next::Sleep { position: 2, until: Some(s(65)) };
        assert_eq!(local.next(&id(3), s(5)), behind, "for the turn of the one before");
        assert_eq!(local.next(&id(3), s(65)), Next::Look { position: 2 });
        see(&mut local, 65, 1, &free);
        assert_eq!(local.next(&id(3), s(65)), Next::Begin);
    }

    #[test]
    fn a_neighbour_that_gives_no_sign_of_life_is_looked_for() {
        let mut local = knows(&[1, 2], &held(&[2]));
        assert_eq!(local.next(&id(2), s(60)), Next::Look { position: 1 });
        let renewed = held(&[2]).renew(&id(1), at(20)).unwrap();
        local.wrote(local.ask(s(20)), Some(&0), (1, &renewed), s(20));
        assert_eq!(local.next(&id(2), s(60)), Next::Sleep { position: 1, until: Some(s(80)) });
        see(&mut local, 80, 1, &renewed);
        assert_eq!(local.next(&id(2), s(80)), Next::Begin);
        assert!(local.lapses(&id(2), Some(&1)).holder);
        assert!(!local.lapses(&id(2), Some(&0)).holder, "nothing is said of another writing");
    }

    #[test]
    fn a_neighbour_that_parted_is_no_reason_to_sleep() {
        let mut local = knows(&[1, 2], &held(&[2]));
        local.part(&id(1));
        assert_eq!(local.next(&id(2), s(0)), Next::Look { position: 1 });
    }

    #[test]
    fn a_look_during_which_something_was_learnt_is_passed_over() {
        let mut local = knows(&[1, 2, 3], &held(&[2]));
        let (look, write) = (local.ask(s(1)), local.ask(s(1)));
        local.wrote(write, Some(&0), (1, &held(&[2, 3])), s(2));
        local.saw(look, Some((0, &held(&[2]))), s(3));
        assert_eq!(local.version(), Some(&1));
        let late = local.ask(s(4));
        see(&mut local, 5, 2, &held(&[3]));
        local.wrote(late, Some(&1), (3, &held(&[2, 3])), s(6));
        assert_eq!(local.version(), Some(&2), "nobody can tell which of the two is newer");
        let next = local.ask(s(7));
        local.wrote(next, Some(&2), (4, &held(&[])), s(8));
        assert_eq!(local.version(), Some(&4));
    }

    #[test]
    fn what_neighbours_saw_before_one_entered_lets_it_pass_over_nobody() {
        let mut local = knows(&[2], &held(&[2]));
        let behind = held(&[2, 3]);
        local.watch(&id(3));
        local.wrote(local.ask(s(59)), Some(&0), (1, &behind), s(59));
        local.part(&id(2));
        see(&mut local, 60, 1, &behind);
        assert_eq!(local.lapses(&id(3), Some(&1)), Lapses::default());
        see(&mut local, 119, 1, &behind);
        assert!(local.lapses(&id(3), Some(&1)).holder);
    }

    #[test]
    fn nobody_relies_on_a_neighbour_whose_write_is_in_doubt() {
        let (mut local, held) = (knows(&[1, 2], &held(&[2])), held(&[2]));
        local.doubts(Some(&7));
        assert!(matches!(local.next(&id(2), s(1)), Next::Sleep { .. }), "that is replaced already");
        local.doubts(Some(&0));
        assert_eq!(local.next(&id(2), s(1)), Next::Look { position: 1 });
        see(&mut local, 2, 0, &held);
        assert_eq!(local.next(&id(2), s(2)), Next::Look { position: 1 }, "it may still arrive");
        see(&mut local, 3, 1, &held.renew(&id(1), at(3)).unwrap());
        assert!(matches!(local.next(&id(2), s(3)), Next::Sleep { .. }));
    }

    fn locking() -> Locking {
        Locking { lock_id: "lock-20251121-103045-abc123".parse().unwrap(), reason: None }
    }

    /// The first deployment took the environment under a lock, others wait, and it has ended.
    fn between(waiting: &[u8]) -> QueueRecord {
        let queue = QueueRecord::new("staging".parse().unwrap());
        let lock = Some((locking(), 0));
        let queue = queue.claim_under(lock, who(1), at(0), Lapses::default()).unwrap().queue;
        let queue = waiting.iter().fold(queue, |queue, n| queue.enqueue(who(*n), at(0)));
        queue.release(&id(1), at(5)).unwrap()
    }

    #[test]
    fn under_a_lock_those_of_the_process_go_one_after_another_past_all_others() {
        let mut local = knows(&[3, 5], &between(&[2, 3, 4, 5]));
        assert_eq!(local.next(&id(3), s(0)), Next::Look { position: 2 }, "it is somebody else's");
        local.open(locking());
        assert_eq!(local.next(&id(3), s(0)), Next::Begin);
        assert_eq!(local.next(&id(5), s(0)), Next::Sleep { position: 4, until: None });
        assert_eq!(local.locking(&between(&[2, 3, 4, 5]), &id(5)), Some((locking(), 1)));
        local.part(&id(3));
        assert_eq!(local.next(&id(5), s(0)), Next::Begin);
        local.close(&locking().lock_id);
        assert_eq!(local.next(&id(5), s(0)), Next::Look { position: 4 });
    }

    #[test]
    fn others_wait_for_a_lock_as_for_a_deployment() {
        let mut local = knows(&[2], &between(&[2]));
        assert_eq!(local.next(&id(2), s(59)), Next::Look { position: 1 });
        see(&mut local, 60, 0, &between(&[2]));
        assert_eq!(local.next(&id(2), s(60)), Next::Begin);
        assert!(local.lapses(&id(2), Some(&0)).holder);
    }

    #[test]
    fn a_lock_is_lost_when_something_newer_is_seen_without_it() {
        let (mut local, id) = (knows(&[1], &held(&[])), locking().lock_id);
        local.open(locking());
        assert_eq!(local.lock_state(&id), Some(LockState::Idle));
        local.sends(&between(&[]));
        assert_eq!(local.lock_state(&id), Some(LockState::Unsure), "it may have arrived");
        local.wrote(local.ask(s(1)), Some(&0), (1, &between(&[])), s(1));
        assert_eq!(local.lock_state(&id), Some(LockState::Holds));
        see(&mut local, 2, 0, &held(&[]));
        assert_eq!(local.lock_state(&id), Some(LockState::Unsure), "an old listing shows that");
        see(&mut local, 3, 1, &between(&[]));
        assert_eq!(local.lock_state(&id), Some(LockState::Holds));
        see(&mut local, 4, 2, &held(&[]));
        assert_eq!(local.lock_state(&id), Some(LockState::Lost));
        assert_eq!(local.close(&id), Some(LockState::Lost));
        assert_eq!((local.lock_state(&id), local.close(&id)), (None, None));
    }

    #[test]
    fn a_queue_that_is_gone_is_forgotten() {
        let mut local = knows(&[1, 2], &held(&[2]));
        local.saw(local.ask(s(1)), None, s(1));
        assert_eq!((local.version(), local.next(&id(2), s(1))), (None, Next::Gone));
    }
}
